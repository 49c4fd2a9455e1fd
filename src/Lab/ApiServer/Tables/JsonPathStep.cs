using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Tables;

/// <summary>One step of a <see cref="JsonPath"/>.</summary>
internal abstract record JsonPathStep
{
    /// <summary>What the step leads to from a node.</summary>
    public abstract IEnumerable<JsonNode?> From(JsonNode? node);

    /// <summary>A member of an object.</summary>
    public sealed record Field(string Name) : JsonPathStep
    {
        /// <inheritdoc/>
        public override IEnumerable<JsonNode?> From(JsonNode? node) =>
            node is JsonObject map && map.TryGetPropertyValue(Name, out var value) ? [value] : [];
    }

    /// <summary>All elements or member values.</summary>
    public sealed record Wildcard : JsonPathStep
    {
        /// <inheritdoc/>
        public override IEnumerable<JsonNode?> From(JsonNode? node) => Children(node);
    }

    /// <summary>The node and everything below it.</summary>
    public sealed record Descend : JsonPathStep
    {
        /// <inheritdoc/>
        public override IEnumerable<JsonNode?> From(JsonNode? node) => Children(node).SelectMany(From).Prepend(node);
    }

    /// <summary>Elements of an array; negative counts from the end; <paramref name="End"/> is exclusive.</summary>
    public sealed record Slice(int? Start, int? End, int Stride) : JsonPathStep
    {
        /// <inheritdoc/>
        public override IEnumerable<JsonNode?> From(JsonNode? node)
        {
            if (node is not JsonArray array)
                yield break;
            var from = Math.Max(0, Place(Start ?? 0, array.Count));
            var to = Math.Min(array.Count, Place(End ?? array.Count, array.Count));
            for (var i = from; i < to; i += Stride)
                yield return array[i];
        }

        private static int Place(int index, int count) => index < 0 ? index + count : index;
    }

    /// <summary>One element of an array.</summary>
    public sealed record Index(int At) : JsonPathStep
    {
        /// <inheritdoc/>
        public override IEnumerable<JsonNode?> From(JsonNode? node) =>
            node is JsonArray array && (At < 0 ? At + array.Count : At) is var i && i >= 0 && i < array.Count ? [array[i]] : [];
    }

    /// <summary>Elements for which a comparison holds; without an operator, those that have the left side.</summary>
    public sealed record Filter(IReadOnlyList<JsonPathStep> Left, string? Operator, JsonNode? Right) : JsonPathStep
    {
        /// <inheritdoc/>
        public override IEnumerable<JsonNode?> From(JsonNode? node) => node is JsonArray array ? array.Where(Holds) : [];

        private bool Holds(JsonNode? element)
        {
            var left = JsonPath.Walk(Left, element);
            if (Operator is null)
                return left.Count > 0;
            return left.Count == 1 && Compare(left[0], Right) is { } order && Operator switch
            {
                "==" => order == 0,
                "!=" => order != 0,
                "<" => order < 0,
                "<=" => order <= 0,
                ">" => order > 0,
                _ => order >= 0,
            };
        }

        // Null: not comparable.
        private static int? Compare(JsonNode? left, JsonNode? right)
        {
            var (a, b) = (Kind(left), Kind(right));
            if (a == JsonValueKind.String && b == a)
                return string.CompareOrdinal(left!.GetValue<string>(), right!.GetValue<string>());
            if (a == JsonValueKind.Number && b == a)
                return Cells.Number(left!).CompareTo(Cells.Number(right!));
            if (a is JsonValueKind.True or JsonValueKind.False && b is JsonValueKind.True or JsonValueKind.False)
                return a.CompareTo(b);
            return null;
        }

        private static JsonValueKind Kind(JsonNode? node) => node?.GetValueKind() ?? JsonValueKind.Null;
    }

    private static IEnumerable<JsonNode?> Children(JsonNode? node) => node switch
    {
        JsonArray array => array,
        JsonObject map => map.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => m.Value),
        _ => [],
    };
}
