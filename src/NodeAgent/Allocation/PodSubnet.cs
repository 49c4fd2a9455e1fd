using Vnetcni.Ipam.Addressing;

namespace Vnetcni.NodeAgent.Allocation;

/// <summary>A subnet that pods have addresses of.</summary>
/// <param name="Range">Its addresses.</param>
/// <param name="Gateway">Azure's gateway: the first address after the network's.</param>
public sealed record PodSubnet(Cidr Range, IpAddress Gateway)
{
    /// <summary>
    /// A subnet as two texts; null when they are none, or the gateway is outside. Without a gateway it is the first address after the network's.
    /// </summary>
    public static PodSubnet? TryParse(string? range, string? gateway)
    {
        if (!Cidr.TryParse(range, out var cidr) || cidr.Network.Bits != 32 || cidr.Length > 30)
            return null;
        if (string.IsNullOrEmpty(gateway))
            return new PodSubnet(cidr, IpAddress.V4((uint)cidr.Network.Value + 1));
        return IpAddress.TryParse(gateway, out var address) && cidr.Contains(address) ? new PodSubnet(cidr, address) : null;
    }
}
