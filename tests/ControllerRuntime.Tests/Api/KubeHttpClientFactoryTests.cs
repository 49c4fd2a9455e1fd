using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using Vnetcni.ControllerRuntime.Api;
using Xunit;

namespace Vnetcni.ControllerRuntime.Tests.Api;

/// <summary>What the TLS part of a kubeconfig means, against a real handshake.</summary>
public sealed class KubeHttpClientFactoryTests : IDisposable
{
    private const string Name = "kubernetes.test";
    private readonly X509Certificate2 certificate = Certificate();
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        listener.Dispose();
        certificate.Dispose();
    }

    [Fact]
    public async Task The_certificate_is_checked_against_tls_server_name_and_SNI_shows_it()
    {
        var (address, seen) = Serve();
        using var client = KubeHttpClientFactory.Create(Configuration(address, Name), "test/1");
        Assert.Equal("ok", await client.GetStringAsync(address, Token));
        Assert.Equal(Name, await seen);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("another.test")]
    public async Task A_certificate_of_another_name_is_refused(string? serverName)
    {
        var (address, _) = Serve();
        using var client = KubeHttpClientFactory.Create(Configuration(address, serverName), "test/1");
        var e = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(address, Token));
        Assert.Contains("RemoteCertificateNameMismatch", e.InnerException?.Message, StringComparison.Ordinal);
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    private KubernetesClientConfiguration Configuration(Uri address, string? serverName) => new()
    {
        Host = address.ToString(),
        TlsServerName = serverName,
        SslCaCerts = [certificate],
    };

    private (Uri Address, Task<string> Seen) Serve()
    {
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        return (new Uri($"https://127.0.0.1:{port}/"), AnswerAsync());
    }

    // One handshake, one answer; returns the name that the client asked for.
    private async Task<string> AnswerAsync()
    {
        using var connection = await listener.AcceptTcpClientAsync(Token);
        await using var tls = new SslStream(connection.GetStream());
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, Token);
        var request = new byte[4096];
        Assert.NotEqual(0, await tls.ReadAsync(request, Token));
        await tls.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"), Token);
        return tls.TargetHostName;
    }
}
