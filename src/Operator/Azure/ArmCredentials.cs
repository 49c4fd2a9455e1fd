using Azure.Core;
using Azure.Identity;

namespace Vnetcni.Operator.Azure;

/// <summary>
/// Makes the credential for ARM. One mode, chosen by a person: a chain of guesses would hide which identity lacks a right.
/// Source: https://learn.microsoft.com/dotnet/api/azure.identity
/// </summary>
public static class ArmCredentials
{
    /// <summary>Makes a credential. Throws <see cref="ArmCredentialException"/> naming the setting that is missing.</summary>
    public static TokenCredential Create(ArmCredentialMode mode, ArmCredentialOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return mode switch
        {
            ArmCredentialMode.Workload => Workload(options),
            ArmCredentialMode.Managed => Managed(options),
            ArmCredentialMode.Secret => Secret(options),
            ArmCredentialMode.StaticToken => Static(options),
            _ => throw new ArmCredentialException($"unknown identity mode {mode}; use workload, managed or secret"),
        };
    }

    /// <summary>Reads a mode as people write it: workload, managed, secret or static. Throws <see cref="ArmCredentialException"/>.</summary>
    public static ArmCredentialMode ParseMode(string? text) => text?.ToLowerInvariant() switch
    {
        "workload" => ArmCredentialMode.Workload,
        "managed" => ArmCredentialMode.Managed,
        "secret" => ArmCredentialMode.Secret,
        "static" => ArmCredentialMode.StaticToken,
        _ => throw new ArmCredentialException($"unknown identity mode '{text}'; use workload, managed or secret"),
    };

    private static WorkloadIdentityCredential Workload(ArmCredentialOptions options)
    {
        var file = Need(options.TokenFile, "workload", "AZURE_FEDERATED_TOKEN_FILE", "the path of the projected service account token");
        if (!File.Exists(file))
            throw new ArmCredentialException($"identity mode workload: '{file}' does not exist; project a service account token with audience api://AzureADTokenExchange there");
        var settings = new WorkloadIdentityCredentialOptions
        {
            TenantId = Need(options.TenantId, "workload", "AZURE_TENANT_ID", "the Entra tenant"),
            ClientId = Need(options.ClientId, "workload", "AZURE_CLIENT_ID", "the identity's client id"),
            TokenFilePath = file,
        };
        if (options.AuthorityHost is not null)
            settings.AuthorityHost = options.AuthorityHost;
        return new WorkloadIdentityCredential(settings);
    }

    private static ManagedIdentityCredential Managed(ArmCredentialOptions options) => new(
        string.IsNullOrEmpty(options.ClientId)
            ? ManagedIdentityId.SystemAssigned
            : ManagedIdentityId.FromUserAssignedClientId(options.ClientId));

    private static ClientSecretCredential Secret(ArmCredentialOptions options)
    {
        var settings = new ClientSecretCredentialOptions();
        if (options.AuthorityHost is not null)
            settings.AuthorityHost = options.AuthorityHost;
        return new ClientSecretCredential(
            Need(options.TenantId, "secret", "AZURE_TENANT_ID", "the Entra tenant"),
            Need(options.ClientId, "secret", "AZURE_CLIENT_ID", "the application's client id"),
            Need(options.ClientSecret, "secret", "AZURE_CLIENT_SECRET", "the application's secret"),
            settings);
    }

    private static TokenCredential Static(ArmCredentialOptions options)
    {
        var token = new AccessToken(
            Need(options.Token, "static", "VNETCNI_ARM_TOKEN", "the simulator's token"),
            new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return DelegatedTokenCredential.Create((_, _) => token);
    }

    private static string Need(string? value, string mode, string setting, string meaning) =>
        string.IsNullOrWhiteSpace(value)
            ? throw new ArmCredentialException($"identity mode {mode}: {setting} is not set; it is {meaning}")
            : value;
}
