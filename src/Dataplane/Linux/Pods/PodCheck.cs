using System.Net.NetworkInformation;
using Vnetcni.Dataplane.Linux.Bridge;
using Vnetcni.Dataplane.Linux.Namespaces;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Pods;

/// <summary>Compares an attachment with what attaching makes; one sentence for each difference.</summary>
internal static class PodCheck
{
    /// <param name="host">The node's socket.</param>
    /// <param name="request">As attached.</param>
    /// <param name="pod">Where.</param>
    /// <param name="bridge">Null in transparent mode.</param>
    public static IReadOnlyList<string> Run(NetlinkSocket host, AttachRequest request, LinuxPodNamespace pod, NodeBridge? bridge)
    {
        var faults = new List<string>();
        var hostEnd = host.FindLink(request.HostInterface);
        var podEnd = pod.Socket.FindLink(request.InterfaceName);
        if (hostEnd is null)
            faults.Add($"the node has no interface {request.HostInterface}");
        if (podEnd is null)
            faults.Add($"the pod has no interface {request.InterfaceName}");
        if (hostEnd is not null)
            CheckHost(host, request, hostEnd, podEnd, bridge, faults);
        if (podEnd is not null)
            CheckPod(pod.Socket, request, podEnd, hostEnd, bridge?.Mac ?? hostEnd?.Mac, faults);
        return faults;
    }

    private static void CheckHost(NetlinkSocket host, AttachRequest request, Link link, Link? podEnd, NodeBridge? bridge, List<string> faults)
    {
        var name = request.HostInterface;
        if (!string.Equals(link.Alias, request.Alias, StringComparison.Ordinal))
            faults.Add($"the node's {name} has the alias '{link.Alias}', not '{request.Alias}'");
        if (!link.Up)
            faults.Add($"the node's {name} is down");
        if (request.Mtu > 0 && link.Mtu != request.Mtu)
            faults.Add($"the node's {name} has MTU {link.Mtu}, not {request.Mtu}");
        var (by, byIndex) = bridge is null ? (name, link.Index) : (BridgeMode.Name, bridge.Index);
        if (bridge is not null && link.Master != bridge.Index)
            faults.Add($"the node's {name} is not a port of {by}");
        if (bridge is not null && podEnd is not null && bridge.Rules.Find(request.Address) != new BridgePod(link.Index, podEnd.Mac))
            faults.Add($"the rules of {BridgeTable.Table} do not know {request.Address} as the pod's");
        var route = host.FindRoute(request.Address);
        if (route is not { IsHostRoute: true, Type: RouteAttribute.TypeUnicast } || route.OutInterface != byIndex)
            faults.Add($"the node has no route to {request.Address} by {by}");
        if (podEnd is not null && !podEnd.Mac.Equals(host.FindPermanentNeighbour(byIndex, request.Address)))
            faults.Add($"the node has no permanent neighbour {request.Address} with the pod's MAC on {by}");
    }

    private static void CheckPod(NetlinkSocket pod, AttachRequest request, Link link, Link? hostEnd, PhysicalAddress? nextHop, List<string> faults)
    {
        var name = request.InterfaceName;
        if (hostEnd is not null && (link.PeerIndex != hostEnd.Index || hostEnd.PeerIndex != link.Index))
            faults.Add($"the pod's {name} is not the other end of the node's {request.HostInterface}");
        if (!link.Up)
            faults.Add($"the pod's {name} is down");
        if (request.Mtu > 0 && link.Mtu != request.Mtu)
            faults.Add($"the pod's {name} has MTU {link.Mtu}, not {request.Mtu}");
        var family = Inet.FamilyOf(request.Address);
        if (!pod.Addresses(family, link.Index).Contains((request.Address, Inet.HostPrefix(request.Address))))
            faults.Add($"the pod's {name} lacks the address {request.Address}/{Inet.HostPrefix(request.Address)}");
        var routes = pod.Routes(family).Where(route => route.OutInterface == link.Index).ToArray();
        if (!routes.Any(route => route.PrefixLength == 0 && PodSide.Gateway.Equals(route.Gateway)))
            faults.Add($"the pod has no default route by {PodSide.Gateway} on {name}");
        if (!routes.Any(route => route.IsHostRoute && PodSide.Gateway.Equals(route.Destination)))
            faults.Add($"the pod has no route to {PodSide.Gateway} on {name}");
        if (nextHop is not null && !nextHop.Equals(pod.FindPermanentNeighbour(link.Index, PodSide.Gateway)))
            faults.Add($"the pod has no permanent neighbour {PodSide.Gateway} with the node's MAC on {name}");
    }
}
