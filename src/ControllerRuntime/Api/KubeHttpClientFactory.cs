using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.Authentication;

namespace Vnetcni.ControllerRuntime.Api;

/// <summary>Builds the HTTP client that a configuration describes.</summary>
internal static class KubeHttpClientFactory
{
    public static HttpClient Create(KubernetesClientConfiguration configuration, string userAgent)
    {
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            // The values of client-go: a dead peer is noticed within 45 s.
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
        };
        Secure(sockets.SslOptions, configuration);
        HttpMessageHandler handler = sockets;
        if (configuration.TokenProvider is { } provider)
            handler = new TokenHandler(provider, handler);
        if (!string.IsNullOrEmpty(configuration.TlsServerName))
            handler = new ServerNameHandler(configuration.TlsServerName, handler);
        var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd(userAgent);
        client.DefaultRequestHeaders.Authorization = FixedCredentials(configuration);
        return client;
    }

    private static void Secure(SslClientAuthenticationOptions ssl, KubernetesClientConfiguration configuration)
    {
        if (configuration.SkipTlsVerify)
        {
            // The user's own word in the kubeconfig (insecure-skip-tls-verify).
#pragma warning disable CA5359 // Do Not Disable Certificate Validation
            ssl.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (configuration.SslCaCerts is { Count: > 0 } authorities)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.AddRange(authorities);
            policy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.1"));
            ssl.CertificateChainPolicy = policy;
        }

        if (ClientCertificate(configuration) is { } certificate)
        {
            ssl.ClientCertificates = [certificate];
            ssl.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }
    }

    private static X509Certificate2? ClientCertificate(KubernetesClientConfiguration configuration)
    {
        var certificate = Pem(configuration.ClientCertificateData, configuration.ClientCertificateFilePath);
        var key = Pem(configuration.ClientCertificateKeyData, configuration.ClientKeyFilePath);
        return certificate is null || key is null ? null : X509Certificate2.CreateFromPem(certificate, key);
    }

    private static string? Pem(string? base64, string? path) =>
        !string.IsNullOrWhiteSpace(base64) ? Encoding.ASCII.GetString(Convert.FromBase64String(base64))
        : !string.IsNullOrWhiteSpace(path) ? File.ReadAllText(path)
        : null;

    private static AuthenticationHeaderValue? FixedCredentials(KubernetesClientConfiguration configuration) =>
        configuration.TokenProvider is not null ? null
        : !string.IsNullOrWhiteSpace(configuration.AccessToken) ? new("Bearer", configuration.AccessToken)
        : !string.IsNullOrWhiteSpace(configuration.Username)
            ? new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{configuration.Username}:{configuration.Password}")))
        : null;

    /// <summary>
    /// Makes <c>tls-server-name</c> the name that the certificate must carry and that SNI shows. SocketsHttpHandler
    /// overwrites <see cref="SslClientAuthenticationOptions.TargetHost"/> with the Host header, else with the address.
    /// </summary>
    private sealed class ServerNameHandler(string name, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Host = name;
            return base.SendAsync(request, cancellationToken);
        }
    }

    /// <summary>Asks for the token at each call; the provider reads the file again when it is due.</summary>
    private sealed class TokenHandler(ITokenProvider provider, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Authorization = await provider.GetAuthenticationHeaderAsync(cancellationToken);
            return await base.SendAsync(request, cancellationToken);
        }
    }
}
