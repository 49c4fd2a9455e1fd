using System.Text.Json.Nodes;

namespace Vnetcni.TestSupport.Kubernetes;

/// <summary>Merge patches: RFC 7396, and as much of the strategic kind as nodes and pods need.</summary>
internal static class KubePatch
{
    private static readonly Dictionary<string, string> MergeKeys = new(StringComparer.Ordinal)
    {
        ["conditions"] = "type",
        ["taints"] = "key",
        ["addresses"] = "type",
        ["containers"] = "name",
        ["ownerReferences"] = "uid",
    };

    public static JsonObject Merge(JsonObject target, JsonObject patch)
    {
        var result = KubeJson.Copy(target);
        Into(result, patch, strategic: false);
        return result;
    }

    public static JsonObject Strategic(JsonObject target, JsonObject patch)
    {
        var result = KubeJson.Copy(target);
        Into(result, patch, strategic: true);
        return result;
    }

    private static void Into(JsonObject target, JsonObject patch, bool strategic)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
                target.Remove(name);
            else if (value is JsonObject child)
                Into(ObjectAt(target, name), child, strategic);
            else if (strategic && value is JsonArray items && MergeKeys.TryGetValue(name, out var key))
                target[name] = MergeItems(target[name] as JsonArray ?? [], items, key);
            else if (strategic && value is JsonArray set && name == "finalizers")
                target[name] = Union(target[name] as JsonArray ?? [], set);
            else
                target[name] = value.DeepClone();
        }
    }

    private static JsonObject ObjectAt(JsonObject target, string name)
    {
        if (target[name] is JsonObject present)
            return present;
        JsonObject made = [];
        target[name] = made;
        return made;
    }

    private static JsonArray MergeItems(JsonArray present, JsonArray items, string key)
    {
        var result = present.DeepClone().AsArray();
        foreach (var item in items.OfType<JsonObject>())
        {
            var same = result.OfType<JsonObject>().FirstOrDefault(o => KubeJson.Text(o, key) == KubeJson.Text(item, key));
            if (KubeJson.Text(item, "$patch") == "delete")
                result.Remove(same);
            else if (same is null)
                result.Add(item.DeepClone());
            else
                Into(same, item, strategic: true);
        }

        return result;
    }

    private static JsonArray Union(JsonArray present, JsonArray added)
    {
        var result = present.DeepClone().AsArray();
        foreach (var item in added.Where(a => !result.Any(r => JsonNode.DeepEquals(r, a))).ToList())
            result.Add(item!.DeepClone());
        return result;
    }
}
