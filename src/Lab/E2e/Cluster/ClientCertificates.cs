using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Vnetcni.Lab.E2e.Cluster;

/// <summary>Signs certificates with the authority of a control plane that eng/kube/up.sh started.</summary>
internal static class ClientCertificates
{
    private static readonly string[] ClientAndServer = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];

    /// <summary>Writes NAME.crt and NAME.key (mode 0600) into <paramref name="folder"/>, good for a day, and returns both paths.</summary>
    /// <param name="pki">Folder with ca.crt and ca.key.</param>
    /// <param name="folder">Where they go.</param>
    /// <param name="name">File name.</param>
    /// <param name="subject">Such as <c>O=system:nodes, CN=system:node:node1</c>.</param>
    /// <param name="host">Host name of a server, or null.</param>
    /// <param name="address">Address of a server, or null.</param>
    public static (string Certificate, string Key) Write(string pki, string folder, string name, string subject, string? host = null, string? address = null)
    {
        using var authority = X509Certificate2.CreateFromPemFile(Path.Combine(pki, "ca.crt"), Path.Combine(pki, "ca.key"));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. ClientAndServer.Select(oid => new Oid(oid))], critical: false));
        var names = new SubjectAlternativeNameBuilder();
        if (host is not null)
            names.AddDnsName(host);
        if (address is not null)
            names.AddIpAddress(IPAddress.Parse(address));
        if (host is not null || address is not null)
            request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var signed = request.Create(authority, new DateTimeOffset(authority.NotBefore), now.AddDays(1), RandomNumberGenerator.GetBytes(16));
        var (certificate, secret) = (Path.Combine(folder, $"{name}.crt"), Path.Combine(folder, $"{name}.key"));
        File.WriteAllText(certificate, signed.ExportCertificatePem() + "\n");
        PrivateText.Write(secret, key.ExportPkcs8PrivateKeyPem() + "\n");
        return (certificate, secret);
    }

    /// <summary>Writes a kubeconfig (mode 0600) that names these files.</summary>
    public static void WriteKubeConfig(string file, string server, string authority, (string Certificate, string Key) client) => PrivateText.Write(file, $$$"""
        apiVersion: v1
        kind: Config
        clusters: [{name: e2e, cluster: {server: "{{{server}}}", certificate-authority: {{{authority}}} }}]
        users: [{name: me, user: {client-certificate: {{{client.Certificate}}}, client-key: {{{client.Key}}} }}]
        contexts: [{name: e2e, context: {cluster: e2e, user: me}}]
        current-context: e2e

        """);
}
