using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Schemas;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Writes;

/// <summary>
/// Strategic merge patch: lists of objects are merged by their key, lists of texts as sets, where the kind says so.
/// Source: https://github.com/kubernetes/community/blob/master/contributors/devel/sig-api-machinery/strategic-merge-patch.md
/// </summary>
internal static class StrategicPatch
{
    private const string Directive = "$patch";
    private const string Retain = "$retainKeys";
    private const string Order = "$setElementOrder/";
    private const string DeleteItems = "$deleteFromPrimitiveList/";

    public static JsonObject Apply(SchemaNode schema, JsonObject target, JsonObject patch)
    {
        var result = target.Copy();
        Into(schema, result, patch);
        return result;
    }

    private static void Into(SchemaNode schema, JsonObject target, JsonObject patch)
    {
        if (patch.Text(Directive) is "replace" or "delete")
            target.Clear();
        if (patch.Text(Directive) == "delete")
            return;
        if (patch[Retain] is JsonArray retained)
        {
            var names = retained.Select(n => n?.ToString()).ToHashSet();
            foreach (var name in target.Select(p => p.Key).Where(k => !names.Contains(k)).ToList())
                target.Remove(name);
        }

        foreach (var (name, value) in patch)
        {
            if (name.StartsWith(DeleteItems, StringComparison.Ordinal))
                Drop(target, name[DeleteItems.Length..], value);
            else if (!name.StartsWith('$'))
                Field(schema.Field(name), target, name, value);
        }

        foreach (var (name, order) in patch)
        {
            if (name.StartsWith(Order, StringComparison.Ordinal) && order is JsonArray wanted)
                Sort(schema.Field(name[Order.Length..]), target, name[Order.Length..], wanted);
        }
    }

    private static void Field(SchemaNode schema, JsonObject target, string name, JsonNode? value)
    {
        if (value is null)
        {
            target.Remove(name);
        }
        else if (value is JsonObject inner)
        {
            if (inner.Text(Directive) == "delete")
                target.Remove(name);
            else
                Into(schema, target.Ensure(name), inner);
        }
        else if (value is JsonArray items && schema.List == ListKind.Map)
        {
            target[name] = Merged(schema, target[name] as JsonArray ?? [], items);
        }
        else if (value is JsonArray set && schema.List == ListKind.Set)
        {
            target[name] = Union(target[name] as JsonArray ?? [], set);
        }
        else
        {
            target[name] = value.DeepClone();
        }
    }

    private static JsonArray Merged(SchemaNode schema, JsonArray present, JsonArray items)
    {
        var key = schema.MapKeys[0];
        var replaces = items.OfType<JsonObject>().Any(i => i.Text(Directive) == "replace" && i.Count == 1);
        var result = replaces ? [] : present.DeepClone().AsArray();
        foreach (var item in items.OfType<JsonObject>())
        {
            if (item.Count == 1 && item.ContainsKey(Directive))
                continue;
            var same = result.OfType<JsonObject>().FirstOrDefault(o => JsonNode.DeepEquals(o[key], item[key]));
            if (item.Text(Directive) == "delete")
            {
                if (same is not null)
                    result.Remove(same);
            }
            else if (same is not null)
            {
                Into(schema.Item, same, item);
            }
            else
            {
                JsonObject made = [];
                Into(schema.Item, made, item);
                result.Add(made);
            }
        }

        return result;
    }

    private static JsonArray Union(JsonArray present, JsonArray added)
    {
        var result = present.DeepClone().AsArray();
        foreach (var item in added)
        {
            if (!result.Any(r => JsonNode.DeepEquals(r, item)))
                result.Add(item?.DeepClone());
        }

        return result;
    }

    private static void Drop(JsonObject target, string name, JsonNode? items)
    {
        if (target[name] is not JsonArray list || items is not JsonArray gone)
            return;
        for (var i = list.Count - 1; i >= 0; i--)
        {
            if (gone.Any(g => JsonNode.DeepEquals(g, list[i])))
                list.RemoveAt(i);
        }
    }

    // Items that the order names come in its order; the others keep their places behind their predecessors.
    private static void Sort(SchemaNode schema, JsonObject target, string name, JsonArray wanted)
    {
        if (target[name] is not JsonArray list || schema.List == ListKind.Atomic)
            return;
        JsonNode? Key(JsonNode? item) => schema.List == ListKind.Map ? (item as JsonObject)?[schema.MapKeys[0]] : item;
        int Place(JsonNode? item) => wanted.ToList().FindIndex(w => JsonNode.DeepEquals(Key(w), Key(item)));
        var named = new Queue<JsonNode?>(list.Where(i => Place(i) >= 0).OrderBy(Place).Select(i => i?.DeepClone()));
        target[name] = new JsonArray([.. list.Select(i => Place(i) >= 0 ? named.Dequeue() : i?.DeepClone())]);
    }
}
