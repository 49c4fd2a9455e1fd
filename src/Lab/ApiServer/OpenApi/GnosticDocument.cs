using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Tables;

namespace Vnetcni.Lab.ApiServer.OpenApi;

/// <summary>
/// The OpenAPI 2 document as the protobuf message <c>openapi.v2.Document</c>, the only form that clients written in Go ask
/// for. Field numbers: https://github.com/google/gnostic/blob/main/openapiv2/OpenAPIv2.proto
/// </summary>
internal static class GnosticDocument
{
    private static readonly Dictionary<string, int> Methods = new(StringComparer.Ordinal)
    {
        ["get"] = 2,
        ["put"] = 3,
        ["post"] = 4,
        ["delete"] = 5,
        ["options"] = 6,
        ["head"] = 7,
        ["patch"] = 8,
    };

    /// <summary>The message.</summary>
    public static ReadOnlyMemory<byte> Encode(JsonObject document)
    {
        var writer = new ProtobufWriter();
        writer.Text(1, Cells.Text(document, "swagger"));
        writer.Message(2, info =>
        {
            info.Text(1, Cells.Text(document, "info", "title"));
            info.Text(2, Cells.Text(document, "info", "version"));
        });
        writer.Message(8, paths => Named(paths, 2, document["paths"], PathItem));
        writer.Message(9, definitions => Named(definitions, 1, document["definitions"], GnosticSchema.Write));
        return writer.Written;
    }

    /// <summary>Repeated pairs of name (1) and message (2).</summary>
    internal static void Named(ProtobufWriter writer, int field, JsonNode? map, Action<ProtobufWriter, JsonObject> body)
    {
        foreach (var (name, value) in map as JsonObject ?? [])
        {
            if (value is JsonObject inner)
            {
                writer.Message(field, pair =>
                {
                    pair.Text(1, name);
                    pair.Message(2, message => body(message, inner));
                });
            }
        }
    }

    /// <summary>Members that begin with <c>x-</c>, as YAML text (JSON is YAML).</summary>
    internal static void Extensions(ProtobufWriter writer, int field, JsonObject source)
    {
        foreach (var (name, value) in source)
        {
            if (name.StartsWith("x-", StringComparison.Ordinal) && value is not null)
            {
                writer.Message(field, pair =>
                {
                    pair.Text(1, name);
                    pair.Message(2, any => any.Text(2, value.ToJsonString()));
                });
            }
        }
    }

    private static void PathItem(ProtobufWriter writer, JsonObject item)
    {
        foreach (var (method, value) in item)
        {
            if (Methods.TryGetValue(method, out var field) && value is JsonObject operation)
                writer.Message(field, message => Operation(message, operation));
        }
    }

    private static void Operation(ProtobufWriter writer, JsonObject operation)
    {
        writer.Text(5, Cells.Text(operation, "operationId"));
        foreach (var produced in Cells.Items(operation, "produces"))
            writer.Text(6, produced?.GetValue<string>());
        foreach (var consumed in Cells.Items(operation, "consumes"))
            writer.Text(7, consumed?.GetValue<string>());
        foreach (var parameter in Cells.Items(operation, "parameters").OfType<JsonObject>())
            writer.Message(8, item => item.Message(1, message => Parameter(message, parameter)));
        writer.Message(9, responses => Named(responses, 1, operation["responses"], static (value, response) =>
            value.Message(1, message =>
            {
                message.Text(1, Cells.Text(response, "description"));
                if (response["schema"] is JsonObject schema)
                    message.Message(2, item => item.Message(1, inner => GnosticSchema.Write(inner, schema)));
            })));
        Extensions(writer, 13, operation);
    }

    private static void Parameter(ProtobufWriter writer, JsonObject parameter)
    {
        var place = Cells.Text(parameter, "in");
        if (place == "body")
        {
            writer.Message(1, body =>
            {
                body.Text(2, Cells.Text(parameter, "name"));
                body.Text(3, place);
                body.Boolean(4, Cells.IsTrue(parameter, "required"));
                if (parameter["schema"] is JsonObject schema)
                    body.Message(5, message => GnosticSchema.Write(message, schema));
            });
            return;
        }

        // Query and path parameters differ by one field in between.
        var query = place == "query";
        writer.Message(2, other => other.Message(query ? 3 : 4, message =>
        {
            message.Boolean(1, Cells.IsTrue(parameter, "required"));
            message.Text(2, place);
            message.Text(4, Cells.Text(parameter, "name"));
            message.Text(query ? 6 : 5, Cells.Text(parameter, "type"));
        }));
    }
}
