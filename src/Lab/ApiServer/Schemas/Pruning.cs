using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Schemas;

/// <summary>Takes out what the schema does not know, and nulls where it allows none.</summary>
internal static class Pruning
{
    /// <summary>Prunes and calls <paramref name="unknown"/> with the path of everything that goes.</summary>
    public static void Prune(SchemaNode schema, JsonNode? node, string path, Action<string>? unknown)
    {
        if (schema.IsOpen)
            return;
        if (node is JsonObject value)
        {
            List<string>? gone = null;
            foreach (var (name, child) in value)
            {
                var field = schema.Properties.TryGetValue(name, out var known) ? known : schema.Additional;
                if (field is null ? !schema.PreservesUnknown : child is null && !field.IsNullable)
                {
                    (gone ??= []).Add(name);
                    if (field is null)
                        unknown?.Invoke(Join(path, name));
                }
                else if (field is not null && child is JsonObject or JsonArray)
                {
                    Prune(field!, child, Join(path, name), unknown);
                }
            }

            gone?.ForEach(name => value.Remove(name));
        }
        else if (node is JsonArray array)
        {
            for (var i = 0; i < array.Count; i++)
            {
                if (schema.Items is { } items)
                    Prune(items, array[i], string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{path}[{i}]"), unknown);
            }
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
