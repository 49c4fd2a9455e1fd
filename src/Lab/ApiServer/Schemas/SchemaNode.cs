using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Vnetcni.Lab.ApiServer.Schemas;

/// <summary>One node of a structural schema, made ready for use.</summary>
internal sealed record SchemaNode
{
    private static readonly Dictionary<string, SchemaNode> NoProperties = [];

    /// <summary>Of a value about which no schema says anything: objects are granular, lists atomic.</summary>
    public static SchemaNode Any { get; } = new();

    /// <summary>
    /// Of a struct of a built-in kind: what the table does not name is a field of the struct, and a struct itself.
    /// </summary>
    public static SchemaNode Struct { get; } = new() { IsOpen = true };

    /// <summary>OpenAPI type; empty for any.</summary>
    public string Type { get; init; } = string.Empty;

    public IReadOnlyDictionary<string, SchemaNode> Properties { get; init; } = NoProperties;

    /// <summary>Schema of the values of a map; null when there is none.</summary>
    public SchemaNode? Additional { get; init; }

    /// <summary>Schema of items; null for any.</summary>
    public SchemaNode? Items { get; init; }

    public ListKind List { get; init; }

    public IReadOnlyList<string> MapKeys { get; init; } = [];

    public bool IsAtomicMap { get; init; }

    /// <summary>A struct of a built-in kind: unknown fields are kept and are fields of it.</summary>
    public bool IsOpen { get; init; }

    public bool PreservesUnknown { get; init; }

    public bool IsIntOrString { get; init; }

    public bool IsNullable { get; init; }

    public JsonNode? Default { get; init; }

    public IReadOnlyList<string> Required { get; init; } = [];

    public JsonArray? Enum { get; init; }

    public decimal? Minimum { get; init; }

    public decimal? Maximum { get; init; }

    public bool ExclusiveMinimum { get; init; }

    public bool ExclusiveMaximum { get; init; }

    public decimal? MultipleOf { get; init; }

    public long? MinLength { get; init; }

    public long? MaxLength { get; init; }

    public long? MinItems { get; init; }

    public long? MaxItems { get; init; }

    public long? MinProperties { get; init; }

    public long? MaxProperties { get; init; }

    public bool UniqueItems { get; init; }

    public string Format { get; init; } = string.Empty;

    public string PatternText { get; init; } = string.Empty;

    public Regex? Pattern { get; init; }

    public IReadOnlyList<SchemaNode> AllOf { get; init; } = [];

    public IReadOnlyList<SchemaNode> AnyOf { get; init; } = [];

    public IReadOnlyList<SchemaNode> OneOf { get; init; } = [];

    public SchemaNode? Not { get; init; }

    /// <summary>The schema of a field; <see cref="Any"/> where nothing is said.</summary>
    public SchemaNode Field(string name) =>
        Properties.TryGetValue(name, out var field) ? field : Additional ?? (IsOpen ? Struct : Any);

    /// <summary>Whether a name is a field of a struct, and not a key of a map.</summary>
    public bool HasField(string name) => Properties.ContainsKey(name) || (IsOpen && Additional is null);

    public SchemaNode Item => Items ?? (IsOpen ? Struct : Any);
}
