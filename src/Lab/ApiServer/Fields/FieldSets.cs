using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Schemas;

namespace Vnetcni.Lab.ApiServer.Fields;

/// <summary>The paths of an object that somebody can own: what an apply of it claims.</summary>
internal static class FieldSets
{
    public static FieldSet Of(SchemaNode schema, JsonObject value)
    {
        var result = new FieldSet();
        Walk(schema, value, [], result);
        return result;
    }

    /// <summary>Adds every struct field on the way to a member (not keys of maps, not items of lists).</summary>
    public static FieldSet WithParents(FieldSet set, SchemaNode schema)
    {
        var result = FieldSet.Make(set.IsMember);
        foreach (var (element, child) in set.Children)
        {
            var (inner, isField) = element[0] == 'f'
                ? (schema.Field(element[2..]), schema.HasField(element[2..]))
                : (schema.Item, false);
            var grown = WithParents(child, inner);
            result.Add(element, isField && !grown.IsMember ? FieldSet.Make(true).Union(grown) : grown);
        }

        return result;
    }

    public static bool IsAtomic(SchemaNode schema, JsonNode? node) =>
        node switch { JsonArray => schema.List == ListKind.Atomic, JsonObject => schema.IsAtomicMap, _ => true };

    private static void Walk(SchemaNode schema, JsonNode? node, List<string> path, FieldSet result)
    {
        if (IsAtomic(schema, node))
        {
            result.Insert(path);
        }
        else if (node is JsonArray array)
        {
            foreach (var item in array)
                Step(PathNames.Item(schema, item), schema.Item, item, true, path, result);
        }
        else if (node is JsonObject value)
        {
            foreach (var (name, child) in value)
                Step(PathNames.Field(name), schema.Field(name), child, child is null or JsonObject { Count: 0 } || !schema.HasField(name), path, result);
        }
    }

    private static void Step(string? element, SchemaNode schema, JsonNode? node, bool isMember, List<string> path, FieldSet result)
    {
        if (element is null)
            return;
        path.Add(element);
        Walk(schema, node, path, result);
        if (isMember)
            result.Insert(path);
        path.RemoveAt(path.Count - 1);
    }
}
