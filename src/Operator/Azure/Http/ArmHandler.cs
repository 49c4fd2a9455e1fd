using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Vnetcni.Operator.Azure.Http;

/// <summary>The connection below the pipeline: no redirects (a token would follow), no cookies, certificates checked.</summary>
internal static class ArmHandler
{
    internal static SocketsHttpHandler Create(X509Certificate2Collection? trustedRoots)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        };
        if (trustedRoots is not null)
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) => IsTrusted(certificate, errors, trustedRoots);
        return handler;
    }

    /// <summary>The name must fit, and the chain must end in one of the given certificates; revocation cannot be asked for these.</summary>
    internal static bool IsTrusted(X509Certificate? certificate, SslPolicyErrors errors, X509Certificate2Collection roots)
    {
        if (certificate is not X509Certificate2 presented || errors is not (SslPolicyErrors.None or SslPolicyErrors.RemoteCertificateChainErrors))
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(presented);
    }
}
