namespace Vnetcni.Operator.Azure.Credentials;

/// <summary>Checks the settings of an identity before anything is sent; each error says what is wrong and what would do.</summary>
/// <param name="mode">The mode's name as people write it.</param>
internal sealed class CredentialText(string mode)
{
    internal string Need(string? value, string setting, string meaning) => string.IsNullOrWhiteSpace(value)
        ? throw Wrong($"{setting} is not set; it is {meaning}")
        : value.Trim();

    /// <summary>A client id: always a GUID.</summary>
    internal string ClientId(string? value, string meaning)
    {
        var text = Need(value, "AZURE_CLIENT_ID", meaning);
        return Guid.TryParseExact(text, "D", out _)
            ? text
            : throw Wrong($"AZURE_CLIENT_ID '{Shown(text)}' is not a GUID like 11111111-2222-3333-4444-555555555555; take the client id (appId), neither the object id's name nor a resource id");
    }

    /// <summary>A tenant: a GUID or one of its verified domains.</summary>
    internal string TenantId(string? value)
    {
        var text = Need(value, "AZURE_TENANT_ID", "the Entra tenant");
        return Guid.TryParseExact(text, "D", out _) || (text.Contains('.', StringComparison.Ordinal) && Uri.CheckHostName(text) == UriHostNameType.Dns)
            ? text
            : throw Wrong($"AZURE_TENANT_ID '{Shown(text)}' is neither a GUID nor a domain of the tenant; `az account show --query tenantId` tells it");
    }

    /// <summary>Two identities at once: nobody could say later which of them lacks a right.</summary>
    internal void Alone(params ReadOnlySpan<(string Setting, string? Value, string Mode)> others)
    {
        foreach (var (setting, value, other) in others)
        {
            if (!string.IsNullOrWhiteSpace(value))
                throw Wrong($"{setting} is set too, which belongs to mode {other}; unset it, or choose VNETCNI_ARM_IDENTITY={other}");
        }
    }

    internal ArmCredentialException Wrong(string what, Exception? cause = null) =>
        cause is null ? new ArmCredentialException($"identity mode {mode}: {what}") : new ArmCredentialException($"identity mode {mode}: {what}", cause);

    private static string Shown(string text) => text.Length > 60 ? text[..60] + "..." : text;
}
