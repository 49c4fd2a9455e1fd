using System.Security.Cryptography.X509Certificates;

namespace Vnetcni.Operator.Azure.Http;

/// <summary>Where ARM is and how much of it is taken.</summary>
public sealed record ArmHttpOptions
{
    /// <summary>ARM of the public cloud.</summary>
    public static readonly Uri PublicCloud = new("https://management.azure.com");

    /// <summary>Base address; https. Others: https://management.usgovcloudapi.net, https://management.chinacloudapi.cn, a simulator.</summary>
    public Uri Endpoint { get; init; } = PublicCloud;

    /// <summary>Scope of the token; null asks for the endpoint's <c>/.default</c>.</summary>
    public string? Scope { get; init; }

    /// <summary>When set, only certificates that chain to these are taken (a simulator's own); else the machine's roots.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>How long one exchange may take, body included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>The largest body that is taken, in bytes.</summary>
    public int MaxBody { get; init; } = 32 * 1024 * 1024;

    /// <summary>Sent as part of User-Agent.</summary>
    public string ApplicationId { get; init; } = "vnetcni/0.1.0";
}
