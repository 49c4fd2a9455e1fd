using System.Text.Json;
using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Tables;

namespace Vnetcni.Lab.ApiServer.OpenApi;

/// <summary>A schema as the protobuf message <c>openapi.v2.Schema</c>.</summary>
internal static class GnosticSchema
{
    /// <summary>Writes the fields of one schema and of those below it.</summary>
    public static void Write(ProtobufWriter writer, JsonObject schema)
    {
        writer.Text(1, Cells.Text(schema, "$ref"));
        writer.Text(2, Cells.Text(schema, "format"));
        writer.Text(3, Cells.Text(schema, "title"));
        writer.Text(4, Cells.Text(schema, "description"));
        Bounds(writer, schema);
        foreach (var name in Cells.Items(schema, "required"))
            writer.Text(19, name?.GetValue<string>());
        foreach (var value in Cells.Items(schema, "enum"))
            writer.Message(20, any => any.Text(2, value?.ToJsonString() ?? "null"));
        if (schema["additionalProperties"] is JsonObject additional)
            writer.Message(21, item => item.Message(1, inner => Write(inner, additional)));
        else if (Cells.IsTrue(schema, "additionalProperties"))
            writer.Message(21, item => item.Boolean(2, true));
        if (Cells.Text(schema, "type") is { } type)
            writer.Message(22, item => item.Text(1, type));
        if (schema["items"] is JsonObject items)
            writer.Message(23, item => item.Message(1, inner => Write(inner, items)));
        if (schema["properties"] is JsonObject properties)
            writer.Message(25, all => GnosticDocument.Named(all, 1, properties, Write));
        GnosticDocument.Extensions(writer, 31, schema);
    }

    private static void Bounds(ProtobufWriter writer, JsonObject schema)
    {
        writer.Double(6, Number(schema, "multipleOf"));
        writer.Double(7, Number(schema, "maximum"));
        writer.Boolean(8, Cells.IsTrue(schema, "exclusiveMaximum"));
        writer.Double(9, Number(schema, "minimum"));
        writer.Boolean(10, Cells.IsTrue(schema, "exclusiveMinimum"));
        writer.Integer(11, Cells.Integer(schema, "maxLength"));
        writer.Integer(12, Cells.Integer(schema, "minLength"));
        writer.Text(13, Cells.Text(schema, "pattern"));
        writer.Integer(14, Cells.Integer(schema, "maxItems"));
        writer.Integer(15, Cells.Integer(schema, "minItems"));
        writer.Boolean(16, Cells.IsTrue(schema, "uniqueItems"));
        writer.Integer(17, Cells.Integer(schema, "maxProperties"));
        writer.Integer(18, Cells.Integer(schema, "minProperties"));
    }

    private static double Number(JsonObject schema, string name) =>
        schema[name] is { } value && value.GetValueKind() == JsonValueKind.Number ? Cells.Number(value) : 0;
}
