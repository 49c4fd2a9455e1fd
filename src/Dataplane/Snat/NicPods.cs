using System.Net;
using System.Net.NetworkInformation;

namespace Vnetcni.Dataplane.Snat;

/// <summary>
/// A NIC and the pods' addresses that are its ipConfigurations. Azure drops what leaves by a NIC with an address of another: what these
/// pods send has to leave by this one.
/// </summary>
/// <param name="Mac">Which NIC.</param>
/// <param name="Gateway">The next hop of its subnet.</param>
/// <param name="Pods">The addresses, IPv4.</param>
public sealed record NicPods(PhysicalAddress Mac, IPAddress Gateway, IReadOnlyCollection<IPAddress> Pods)
{
    /// <summary>Whether both say the same.</summary>
    public bool IsSame(NicPods other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Mac.Equals(other.Mac) && Gateway.Equals(other.Gateway) && Pods.SequenceEqual(other.Pods);
    }
}
