using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Vnetcni.Lab.ApiServer.Status;

namespace Vnetcni.Lab.ApiServer.Http;

/// <summary>Writes answers.</summary>
internal static class Answer
{
    private static readonly JsonWriterOptions Compact = new() { MaxDepth = 200 };
    private static readonly JsonWriterOptions Indented = new() { MaxDepth = 200, Indented = true };

    /// <summary>A JSON document.</summary>
    public static Task JsonAsync(HttpContext context, int code, JsonNode body, bool pretty = false, string contentType = "application/json")
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        Write(buffer, body, pretty);
        return BytesAsync(context, code, buffer.WrittenMemory, contentType);
    }

    /// <summary>Bytes that are the document already.</summary>
    public static async Task BytesAsync(HttpContext context, int code, ReadOnlyMemory<byte> body, string contentType = "application/json")
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>Text such as <c>ok</c>.</summary>
    public static Task TextAsync(HttpContext context, string text) =>
        BytesAsync(context, StatusCodes.Status200OK, System.Text.Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8");

    /// <summary>A Status with its HTTP code.</summary>
    public static Task StatusAsync(HttpContext context, ApiStatus status)
    {
        if (status.RetryAfterSeconds > 0)
            context.Response.Headers.RetryAfter = status.RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return JsonAsync(context, status.Code, status.ToJson());
    }

    /// <summary>Warning headers; https://kubernetes.io/docs/reference/using-api/api-concepts/ and RFC 7234, section 5.5.</summary>
    public static void Warn(HttpContext context, IReadOnlyList<string> warnings)
    {
        foreach (var warning in warnings)
        {
            var text = new string([.. warning.Select(c => char.IsControl(c) || c > '~' ? ' ' : c)]);
            context.Response.Headers.Append("Warning", $"299 - \"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        }
    }

    /// <summary>Appends a document.</summary>
    public static void Write(IBufferWriter<byte> buffer, JsonNode body, bool pretty)
    {
        using (var writer = new Utf8JsonWriter(buffer, pretty ? Indented : Compact))
            body.WriteTo(writer);
        if (pretty)
            buffer.Write("\n"u8);
    }
}
