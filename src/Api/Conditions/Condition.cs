namespace Vnetcni.Api.Conditions;

/// <summary>
/// One condition of a status, of the shape of <c>metav1.Condition</c>.
/// Source: https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md
/// </summary>
public sealed record Condition
{
    /// <summary>What is told about, see <see cref="Names.ConditionTypes"/>; the key of the list.</summary>
    public required string Type { get; init; }

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Machine-readable cause in CamelCase, see <see cref="Names.Reasons"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>Cause, numbers and next step for a person.</summary>
    public string? Message { get; init; }

    /// <summary>When <see cref="Status"/> last changed, in whole seconds.</summary>
    public DateTimeOffset? LastTransitionTime { get; init; }

    /// <summary><c>metadata.generation</c> that this was computed from.</summary>
    public long? ObservedGeneration { get; init; }
}
