using System.Net;
using System.Net.Sockets;

namespace Vnetcni.NodeAgent.Allocation;

/// <summary>One address of a pod.</summary>
/// <param name="Address">IPv4 or IPv6.</param>
/// <param name="Gateway">The pod's next hop for that family; null where another plug-in makes the interface.</param>
public sealed record PodAddress(IPAddress Address, IPAddress? Gateway)
{
    /// <summary>The subnet of the address, where the pool tells it.</summary>
    public PodSubnet? Subnet { get; init; }

    /// <summary>Whether it is IPv6.</summary>
    public bool IsV6 => Address.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>Bits of the family: 32 or 128. A pod has nobody beside it, so this is its prefix length.</summary>
    public int Bits => IsV6 ? 128 : 32;

    /// <summary>Where the family's default route leads.</summary>
    public string Everywhere => IsV6 ? "::/0" : "0.0.0.0/0";
}
