using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Schemas;

namespace Vnetcni.Lab.ApiServer.Fields;

/// <summary>The two edits of server-side apply: to lay an object over another, and to take paths out of one.</summary>
internal static class ObjectMerge
{
    /// <summary>Lays <paramref name="applied"/> over <paramref name="target"/>, which it changes.</summary>
    public static void Into(SchemaNode schema, JsonObject target, JsonObject applied)
    {
        foreach (var (name, value) in applied)
        {
            var field = schema.Field(name);
            if (value is JsonObject child && target[name] is JsonObject present && !field.IsAtomicMap)
                Into(field, present, child);
            else if (value is JsonArray items && target[name] is JsonArray list && field.List != ListKind.Atomic)
                Items(field, list, items);
            else
                target[name] = value?.DeepClone();
        }
    }

    /// <summary>A copy without the paths of a set. Containers that are empty then go as well.</summary>
    public static JsonObject Without(SchemaNode schema, JsonObject value, FieldSet gone)
    {
        var result = value.DeepClone().AsObject();
        Remove(schema, result, gone);
        return result;
    }

    private static void Items(SchemaNode schema, JsonArray list, JsonArray items)
    {
        foreach (var item in items)
        {
            var name = PathNames.Item(schema, item);
            var same = list.FirstOrDefault(i => PathNames.Item(schema, i) == name);
            if (same is JsonObject present && item is JsonObject value && !schema.Item.IsAtomicMap)
                Into(schema.Item, present, value);
            else if (same is null)
                list.Add(item?.DeepClone());
            else
                list[list.IndexOf(same)] = item?.DeepClone();
        }
    }

    private static void Remove(SchemaNode schema, JsonNode node, FieldSet gone)
    {
        if (FieldSets.IsAtomic(schema, node))
            return;
        if (node is JsonObject value)
        {
            foreach (var (element, below) in gone.Children)
            {
                var name = element[2..];
                if (element[0] != 'f' || !value.TryGetPropertyValue(name, out var child))
                    continue;
                if (below.IsMember || Emptied(schema.Field(name), child, below))
                    value.Remove(name);
            }
        }
        else if (node is JsonArray array)
        {
            for (var i = array.Count - 1; i >= 0; i--)
            {
                if (PathNames.Item(schema, array[i]) is { } name && gone.Find(name) is { } below
                    && (below.IsMember || Emptied(schema.Item, array[i], below)))
                    array.RemoveAt(i);
            }
        }
    }

    private static bool Emptied(SchemaNode schema, JsonNode? child, FieldSet below)
    {
        if (child is null or JsonObject { Count: 0 } or JsonArray { Count: 0 })
            return false;
        Remove(schema, child, below);
        return child is JsonObject { Count: 0 } or JsonArray { Count: 0 };
    }
}
