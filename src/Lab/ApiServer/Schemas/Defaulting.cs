using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Schemas;

/// <summary>Fills in the schema's defaults.</summary>
internal static class Defaulting
{
    public static void Apply(SchemaNode schema, JsonNode? node)
    {
        if (schema.IsOpen)
            return;
        if (node is JsonObject value)
        {
            foreach (var (name, field) in schema.Properties)
            {
                if (field.Default is null)
                    continue;
                // A null where none is allowed counts as missing.
                if (!value.TryGetPropertyValue(name, out var present) || (present is null && !field.IsNullable))
                    value[name] = field.Default.DeepClone();
            }

            foreach (var (name, child) in value)
            {
                if (child is not (JsonObject or JsonArray))
                    continue;
                if (schema.Properties.TryGetValue(name, out var field))
                    Apply(field, child);
                else if (schema.Additional is { } values)
                    Apply(values, child);
            }
        }
        else if (node is JsonArray array && schema.Items is { } items)
        {
            foreach (var item in array)
                Apply(items, item);
        }
    }
}
