using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Schemas;

/// <summary>
/// What becomes of empty values of a built-in kind: the real server decodes them into Go structs, where a list or a map
/// without members is the same as none, and a null item is a struct without fields.
/// </summary>
internal static class EmptyValues
{
    public static void Drop(SchemaNode schema, JsonNode? node)
    {
        if (node is JsonObject value)
        {
            List<string>? gone = null;
            foreach (var (name, child) in value)
            {
                var field = schema.Field(name);
                Drop(field, child);
                if (child is JsonArray { Count: 0 } && field.Type == "array" || (child is JsonObject { Count: 0 } && field.Additional is not null))
                    (gone ??= []).Add(name);
            }

            gone?.ForEach(name => value.Remove(name));
        }
        else if (node is JsonArray array)
        {
            for (var i = 0; i < array.Count; i++)
            {
                if (array[i] is null && schema.Item.Type == "object")
                    array[i] = new JsonObject();
                Drop(schema.Item, array[i]);
            }
        }
    }
}
