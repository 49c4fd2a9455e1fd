using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Vnetcni.Lab.ApiServer.Http;

/// <summary>Reads bodies: JSON, and the few that kubectl sends as protobuf; bounded in size and depth.</summary>
internal static class RequestBody
{
    /// <summary>The most bytes of a body; the real server's limit.</summary>
    public const long Limit = 3 * 1024 * 1024;

    /// <summary>The most bytes of a stored object: etcd's limit of a request.</summary>
    public const int ObjectLimit = 1536 * 1024;

    /// <summary>Bytes at which the connection is cut.</summary>
    public const long HardLimit = 16 * 1024 * 1024;

    private static readonly JsonDocumentOptions Rules = new() { MaxDepth = 128, AllowDuplicateProperties = false };

    /// <summary>The media type without parameters; JSON when none is said.</summary>
    public static string TypeOf(HttpRequest request) =>
        request.ContentType is { Length: > 0 } type ? MediaClause.One(type).Type : "application/json";

    /// <summary>An object in <c>application/json</c>; 400, 413 or 415 when it is none.</summary>
    public static async Task<JsonObject> ObjectAsync(HttpContext context) =>
        await OptionalAsync(context) as JsonObject ?? throw Refusals.BadRequest("the body of the request must be a JSON object");

    /// <summary>The same, but nothing is null.</summary>
    public static async Task<JsonNode?> OptionalAsync(HttpContext context)
    {
        switch (TypeOf(context.Request))
        {
            case "application/json":
                return await ReadAsync(context);
            case ProtobufBody.MediaType:
                return Protobuf(await BytesAsync(context));
            default:
                throw Refusals.BodyOf(["application/json"]);
        }
    }

    /// <summary>The body as JSON, whatever the media type; null when there is none.</summary>
    public static async Task<JsonNode?> ReadAsync(HttpContext context)
    {
        using var buffer = await BytesAsync(context);
        if (buffer.Length == 0)
            return null;
        try
        {
            return JsonNode.Parse(buffer.GetBuffer().AsSpan(0, (int)buffer.Length), documentOptions: Rules);
        }
        catch (JsonException e)
        {
            throw Refusals.BadRequest($"the body of the request is not the JSON that is served here: {e.Message}");
        }
    }

    private static JsonObject? Protobuf(MemoryStream body)
    {
        using (body)
        {
            if (body.Length == 0)
                return null;
            try
            {
                return ProtobufBody.Read(body.GetBuffer().AsSpan(0, (int)body.Length)) ?? throw Refusals.BodyOf(["application/json"]);
            }
            catch (FormatException e)
            {
                throw Refusals.BadRequest($"the body of the request is no protobuf message: {e.Message}");
            }
        }
    }

    private static async Task<MemoryStream> BytesAsync(HttpContext context)
    {
        var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        var length = 0L;
        int read;
        while ((read = await context.Request.Body.ReadAsync(chunk, context.RequestAborted)) > 0)
        {
            // What is too much is still taken in, up to the hard limit: else the client, busy sending, misses the answer.
            length += read;
            if (length <= Limit)
                await buffer.WriteAsync(chunk.AsMemory(0, read), context.RequestAborted);
        }

        if (length > Limit)
            throw Refusals.TooLarge(Limit);
        return buffer;
    }
}
