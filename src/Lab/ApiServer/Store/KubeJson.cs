using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Store;

/// <summary>Reads and edits of objects in JSON.</summary>
internal static class KubeJson
{
    public static JsonObject Copy(this JsonObject value) => value.DeepClone().AsObject();

    /// <summary>A text of the metadata; empty when there is none.</summary>
    public static string Metadata(this JsonObject value, string field) => value["metadata"].Text(field);

    /// <summary>A text within an object; empty when it is missing or not a text.</summary>
    public static string Text(this JsonNode? node, string field) =>
        (node as JsonObject)?[field] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : string.Empty;

    /// <summary>Whether a field says true.</summary>
    public static bool Flag(this JsonObject value, string field) => value[field]?.GetValueKind() == JsonValueKind.True;

    /// <summary>The value at a dotted path as a selector compares it; empty when it is missing.</summary>
    public static string At(this JsonObject value, IReadOnlyList<string> path)
    {
        JsonNode? node = value;
        foreach (var segment in path)
            node = (node as JsonObject)?[segment];
        return node is JsonValue found ? found.ToString() : string.Empty;
    }

    public static JsonObject EnsureMetadata(this JsonObject value) => value.Ensure("metadata");

    public static JsonObject Ensure(this JsonObject value, string name)
    {
        if (value[name] is JsonObject present)
            return present;
        JsonObject made = [];
        value[name] = made;
        return made;
    }

    public static bool HasFinalizers(this JsonObject value) => value["metadata"]?["finalizers"] is JsonArray { Count: > 0 };

    /// <summary>Sets a copy; null removes.</summary>
    public static void Set(this JsonObject target, string name, JsonNode? value)
    {
        if (value is null)
            target.Remove(name);
        else
            target[name] = value.DeepClone();
    }

    /// <summary>A whole number; null when it is none.</summary>
    public static long? Number(this JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number && long.TryParse(value.ToJsonString(), out var number) ? number : null;

    /// <summary>Reads a value to its leaves: a JsonNode parses itself at its first reader, and then not for two at once.</summary>
    public static void Materialise(JsonNode? node)
    {
        if (node is JsonObject value)
        {
            foreach (var (_, child) in value)
                Materialise(child);
        }
        else if (node is JsonArray array)
        {
            foreach (var item in array)
                Materialise(item);
        }
    }

    /// <summary>Drops nulls, as a typed server does.</summary>
    public static void DropNulls(JsonNode? node)
    {
        if (node is JsonObject value)
        {
            List<string>? nulls = null;
            foreach (var (name, child) in value)
            {
                if (child is null)
                    (nulls ??= []).Add(name);
                else
                    DropNulls(child);
            }

            nulls?.ForEach(n => value.Remove(n));
        }
        else if (node is JsonArray array)
        {
            foreach (var item in array)
                DropNulls(item);
        }
    }
}
