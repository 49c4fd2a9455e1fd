using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Schemas;

/// <summary>Makes an openAPIV3Schema ready for use.</summary>
internal static class SchemaCompiler
{
    private const int MaxDepth = 64;
    private static readonly TimeSpan PatternLimit = TimeSpan.FromSeconds(1);

    /// <summary>The schema of a custom resource: its own, with the metadata of every object.</summary>
    public static SchemaNode CustomResource(JsonObject? schema)
    {
        var root = schema is null ? new SchemaNode { Type = "object", PreservesUnknown = true } : Compile(schema, 0);
        var properties = new Dictionary<string, SchemaNode>(root.Properties, StringComparer.Ordinal)
        {
            ["apiVersion"] = new SchemaNode { Type = "string" },
            ["kind"] = new SchemaNode { Type = "string" },
            ["metadata"] = BuiltInSchemas.Metadata,
        };
        return root with { Properties = properties };
    }

    /// <summary>Throws <see cref="FormatException"/> for a schema that is none.</summary>
    public static SchemaNode Compile(JsonObject schema) => Compile(schema, 0);

    private static SchemaNode Compile(JsonObject s, int depth)
    {
        if (depth > MaxDepth)
            throw new FormatException($"schemas are nested more than {MaxDepth} deep");
        var pattern = s.Text("pattern");
        return new SchemaNode
        {
            Type = s.Text("type"),
            Properties = Properties(s["properties"], depth),
            Additional = s["additionalProperties"] switch
            {
                JsonObject values => Compile(values, depth + 1),
                JsonValue value when value.GetValueKind() == JsonValueKind.True => SchemaNode.Any with { PreservesUnknown = true },
                _ => null,
            },
            Items = s["items"] is JsonObject items ? Compile(items, depth + 1) : null,
            List = s.Text("x-kubernetes-list-type") switch { "map" => ListKind.Map, "set" => ListKind.Set, _ => ListKind.Atomic },
            MapKeys = Texts(s["x-kubernetes-list-map-keys"]),
            IsAtomicMap = s.Text("x-kubernetes-map-type") == "atomic",
            PreservesUnknown = s.Flag("x-kubernetes-preserve-unknown-fields"),
            IsIntOrString = s.Flag("x-kubernetes-int-or-string"),
            IsNullable = s.Flag("nullable"),
            Default = s["default"],
            Required = Texts(s["required"]),
            Enum = s["enum"] as JsonArray,
            Minimum = Number(s, "minimum"),
            Maximum = Number(s, "maximum"),
            ExclusiveMinimum = s.Flag("exclusiveMinimum"),
            ExclusiveMaximum = s.Flag("exclusiveMaximum"),
            MultipleOf = Number(s, "multipleOf"),
            MinLength = s["minLength"].Number(),
            MaxLength = s["maxLength"].Number(),
            MinItems = s["minItems"].Number(),
            MaxItems = s["maxItems"].Number(),
            MinProperties = s["minProperties"].Number(),
            MaxProperties = s["maxProperties"].Number(),
            UniqueItems = s.Flag("uniqueItems"),
            Format = s.Text("format"),
            PatternText = pattern,
            Pattern = pattern.Length == 0 ? null : Regex(pattern),
            AllOf = Schemas(s["allOf"], depth),
            AnyOf = Schemas(s["anyOf"], depth),
            OneOf = Schemas(s["oneOf"], depth),
            Not = s["not"] is JsonObject not ? Compile(not, depth + 1) : null,
        };
    }

    private static Dictionary<string, SchemaNode> Properties(JsonNode? node, int depth)
    {
        var result = new Dictionary<string, SchemaNode>(StringComparer.Ordinal);
        foreach (var (name, value) in node as JsonObject ?? [])
        {
            if (value is JsonObject schema)
                result.Add(name, Compile(schema, depth + 1));
        }

        return result;
    }

    private static List<SchemaNode> Schemas(JsonNode? node, int depth) =>
        [.. (node as JsonArray ?? []).OfType<JsonObject>().Select(s => Compile(s, depth + 1))];

    private static List<string> Texts(JsonNode? node) =>
        [.. (node as JsonArray ?? []).OfType<JsonValue>().Where(v => v.GetValueKind() == JsonValueKind.String).Select(v => v.GetValue<string>())];

    private static decimal? Number(JsonObject s, string name) =>
        s[name] is JsonValue v && v.GetValueKind() == JsonValueKind.Number
        && decimal.TryParse(v.ToJsonString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static Regex Regex(string pattern)
    {
        try
        {
            // Linear time, as the RE2 of the real server.
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, PatternLimit);
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"pattern '{pattern}': {e.Message}", e);
        }
        catch (NotSupportedException e)
        {
            throw new FormatException($"pattern '{pattern}': {e.Message}", e);
        }
    }
}
