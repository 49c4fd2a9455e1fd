using System.Text.Json.Nodes;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.TestSupport.Kubernetes;

/// <summary>Label and field selectors.</summary>
internal static class KubeSelector
{
    /// <summary>A test of objects. Throws <see cref="KubeApiException"/> 400 for a selector that it does not understand.</summary>
    public static Func<JsonObject, bool> Parse(string ns, string labels, string fields)
    {
        var tests = new List<Func<JsonObject, bool>>();
        if (ns.Length > 0)
            tests.Add(o => KubeJson.Text(o, "metadata", "namespace") == ns);
        tests.AddRange(Terms(labels).Select(Label));
        tests.AddRange(Terms(fields).Select(Field));
        return o => tests.TrueForAll(t => t(o));
    }

    // Commas within parentheses belong to a set.
    private static IEnumerable<string> Terms(string selector)
    {
        var (depth, start) = (0, 0);
        for (var i = 0; i <= selector.Length; i++)
        {
            if (i == selector.Length || (selector[i] == ',' && depth == 0))
            {
                if (selector[start..i].Trim() is { Length: > 0 } term)
                    yield return term;
                start = i + 1;
            }
            else
            {
                depth += selector[i] switch { '(' => 1, ')' => -1, _ => 0 };
            }
        }
    }

    private static Func<JsonObject, bool> Field(string term)
    {
        var (path, value, negated) = Equality(term) ?? throw Bad(term);
        var segments = path.Split('.');
        return o => (KubeJson.Text(o, segments) == value) != negated;
    }

    private static Func<JsonObject, bool> Label(string term)
    {
        static string? Value(JsonObject o, string key) => o["metadata"]?["labels"]?[key]?.GetValue<string>();
        if (term.EndsWith(')') && term.IndexOf('(') is var open and > 0)
        {
            var words = term[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is not [var name, "in" or "notin"])
                throw Bad(term);
            var set = term[(open + 1)..^1].Split(',', StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal);
            return words[1] == "in"
                ? o => Value(o, name) is { } v && set.Contains(v)
                : o => Value(o, name) is not { } v || !set.Contains(v);
        }

        if (Equality(term) is { } equality)
            return o => (Value(o, equality.Key) == equality.Value) != equality.Negated;
        if (term.StartsWith('!'))
            return o => Value(o, term[1..].Trim()) is null;
        return o => Value(o, term) is not null;
    }

    private static (string Key, string Value, bool Negated)? Equality(string term)
    {
        var at = term.IndexOf('=');
        if (at <= 0)
            return null;
        var negated = term[at - 1] == '!';
        var key = term[..(negated ? at - 1 : at)].Trim();
        return (key, term[at..].TrimStart('=').Trim(), negated);
    }

    private static KubeApiException Bad(string term) => new(400, "BadRequest", $"the selector term '{term}' is not understood");
}
