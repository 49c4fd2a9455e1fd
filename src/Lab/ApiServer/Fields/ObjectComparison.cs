using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Schemas;

namespace Vnetcni.Lab.ApiServer.Fields;

/// <summary>What differs between two states of an object, by path.</summary>
internal sealed class ObjectComparison
{
    private readonly List<string> path = [];

    private ObjectComparison()
    {
    }

    public FieldSet Added { get; private set; } = new();

    public FieldSet Removed { get; private set; } = new();

    public FieldSet Modified { get; private set; } = new();

    public bool IsSame => Added.IsEmpty && Removed.IsEmpty && Modified.IsEmpty;

    public static ObjectComparison Of(SchemaNode schema, JsonObject before, JsonObject after)
    {
        var result = new ObjectComparison();
        result.Fields(schema, before, after);
        return result;
    }

    /// <summary>Takes paths out of the account.</summary>
    public void Ignore(FieldSet paths)
    {
        Added = Added.Except(paths);
        Removed = Removed.Except(paths);
        Modified = Modified.Except(paths);
    }

    // Both sides are there.
    private void Both(SchemaNode schema, JsonNode? before, JsonNode? after)
    {
        if (before is JsonObject left && after is JsonObject right && !schema.IsAtomicMap && left.Count + right.Count > 0)
            Fields(schema, left, right);
        else if (before is JsonArray was && after is JsonArray now && schema.List != ListKind.Atomic && was.Count + now.Count > 0)
            Items(schema, was, now);
        else if (!JsonNode.DeepEquals(before, after))
            Modified.Insert(path);
    }

    private void Fields(SchemaNode schema, JsonObject before, JsonObject after)
    {
        foreach (var (name, child) in before)
        {
            path.Add(PathNames.Field(name));
            if (after.TryGetPropertyValue(name, out var other))
            {
                if (!ReferenceEquals(child, other))
                    Both(schema.Field(name), child, other);
            }
            else
            {
                Alone(schema.Field(name), child, Removed);
            }

            path.RemoveAt(path.Count - 1);
        }

        foreach (var (name, child) in after)
        {
            if (before.ContainsKey(name))
                continue;
            path.Add(PathNames.Field(name));
            Alone(schema.Field(name), child, Added);
            path.RemoveAt(path.Count - 1);
        }
    }

    private void Items(SchemaNode schema, JsonArray before, JsonArray after)
    {
        var (old, now) = (ByName(schema, before), ByName(schema, after));
        foreach (var (name, item) in old)
        {
            path.Add(name);
            if (now.TryGetValue(name, out var other))
                Both(schema.Item, item, other);
            else
                Alone(schema.Item, item, Removed);
            path.RemoveAt(path.Count - 1);
        }

        foreach (var (name, item) in now)
        {
            if (old.ContainsKey(name))
                continue;
            path.Add(name);
            Alone(schema.Item, item, Added);
            path.RemoveAt(path.Count - 1);
        }
    }

    // Only one side is there: it, and all below it.
    private void Alone(SchemaNode schema, JsonNode? node, FieldSet into)
    {
        into.Insert(path);
        if (FieldSets.IsAtomic(schema, node))
            return;
        if (node is JsonObject value)
        {
            foreach (var (name, child) in value)
                Below(PathNames.Field(name), schema.Field(name), child, into);
        }
        else if (node is JsonArray array)
        {
            foreach (var item in array)
            {
                if (PathNames.Item(schema, item) is { } name)
                    Below(name, schema.Item, item, into);
            }
        }
    }

    private void Below(string element, SchemaNode schema, JsonNode? node, FieldSet into)
    {
        path.Add(element);
        Alone(schema, node, into);
        path.RemoveAt(path.Count - 1);
    }

    private static Dictionary<string, JsonNode?> ByName(SchemaNode schema, JsonArray array)
    {
        var result = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var item in array)
        {
            if (PathNames.Item(schema, item) is { } name)
                result[name] = item;
        }

        return result;
    }
}
