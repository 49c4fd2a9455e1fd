using System.Text.Json.Nodes;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.TestSupport.Kubernetes;

/// <summary>Reads and edits of objects in JSON.</summary>
internal static class KubeJson
{
    public static string Text(JsonNode? node, params string[] path)
    {
        foreach (var segment in path)
            node = (node as JsonObject)?[segment];
        return node is JsonValue value ? value.ToString() : string.Empty;
    }

    public static ObjectKey Key(JsonObject value) => new(Text(value, "metadata", "namespace"), Text(value, "metadata", "name"));

    public static JsonObject Metadata(JsonObject value)
    {
        if (value["metadata"] is JsonObject metadata)
            return metadata;
        metadata = [];
        value["metadata"] = metadata;
        return metadata;
    }

    public static JsonObject Copy(JsonObject value) => value.DeepClone().AsObject();

    public static bool HasFinalizers(JsonObject value) => value["metadata"]?["finalizers"] is JsonArray { Count: > 0 };

    public static bool IsDeleting(JsonObject value) => value["metadata"]?["deletionTimestamp"] is not null;

    /// <summary>Equal but for the resourceVersion.</summary>
    public static bool SameButVersion(JsonObject a, JsonObject b)
    {
        var (left, right) = (Copy(a), Copy(b));
        Metadata(left).Remove("resourceVersion");
        Metadata(right).Remove("resourceVersion");
        return JsonNode.DeepEquals(left, right);
    }

    /// <summary>Equal in what counts for metadata.generation: everything but metadata and status.</summary>
    public static bool SameSpec(JsonObject a, JsonObject b)
    {
        var (left, right) = (Copy(a), Copy(b));
        foreach (var side in new[] { left, right })
        {
            side.Remove("metadata");
            side.Remove("status");
        }

        return JsonNode.DeepEquals(left, right);
    }

    /// <summary>Drops nulls, as a typed server does.</summary>
    public static void DropNulls(JsonNode? node)
    {
        if (node is JsonObject value)
        {
            foreach (var name in value.Where(p => p.Value is null).Select(p => p.Key).ToList())
                value.Remove(name);
            foreach (var (_, child) in value)
                DropNulls(child);
        }
        else if (node is JsonArray array)
        {
            foreach (var item in array)
                DropNulls(item);
        }
    }

    public static void Set(JsonObject target, string name, JsonNode? value)
    {
        if (value is null)
            target.Remove(name);
        else
            target[name] = value.DeepClone();
    }
}
