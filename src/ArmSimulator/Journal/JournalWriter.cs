using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Throttling;

namespace Vnetcni.ArmSimulator.Journal;

/// <summary>Writes events as lines of JSON, each as soon as it happened: what stands is usable after a kill.</summary>
internal sealed class JournalWriter(TextWriter output)
{
    private static readonly string[] Kept = ["If-Match", "If-None-Match", "Host", "x-ms-correlation-request-id", SimRequest.WriterHeader];

    public void Begin(JournalHead head)
    {
        output.WriteLine(JsonSerializer.Serialize(head, JournalJson.Default.JournalHead));
        output.Flush();
    }

    public void Write(JournalEvent happened)
    {
        output.WriteLine(JsonSerializer.Serialize(happened, JournalJson.Default.JournalEvent));
        output.Flush();
    }

    /// <summary>A request without its secret.</summary>
    public static JournalEvent Open(DateTimeOffset at, long number, SimRequest request)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in Kept)
        {
            if (request.Header(name) is { } value)
                headers[name] = value;
        }

        if (request.Header("Authorization") is { } authorization)
            headers["Authorization"] = Anonymous(authorization);
        return new JournalEvent(at, "open")
        {
            Number = number,
            Method = request.Method,
            Target = request.PathAndQuery,
            Headers = headers,
            Body = request.Body.IsEmpty ? null : Convert.ToBase64String(request.Body.Span),
        };
    }

    /// <summary>A sum over status, headers and body of an answer.</summary>
    public static string Sum(SimResponse? response)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, value) in response?.Headers ?? [])
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}: {value}\n"));
        hash.AppendData(response is null ? [] : response.Body.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 12));
    }

    private static string Anonymous(string authorization)
    {
        if (!Principal.IsBearer(authorization))
            return "none";
        var principal = Principal.Of(authorization);
        return principal == Principal.Unknown
            ? "Bearer x"
            : $"Bearer x.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{{\"oid\":{JsonSerializer.Serialize(principal, JournalText.Default.String)}}}"))}.x";
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class JournalText : System.Text.Json.Serialization.JsonSerializerContext;
