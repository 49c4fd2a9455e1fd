using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Vnetcni.ControllerRuntime.Api;

/// <summary>
/// Turns an error answer into <see cref="KubeApiException"/>: a <c>Status</c> object, or whatever a proxy in between sent.
/// Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
/// </summary>
internal static class KubeStatusReader
{
    private const int MaxMessage = 2048;

    /// <summary>What a Status object says. Anything else yields the HTTP status and the text as it is.</summary>
    public static KubeApiException Read(int httpStatus, ReadOnlySpan<byte> body, RetryConditionHeaderValue? header, DateTimeOffset now)
    {
        var retryAfter = FromHeader(header, now);
        try
        {
            var status = Parse(body);
            return new KubeApiException(
                status.Code is >= 400 and < 600 ? status.Code : httpStatus,
                status.Reason,
                Advised(Printable(status.Message)),
                retryAfter ?? status.RetryAfter);
        }
        catch (JsonException)
        {
            return new KubeApiException(httpStatus, string.Empty, Printable(Encoding.UTF8.GetString(body)), retryAfter);
        }
    }

    private static (int Code, string Reason, string Message, TimeSpan? RetryAfter) Parse(ReadOnlySpan<byte> body)
    {
        var (code, reason, message, retryAfter) = (0, string.Empty, string.Empty, default(TimeSpan?));
        var reader = new Utf8JsonReader(body);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("not an object");
        while (JsonSlicer.NextProperty(ref reader, out var name))
        {
            if (name == "code" && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number))
                code = number;
            else if (name == "reason" && reader.TokenType == JsonTokenType.String)
                reason = JsonSlicer.Text(ref reader);
            else if (name == "message" && reader.TokenType == JsonTokenType.String)
                message = JsonSlicer.Text(ref reader);
            else if (name == "details" && reader.TokenType == JsonTokenType.StartObject)
                retryAfter = RetryAfterOf(ref reader);
            else
                reader.Skip();
        }

        return (code, reason, message, retryAfter);
    }

    private static TimeSpan? RetryAfterOf(ref Utf8JsonReader reader)
    {
        TimeSpan? result = null;
        while (JsonSlicer.NextProperty(ref reader, out var name))
        {
            if (name == "retryAfterSeconds" && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var seconds))
                result = seconds > 0 ? Bounded(TimeSpan.FromSeconds(seconds)) : null;
            else
                reader.Skip();
        }

        return result;
    }

    private static TimeSpan? FromHeader(RetryConditionHeaderValue? header, DateTimeOffset now) => header switch
    {
        { Delta: { } delta } => Bounded(delta),
        { Date: { } date } => Bounded(date - now),
        _ => null,
    };

    // A server cannot park a controller for longer than this.
    private static TimeSpan Bounded(TimeSpan value) =>
        value < TimeSpan.Zero ? TimeSpan.Zero : value > TimeSpan.FromMinutes(10) ? TimeSpan.FromMinutes(10) : value;

    // What an apply gets where a CustomResourceDefinition lacks a field that this program writes.
    private static string Advised(string message) => KubeApiException.TellsUndeclaredField(message)
        ? $"{message}; the definition of the resource in the cluster is older than this program: upgrade the CustomResourceDefinitions to those of this release"
        : message;

    private static string Printable(string text)
    {
        var result = new StringBuilder(Math.Min(text.Length, MaxMessage));
        foreach (var c in text)
        {
            if (result.Length == MaxMessage)
                return result.Append(CultureInfo.InvariantCulture, $"... ({text.Length} characters)").ToString();
            result.Append(char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c);
        }

        return result.ToString();
    }
}
