namespace Vnetcni.Api.NodeIpPoolClasses;

/// <summary>
/// A label selector.
/// Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
/// </summary>
public sealed record NodeSelector
{
    /// <summary>Labels that must have these values.</summary>
    public IReadOnlyDictionary<string, string>? MatchLabels { get; init; }

    /// <summary>Requirements that must all hold.</summary>
    public IReadOnlyList<NodeSelectorRequirement>? MatchExpressions { get; init; }

    /// <summary>Whether the labels of a node (null = none) satisfy the selector. An unknown operator matches nothing.</summary>
    public bool Matches(IEnumerable<KeyValuePair<string, string>>? labels)
    {
        var have = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in labels ?? [])
            have[key] = value;
        foreach (var (key, value) in MatchLabels ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            if (!have.TryGetValue(key, out var found) || found != value)
                return false;
        }

        foreach (var requirement in MatchExpressions ?? [])
        {
            if (!requirement.Matches(have.TryGetValue(requirement.Key, out var found) ? found : null))
                return false;
        }

        return true;
    }
}

/// <summary>One requirement of a selector.</summary>
public sealed record NodeSelectorRequirement
{
    /// <summary>Label key.</summary>
    public required string Key { get; init; }

    /// <summary>See <see cref="SelectorOperators"/>.</summary>
    public required string Operator { get; init; }

    /// <summary>Values of In and NotIn.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    internal bool Matches(string? value) => Operator switch
    {
        SelectorOperators.In => value is not null && Contains(value),
        SelectorOperators.NotIn => value is null || !Contains(value),
        SelectorOperators.Exists => value is not null,
        SelectorOperators.DoesNotExist => value is null,
        _ => false,
    };

    private bool Contains(string value) => Values?.Contains(value, StringComparer.Ordinal) == true;
}

/// <summary>Operators of a selector's requirement.</summary>
public static class SelectorOperators
{
    /// <summary>The label has one of the values.</summary>
    public const string In = "In";

    /// <summary>The label is absent or has none of the values.</summary>
    public const string NotIn = "NotIn";

    /// <summary>The label is present.</summary>
    public const string Exists = "Exists";

    /// <summary>The label is absent.</summary>
    public const string DoesNotExist = "DoesNotExist";

    /// <summary>Every value.</summary>
    public static IReadOnlyList<string> All { get; } = [In, NotIn, Exists, DoesNotExist];
}
