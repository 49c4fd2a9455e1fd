using System.Text.Json.Nodes;

namespace Vnetcni.TestSupport.Kubernetes;

/// <summary>
/// The fields that can be owned: scalars, whole arrays, and the items of the few lists that are maps or sets (conditions
/// by type, finalizers, owner references by uid). A path is a list of escaped segments joined by a slash.
/// </summary>
internal static class FieldPaths
{
    private static readonly HashSet<string> NotOwned = new(StringComparer.Ordinal)
    {
        "/apiVersion", "/kind", "/metadata/name", "/metadata/namespace", "/metadata/uid", "/metadata/resourceVersion",
        "/metadata/generation", "/metadata/creationTimestamp", "/metadata/deletionTimestamp", "/metadata/managedFields",
        "/metadata/selfLink",
    };

    /// <summary>Every field of an object with its value, in ordinal order.</summary>
    public static SortedDictionary<string, JsonNode?> Of(JsonObject value)
    {
        var result = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        Walk(value, string.Empty, result);
        return result;
    }

    /// <summary>The name of the list item within a map or set list; null for an atomic list.</summary>
    public static string? ItemName(string listPath, JsonNode? item)
    {
        if (listPath.EndsWith("/conditions", StringComparison.Ordinal) && item is JsonObject)
            return $"[type={KubeJson.Text(item, "type")}]";
        if (listPath == "/metadata/finalizers")
            return $"[={item}]";
        if (listPath == "/metadata/ownerReferences")
            return $"[uid={KubeJson.Text(item, "uid")}]";
        return null;
    }

    /// <summary>Takes a field out, and the containers that are empty then.</summary>
    public static void Remove(JsonObject root, string path) => Remove(root, path.Split('/').Skip(1).ToArray(), 0, string.Empty);

    public static string Escape(string segment) => segment.Replace("~", "~0").Replace("/", "~1");

    private static void Walk(JsonNode? node, string path, SortedDictionary<string, JsonNode?> result)
    {
        if (NotOwned.Contains(path))
            return;
        if (node is JsonObject { Count: > 0 } value)
        {
            foreach (var (name, child) in value)
                Walk(child, $"{path}/{Escape(name)}", result);
        }
        else if (node is JsonArray { Count: > 0 } array && array.All(i => ItemName(path, i) is not null))
        {
            foreach (var item in array)
                Walk(item, $"{path}/{Escape(ItemName(path, item)!)}", result);
        }
        else
        {
            result[path] = node;
        }
    }

    private static void Remove(JsonNode node, string[] path, int depth, string at)
    {
        var here = $"{at}/{path[depth]}";
        var last = depth == path.Length - 1;
        if (node is JsonObject value)
        {
            var name = path[depth].Replace("~1", "/").Replace("~0", "~");
            if (value[name] is not { } child)
                return;
            if (!last)
                Remove(child, path, depth + 1, here);
            if (last || child is JsonObject { Count: 0 } or JsonArray { Count: 0 })
                value.Remove(name);
        }
        else if (node is JsonArray array)
        {
            var item = array.FirstOrDefault(i => ItemName(at, i) is { } n && Escape(n) == path[depth]);
            if (item is null)
                return;
            if (!last)
                Remove(item, path, depth + 1, here);
            if (last || item is JsonObject { Count: 0 })
                array.Remove(item);
        }
    }
}
