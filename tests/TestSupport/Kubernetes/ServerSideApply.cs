using System.Text.Json.Nodes;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.TestSupport.Kubernetes;

/// <summary>
/// Server-side apply for objects whose lists are atomic, except conditions, finalizers and owner references.
/// Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/
/// </summary>
internal static class ServerSideApply
{
    /// <summary>The new object and its owners. Throws 409 Conflict where somebody else owns a field with another value.</summary>
    public static (JsonObject Object, FieldOwners Owners) Apply(
        JsonObject live, FieldOwners owners, JsonObject applied, string manager, bool force)
    {
        var (result, next) = (KubeJson.Copy(live), owners.Copy());
        var (wanted, present) = (FieldPaths.Of(applied), FieldPaths.Of(live));
        var conflicts = new List<string>();
        foreach (var (path, value) in wanted)
        {
            if (present.TryGetValue(path, out var is_) && JsonNode.DeepEquals(is_, value))
                continue;
            foreach (var other in next.OthersThan(manager, path).ToList())
            {
                conflicts.Add($"{path} (owned by {other})");
                next.Drop(other, path);
            }
        }

        if (conflicts.Count > 0 && !force)
            throw new KubeApiException(409, "Conflict", $"Apply failed with {conflicts.Count} conflicts: {string.Join(", ", conflicts)}");
        foreach (var path in next.Of(manager).Where(p => !wanted.ContainsKey(p)).ToList())
        {
            next.Drop(manager, path);
            if (!next.OthersThan(manager, path).Any())
                FieldPaths.Remove(result, path);
        }

        foreach (var path in wanted.Keys)
            next.Share(manager, path);
        MergeInto(result, applied, string.Empty);
        return (result, next);
    }

    private static void MergeInto(JsonObject target, JsonObject applied, string path)
    {
        foreach (var (name, value) in applied)
        {
            var at = $"{path}/{FieldPaths.Escape(name)}";
            if (value is JsonObject child && target[name] is JsonObject present)
                MergeInto(present, child, at);
            else if (value is JsonArray items && target[name] is JsonArray list && items.Concat(list).All(i => FieldPaths.ItemName(at, i) is not null))
                MergeItems(list, items, at);
            else
                target[name] = value?.DeepClone();
        }
    }

    private static void MergeItems(JsonArray list, JsonArray items, string at)
    {
        foreach (var item in items)
        {
            var name = FieldPaths.ItemName(at, item)!;
            var same = list.FirstOrDefault(i => FieldPaths.ItemName(at, i) == name);
            if (same is JsonObject present && item is JsonObject value)
                MergeInto(present, value, $"{at}/{FieldPaths.Escape(name)}");
            else if (same is null)
                list.Add(item?.DeepClone());
        }
    }
}
