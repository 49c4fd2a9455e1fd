using Vnetcni.Dataplane.Linux.Bridge;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Node;

/// <summary>The node's NIC, as far as pods need it; in bridge mode the bridge that has its address.</summary>
/// <param name="Name">Interface name.</param>
/// <param name="Mtu">Bytes.</param>
internal sealed record Uplink(string Name, int Mtu)
{
    /// <summary>The named NIC, or the one that the default route of lowest metric leaves by.</summary>
    public static Uplink Find(NetlinkSocket host, string? name)
    {
        if (name is not null)
        {
            var named = host.FindLink(name) ?? throw Missing($"the node has no interface {name}; set the NIC's name in the agent's configuration");
            if (named.Master != 0 && host.FindLink(named.Master) is { Name: BridgeMode.Name } bridge)
                return new Uplink(bridge.Name, bridge.Mtu);
            return new Uplink(named.Name, named.Mtu);
        }
        var route = DefaultRoute(host)
            ?? throw Missing("the node has no default route to find its NIC by; set the NIC's name in the agent's configuration");
        var link = host.FindLink(route.OutInterface)
            ?? throw Missing($"the default route's interface (index {route.OutInterface}) is gone");
        return new Uplink(link.Name, link.Mtu);
    }

    /// <summary>The main table's default route of lowest metric, or null.</summary>
    public static Route? DefaultRoute(NetlinkSocket host) => host.Routes(Family.Inet)
        .Where(route => route.PrefixLength == 0 && route.Type == RouteAttribute.TypeUnicast && route.OutInterface > 0)
        .MinBy(route => route.Metric);

    private static DataplaneException Missing(string message) => new(DataplaneFault.Kernel, message, Errno.NoDevice);
}
