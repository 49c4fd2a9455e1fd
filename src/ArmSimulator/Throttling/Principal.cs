using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Vnetcni.ArmSimulator.Throttling;

/// <summary>Who sends a request: the object id in its token. Signatures are not checked.</summary>
internal static class Principal
{
    public const string Unknown = "unknown";

    public static string Of(string? authorization)
    {
        var parts = authorization?.Split(' ') is [_, var token] ? token.Split('.') : [];
        if (parts.Length != 3 || parts[1].Length > 8192)
            return Unknown;
        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
            return claims.RootElement.ValueKind == JsonValueKind.Object
                && claims.RootElement.TryGetProperty("oid", out var oid)
                && oid.ValueKind == JsonValueKind.String
                && oid.GetString() is { Length: > 0 and <= 64 } text
                ? text
                : Unknown;
        }
        catch (Exception e) when (e is FormatException or JsonException or DecoderFallbackException)
        {
            return Unknown;
        }
    }

    public static bool IsBearer(string? authorization) =>
        authorization is { Length: > 7 } && authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && authorization.AsSpan(7).Trim().Length > 0;
}
