using Azure.Core;
using Azure.Identity;
using Vnetcni.Operator.Azure.Credentials;

namespace Vnetcni.Operator.Azure;

/// <summary>
/// Makes the credential for ARM. One mode, chosen by a person: a chain of guesses would hide which identity lacks a right.
/// Everything that can be known without Entra is checked here.
/// Source: https://learn.microsoft.com/dotnet/api/azure.identity
/// </summary>
public static class ArmCredentials
{
    private const string Modes = "workload, managed, secret or certificate";

    /// <summary>Makes a credential. Throws <see cref="ArmCredentialException"/> naming the setting that is missing or wrong, and the next step.</summary>
    /// <param name="mode">Where the token comes from.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="time">Tells whether a token or certificate has ended.</param>
    public static TokenCredential Create(ArmCredentialMode mode, ArmCredentialOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        return mode switch
        {
            ArmCredentialMode.Workload => Workload(options, time.GetUtcNow()),
            ArmCredentialMode.Managed => Managed(options),
            ArmCredentialMode.Secret => Secret(options),
            ArmCredentialMode.Certificate => Certificate(options, time.GetUtcNow()),
            ArmCredentialMode.StaticToken => Static(options),
            _ => throw new ArmCredentialException($"unknown identity mode {mode}; use {Modes}"),
        };
    }

    /// <summary>Reads a mode as people write it: workload, managed, secret, certificate or static. Throws <see cref="ArmCredentialException"/>.</summary>
    public static ArmCredentialMode ParseMode(string? text) => text?.ToLowerInvariant() switch
    {
        "workload" => ArmCredentialMode.Workload,
        "managed" => ArmCredentialMode.Managed,
        "secret" => ArmCredentialMode.Secret,
        "certificate" => ArmCredentialMode.Certificate,
        "static" => ArmCredentialMode.StaticToken,
        _ => throw new ArmCredentialException($"unknown identity mode '{text}'; use {Modes}"),
    };

    private static WorkloadIdentityCredential Workload(ArmCredentialOptions options, DateTimeOffset now)
    {
        var text = new CredentialText("workload");
        text.Alone(SecretOf(options), CertificateOf(options));
        var file = text.Need(options.TokenFile, "AZURE_FEDERATED_TOKEN_FILE", "the path of the projected service account token");
        var settings = new WorkloadIdentityCredentialOptions
        {
            TenantId = text.TenantId(options.TenantId),
            ClientId = text.ClientId(options.ClientId, "the identity's client id"),
            TokenFilePath = file,
        };
        FederatedTokenFile.Check(file, text, now);
        if (options.AuthorityHost is not null)
            settings.AuthorityHost = options.AuthorityHost;
        return new WorkloadIdentityCredential(settings);
    }

    private static ManagedIdentityCredential Managed(ArmCredentialOptions options)
    {
        var text = new CredentialText("managed");
        text.Alone(SecretOf(options), CertificateOf(options), TokenFileOf(options));
        return new ManagedIdentityCredential(string.IsNullOrWhiteSpace(options.ClientId)
            ? ManagedIdentityId.SystemAssigned
            : ManagedIdentityId.FromUserAssignedClientId(text.ClientId(options.ClientId, "the user-assigned identity's client id")));
    }

    private static ClientSecretCredential Secret(ArmCredentialOptions options)
    {
        var text = new CredentialText("secret");
        text.Alone(CertificateOf(options), TokenFileOf(options));
        var settings = new ClientSecretCredentialOptions();
        if (options.AuthorityHost is not null)
            settings.AuthorityHost = options.AuthorityHost;
        return new ClientSecretCredential(
            text.TenantId(options.TenantId),
            text.ClientId(options.ClientId, "the application's client id"),
            text.Need(options.ClientSecret, "AZURE_CLIENT_SECRET", "the application's secret"),
            settings);
    }

    private static ClientCertificateCredential Certificate(ArmCredentialOptions options, DateTimeOffset now)
    {
        var text = new CredentialText("certificate");
        text.Alone(SecretOf(options), TokenFileOf(options));
        var settings = new ClientCertificateCredentialOptions();
        if (options.AuthorityHost is not null)
            settings.AuthorityHost = options.AuthorityHost;
        var tenant = text.TenantId(options.TenantId);
        var client = text.ClientId(options.ClientId, "the application's client id");
        var file = text.Need(options.CertificateFile, "AZURE_CLIENT_CERTIFICATE_PATH", "the path of the client certificate with its private key");
        return new ClientCertificateCredential(tenant, client, ClientCertificateFile.Read(file, options.CertificatePassword, text, now), settings);
    }

    private static TokenCredential Static(ArmCredentialOptions options)
    {
        var token = new AccessToken(
            new CredentialText("static").Need(options.Token, "VNETCNI_ARM_TOKEN", "the simulator's token"),
            new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return DelegatedTokenCredential.Create((_, _) => token);
    }

    private static (string Setting, string? Value, string Mode) SecretOf(ArmCredentialOptions o) => ("AZURE_CLIENT_SECRET", o.ClientSecret, "secret");

    private static (string Setting, string? Value, string Mode) CertificateOf(ArmCredentialOptions o) => ("AZURE_CLIENT_CERTIFICATE_PATH", o.CertificateFile, "certificate");

    private static (string Setting, string? Value, string Mode) TokenFileOf(ArmCredentialOptions o) => ("AZURE_FEDERATED_TOKEN_FILE", o.TokenFile, "workload");
}
