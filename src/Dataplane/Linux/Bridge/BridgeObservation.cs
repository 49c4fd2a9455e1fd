using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Bridge;

/// <summary>What the kernel has of NIC and bridge: all that a move is decided by.</summary>
internal sealed record BridgeObservation
{
    /// <summary>The NIC's name, whether it is there or not.</summary>
    public required string NicName { get; init; }

    /// <summary>The NIC, or null.</summary>
    public Link? Nic { get; init; }

    /// <summary>The link with the bridge's name, whosever it is, or null.</summary>
    public Link? Bridge { get; init; }

    /// <summary>Addresses still or again on the NIC.</summary>
    public IReadOnlyList<MovableAddress> NicAddresses { get; init; } = [];

    /// <summary>Addresses on the bridge.</summary>
    public IReadOnlyList<MovableAddress> BridgeAddresses { get; init; } = [];

    /// <summary>Routes by the NIC.</summary>
    public MovableRoutes NicRoutes { get; init; } = MovableRoutes.None;

    /// <summary>Routes by the bridge.</summary>
    public MovableRoutes BridgeRoutes { get; init; } = MovableRoutes.None;

    /// <summary>The NIC has an IPv6 address other than its link-local one.</summary>
    public bool HasIPv6 { get; init; }

    /// <summary>The bridge is one that we made: its alias says so.</summary>
    public bool IsOurs => Bridge is { Kind: "bridge" } && Bridge.Alias.StartsWith(BridgeMode.AliasPrefix, StringComparison.Ordinal);

    /// <summary>Looks. A bridge of ours knows its NIC; without one it is <paramref name="nic"/>.</summary>
    public static BridgeObservation Take(NetlinkSocket host, Func<string> nic)
    {
        var bridge = host.FindLink(BridgeMode.Name);
        var ours = new BridgeObservation { NicName = "", Bridge = bridge }.IsOurs;
        var name = ours ? bridge!.Alias[BridgeMode.AliasPrefix.Length..] : nic();
        var link = host.FindLink(name);
        return new BridgeObservation
        {
            NicName = name,
            Nic = link,
            Bridge = bridge,
            NicAddresses = link is null ? [] : MovableAddress.Of(host, link.Index),
            NicRoutes = link is null ? MovableRoutes.None : MovableRoutes.Of(host, link.Index, ours ? bridge!.Index : 0),
            BridgeAddresses = ours ? MovableAddress.Of(host, bridge!.Index) : [],
            BridgeRoutes = ours ? MovableRoutes.Of(host, bridge!.Index, link?.Index ?? 0) : MovableRoutes.None,
            HasIPv6 = link is not null && host.Addresses(Family.Inet6, link.Index).Any(found => !found.Address.IsIPv6LinkLocal),
        };
    }
}
