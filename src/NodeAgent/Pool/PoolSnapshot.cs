using Vnetcni.Api.Settings;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;

namespace Vnetcni.NodeAgent.Pool;

/// <summary>One version of the node's pool, from wherever it comes.</summary>
/// <param name="Publication">What the ledger takes in.</param>
/// <param name="Settings">The settings in effect.</param>
/// <param name="State">For people: the pool's condition and the next step.</param>
/// <param name="Present">False when there is no pool of this incarnation of the node: nothing can be served.</param>
internal sealed record PoolSnapshot(Publication Publication, EffectiveSettings Settings, string State, bool Present)
{
    /// <summary>Destinations that see a pod's own address; empty when not known.</summary>
    public IReadOnlyList<string> ExcludedCidrs { get; init; } = [];

    /// <summary>Subnets of its addresses; empty when not known.</summary>
    public IReadOnlyList<PodSubnet> Subnets { get; init; } = [];

    /// <summary>Which NIC has which of the addresses; a NIC whose subnet is not known is left out.</summary>
    public IReadOnlyList<NicAddresses> Nics { get; init; } = [];

    /// <summary>Addresses that the node may keep while the virtual network or its subnet runs dry; null while there is enough for all.</summary>
    public int? Share { get; init; }
}

/// <summary>A NIC's share of the pool.</summary>
/// <param name="Mac">Which NIC, as in <c>00:0d:3a:…</c>.</param>
/// <param name="Gateway">The next hop of its subnet.</param>
/// <param name="Addresses">Those listed, on their way out or not.</param>
internal sealed record NicAddresses(string Mac, IpAddress Gateway, IReadOnlyList<IpAddress> Addresses);
