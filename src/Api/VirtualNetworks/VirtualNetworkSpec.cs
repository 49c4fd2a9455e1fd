using Vnetcni.Api.Settings;

namespace Vnetcni.Api.VirtualNetworks;

/// <summary>Limits of one virtual network.</summary>
public sealed record VirtualNetworkSpec
{
    /// <summary>Default of <see cref="PodAddressLimit"/>.</summary>
    public const int DefaultPodAddressLimit = SettingsLimits.MaxAddressesPerVirtualNetwork;

    /// <summary>ARM id of the virtual network; never changes; compared without case.</summary>
    public string? ResourceId { get; init; }

    /// <summary>The most pod addresses in the network, all clusters together, 1 to 16000; default 16000.</summary>
    public int? PodAddressLimit { get; init; }

    /// <summary>Addresses of the limit that are kept for other clusters; default 0.</summary>
    public int? ReservedForOthers { get; init; }
}
