using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Vnetcni.Operator.Azure.Credentials;

/// <summary>
/// The projected service account token, looked at once at the start: a file that cannot work is told with its cause before
/// Entra refuses it with a general error. Its content is never shown.
/// </summary>
internal static class FederatedTokenFile
{
    private const int MaxBytes = 64 * 1024;
    private const string Remedy = "project a service account token with audience api://AzureADTokenExchange there (the chart does with azure.identity.mode=workload)";

    /// <summary>Checks that the file holds a token that has not ended. Throws <see cref="ArmCredentialException"/>.</summary>
    internal static void Check(string file, CredentialText text, DateTimeOffset now)
    {
        if (Directory.Exists(file))
            throw text.Wrong($"AZURE_FEDERATED_TOKEN_FILE '{file}' is a directory; name the file in it");
        if (!File.Exists(file))
            throw text.Wrong($"AZURE_FEDERATED_TOKEN_FILE '{file}' does not exist; {Remedy}");
        string token;
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            if (stream.Length > MaxBytes)
                throw text.Wrong($"AZURE_FEDERATED_TOKEN_FILE '{file}' has {stream.Length} bytes; a token has fewer than {MaxBytes}: {Remedy}");
            using var reader = new StreamReader(stream, Encoding.UTF8);
            token = reader.ReadToEnd().Trim();
        }
        catch (Exception e) when (e is UnauthorizedAccessException or (IOException and not ArmCredentialException))
        {
            throw text.Wrong($"AZURE_FEDERATED_TOKEN_FILE '{file}' cannot be read: {e.Message} Let the operator's user read it (fsGroup of the pod)", e);
        }

        if (token.Length == 0)
            throw text.Wrong($"AZURE_FEDERATED_TOKEN_FILE '{file}' is empty; {Remedy}");
        if (Expiry(token) is not { } expiry)
            throw text.Wrong($"AZURE_FEDERATED_TOKEN_FILE '{file}' holds no JSON web token; {Remedy}");
        if (expiry <= now)
            throw text.Wrong($"the token in '{file}' ended at {expiry:u}; the kubelet renews a projected one: is the file a copy?");
    }

    /// <summary>When the token ends, the end of time without <c>exp</c>; null for what is no token.</summary>
    internal static DateTimeOffset? Expiry(string token)
    {
        if (Claims(token) is not { } claims)
            return null;
        using (claims)
        {
            return claims.RootElement.TryGetProperty("exp", out var exp) && exp.ValueKind == JsonValueKind.Number && exp.TryGetInt64(out var seconds)
                && seconds is > 0 and < 253_402_300_800
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : DateTimeOffset.MaxValue;
        }
    }

    /// <summary>The token's claims, unverified; null for what is no token.</summary>
    internal static JsonDocument? Claims(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || parts[1].Length == 0)
            return null;
        try
        {
            var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
            if (claims.RootElement.ValueKind == JsonValueKind.Object)
                return claims;
            claims.Dispose();
            return null;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }
}
