using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Tables;

/// <summary>
/// The JSONPath of printer columns, as Kubernetes reads it: fields, quoted fields, indexes, slices, <c>*</c>, <c>..</c> and filters.
/// Missing keys find nothing. https://kubernetes.io/docs/reference/kubectl/jsonpath/
/// </summary>
internal sealed class JsonPath
{
    private readonly IReadOnlyList<JsonPathStep> _steps;

    private JsonPath(IReadOnlyList<JsonPathStep> steps) => _steps = steps;

    /// <summary>Reads a path such as <c>.status.conditions[?(@.type=="Ready")].status</c>; throws <see cref="FormatException"/>.</summary>
    public static JsonPath Parse(string text) => new(new JsonPathParser(text).Read());

    /// <summary>All that the path finds, in order; an array index out of range finds nothing.</summary>
    public IReadOnlyList<JsonNode?> Find(JsonNode? root) => Walk(_steps, root);

    /// <summary>Follows steps from one node.</summary>
    internal static List<JsonNode?> Walk(IReadOnlyList<JsonPathStep> steps, JsonNode? root)
    {
        List<JsonNode?> found = [root];
        foreach (var step in steps)
        {
            found = [.. found.SelectMany(step.From)];
            if (found.Count == 0)
                break;
        }

        return found;
    }
}
