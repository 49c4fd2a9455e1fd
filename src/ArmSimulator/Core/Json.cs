using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vnetcni.ArmSimulator.Core;

/// <summary>Reads and writes JSON that nobody vouches for: a member of the wrong kind reads as absent.</summary>
internal static class Json
{
    // Azure escapes what JSON demands and no more.
    private static readonly JsonWriterOptions AsAzure = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    /// <summary>Throws <see cref="JsonException"/> when the bytes are not one JSON object.</summary>
    public static JsonObject ParseObject(ReadOnlySpan<byte> utf8) =>
        JsonNode.Parse(utf8, documentOptions: Strict) as JsonObject ?? throw new JsonException("The content is not a JSON object.");

    public static byte[] Utf8(JsonNode node)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, AsAzure))
            node.WriteTo(writer);
        return stream.ToArray();
    }

    public static JsonObject? Object(this JsonNode? node, string name) => (node as JsonObject)?[name] as JsonObject;

    public static JsonArray? Array(this JsonNode? node, string name) => (node as JsonObject)?[name] as JsonArray;

    public static string? String(this JsonNode? node, string name) =>
        (node as JsonObject)?[name] is JsonValue v && v.TryGetValue<string>(out var s) ? s : null;

    public static bool? Bool(this JsonNode? node, string name) =>
        (node as JsonObject)?[name] is JsonValue v && v.TryGetValue<bool>(out var b) ? b : null;

    public static void Push(this JsonArray array, JsonNode? node) => array.Add(node);

    public static JsonObject Ref(string id) => new() { ["id"] = id };

    /// <summary>Adds every member of <paramref name="extra"/>, objects member by member; what stands in <paramref name="target"/> loses.</summary>
    public static void Merge(JsonObject target, JsonObject extra)
    {
        foreach (var (name, value) in extra)
        {
            if (value is JsonObject inner && target[name] is JsonObject existing)
                Merge(existing, inner);
            else
                target[name] = value?.DeepClone();
        }
    }

    /// <summary>Moves <paramref name="names"/> to the front, as Azure lists them; the order of the rest stays.</summary>
    public static JsonObject InOrder(JsonObject source, params ReadOnlySpan<string> names)
    {
        var result = new JsonObject();
        foreach (var name in names)
        {
            if (source.TryGetPropertyValue(name, out var value))
            {
                source.Remove(name);
                result[name] = value;
            }
        }

        foreach (var (name, value) in source.ToArray())
        {
            source.Remove(name);
            result[name] = value;
        }

        return result;
    }
}
