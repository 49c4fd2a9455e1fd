namespace Vnetcni.Api.Settings;

/// <summary>Bounds of the settings; the schemas have the same ones.</summary>
public static class SettingsLimits
{
    /// <summary>
    /// Most pod addresses per node: 256 ipConfigurations fit an interface, the product keeps six for the node and others.
    /// Source: https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits
    /// </summary>
    public const int MaxAddressesPerNode = 250;

    /// <summary>Most pod addresses per virtual network.</summary>
    public const int MaxAddressesPerVirtualNetwork = 16_000;

    /// <summary>Private addresses that Azure allows per virtual network.</summary>
    public const int AzureAddressesPerVirtualNetwork = 65_536;

    /// <summary>Largest batch.</summary>
    public const int MaxBatchSize = 64;

    /// <summary>Most user-given CIDRs.</summary>
    public const int MaxExcludedCidrs = 64;

    /// <summary>Smallest MTU other than 0 (RFC 791: every host accepts 576 bytes).</summary>
    public const int MinMtu = 576;

    /// <summary>Largest MTU.</summary>
    public const int MaxMtu = 9_000;

    /// <summary>Longest reuse cooldown.</summary>
    public static readonly TimeSpan MaxReuseCooldown = TimeSpan.FromMinutes(10);

    /// <summary>Longest release delay.</summary>
    public static readonly TimeSpan MaxReleaseDelay = TimeSpan.FromHours(24);

    /// <summary>Shortest wait of an ADD.</summary>
    public static readonly TimeSpan MinAddTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait of an ADD.</summary>
    public static readonly TimeSpan MaxAddTimeout = TimeSpan.FromMinutes(10);
}
