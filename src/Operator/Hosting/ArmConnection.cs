using System.Security.Cryptography.X509Certificates;
using Azure.Core;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Http;

namespace Vnetcni.Operator.Hosting;

/// <summary>From the options to ARM: address, certificates to trust, identity.</summary>
internal static class ArmConnection
{
    /// <summary>Where ARM is. Throws <see cref="FormatException"/> on a file without certificates.</summary>
    internal static ArmHttpOptions Options(HostOptions options)
    {
        var http = new ArmHttpOptions { Endpoint = HostOptionsReader.Arm(options), Scope = HostOptionsReader.Scope(options) };
        if (options.ArmCaFile.Length == 0)
            return http;
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(options.ArmCaFile);
        return roots.Count == 0
            ? throw new FormatException($"--arm-ca-file {options.ArmCaFile} holds no certificate in PEM")
            : http with { TrustedRoots = roots };
    }

    /// <summary>The identity. Throws <see cref="ArmCredentialException"/>.</summary>
    /// <param name="options">Which mode.</param>
    /// <param name="environment">Azure's own variables; secrets come by these alone, an argument would show in the list of processes.</param>
    /// <param name="time">Tells what has ended.</param>
    internal static TokenCredential Credential(HostOptions options, Func<string, string?> environment, TimeProvider time) => ArmCredentials.Create(
        ArmCredentials.ParseMode(options.ArmIdentity),
        new ArmCredentialOptions
        {
            TenantId = environment("AZURE_TENANT_ID"),
            ClientId = environment("AZURE_CLIENT_ID"),
            TokenFile = environment("AZURE_FEDERATED_TOKEN_FILE"),
            ClientSecret = environment("AZURE_CLIENT_SECRET"),
            CertificateFile = environment("AZURE_CLIENT_CERTIFICATE_PATH"),
            CertificatePassword = environment("AZURE_CLIENT_CERTIFICATE_PASSWORD"),
            Token = environment("VNETCNI_ARM_TOKEN"),
            AuthorityHost = HostOptionsReader.Authority(options),
        },
        time);
}
