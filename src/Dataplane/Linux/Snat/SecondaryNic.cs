using System.Net;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Vnetcni.Dataplane.Linux.Node;
using Vnetcni.Dataplane.Snat;

namespace Vnetcni.Dataplane.Linux.Snat;

/// <summary>A NIC with pods' addresses that the node's default route does not leave by.</summary>
/// <param name="Number">1 and up: its mark and its table follow from it.</param>
/// <param name="Index">ifindex.</param>
/// <param name="Name">Interface name.</param>
/// <param name="Gateway">Its next hop.</param>
/// <param name="Pods">The addresses, in host order.</param>
internal sealed record SecondaryNic(int Number, int Index, string Name, IPAddress Gateway, IReadOnlyList<uint> Pods)
{
    /// <summary>Bits of the packet mark that are ours; others' stay as they are in rules. kube-proxy's are 0x4000 and 0x8000.</summary>
    public const uint MarkMask = 0x0f00_0000;

    /// <summary>As many as a mark tells apart. Azure's largest VMs have 8 NICs.</summary>
    public const int Most = 15;

    private const int MarkShift = 24;
    private const uint FirstTable = 11800;

    /// <summary>On each of its pods' packets.</summary>
    public uint Mark => (uint)Number << MarkShift;

    /// <summary>Its route table.</summary>
    public uint Table => FirstTable + (uint)Number;

    /// <summary>Whether a route table is one of ours.</summary>
    public static bool IsTable(uint table) => table is > FirstTable and <= FirstTable + Most;

    /// <summary>
    /// Those of <paramref name="nics"/> that need rules, in the order of their indices. On a node without a default route <paramref name="main"/>, the configured NIC,
    /// needs none either.
    /// </summary>
    /// <exception cref="DataplaneException">The node has no such NIC.</exception>
    public static IReadOnlyList<SecondaryNic> Resolve(NetlinkSocket route, IReadOnlyList<NicPods> nics, string? main)
    {
        if (nics.Count == 0)
            return [];
        var links = route.Links();
        var leaves = Uplink.DefaultRoute(route)?.OutInterface;
        var first = links.FirstOrDefault(link => leaves is null ? link.Name == main : link.Index == leaves)?.Mac;
        var found = new List<(Link Link, NicPods Nic)>();
        foreach (var nic in nics.Where(nic => nic.Pods.Count > 0 && !nic.Mac.Equals(first)))
        {
            // Others have its MAC too: the virtual function of accelerated networking, which is the NIC's slave, and what is on top, which came later.
            var link = links.Where(link => link.Mac.Equals(nic.Mac)).OrderBy(link => link.Master != 0).ThenBy(link => link.Index).FirstOrDefault()
                ?? throw new DataplaneException(
                    DataplaneFault.Kernel, $"the node has no interface with MAC {nic.Mac}, whose addresses its pods are to have; is the NIC attached, and its driver loaded?",
                    Errno.NoDevice);
            found.Add((link, nic));
        }

        if (found.Count > Most)
            throw new DataplaneException(DataplaneFault.Kernel, $"pods have addresses of {found.Count} NICs besides the first; at most {Most} can be told apart", Errno.NoDevice);
        return
        [
            .. found.OrderBy(pair => pair.Link.Index).Select((pair, i) => new SecondaryNic(
                i + 1, pair.Link.Index, pair.Link.Name, pair.Nic.Gateway, [.. pair.Nic.Pods.Select(AddressRange.NumberOf).Distinct().Order()])),
        ];
    }

    /// <summary>Whether rules for one suit the other.</summary>
    public bool IsSame(SecondaryNic other) =>
        Number == other.Number && Index == other.Index && Name == other.Name && Gateway.Equals(other.Gateway) && Pods.SequenceEqual(other.Pods);
}
