using Vnetcni.Dataplane.Linux.Namespaces;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Transparent;

/// <summary>Compares an attachment with what attaching makes; one sentence for each difference.</summary>
internal static class TransparentCheck
{
    public static IReadOnlyList<string> Run(NetlinkSocket host, AttachRequest request, LinuxPodNamespace pod)
    {
        var faults = new List<string>();
        var hostEnd = host.FindLink(request.HostInterface);
        var podEnd = pod.Socket.FindLink(request.InterfaceName);
        if (hostEnd is null)
            faults.Add($"the node has no interface {request.HostInterface}");
        if (podEnd is null)
            faults.Add($"the pod has no interface {request.InterfaceName}");
        if (hostEnd is not null)
            CheckHost(host, request, hostEnd, podEnd, faults);
        if (podEnd is not null)
            CheckPod(pod.Socket, request, podEnd, hostEnd, faults);
        return faults;
    }

    private static void CheckHost(NetlinkSocket host, AttachRequest request, Link link, Link? podEnd, List<string> faults)
    {
        var name = request.HostInterface;
        if (!string.Equals(link.Alias, request.Alias, StringComparison.Ordinal))
            faults.Add($"the node's {name} has the alias '{link.Alias}', not '{request.Alias}'");
        if (!link.Up)
            faults.Add($"the node's {name} is down");
        if (request.Mtu > 0 && link.Mtu != request.Mtu)
            faults.Add($"the node's {name} has MTU {link.Mtu}, not {request.Mtu}");
        var route = host.FindRoute(request.Address);
        if (route is not { IsHostRoute: true, Type: RouteAttribute.TypeUnicast } || route.OutInterface != link.Index)
            faults.Add($"the node has no route to {request.Address} by {name}");
        if (podEnd is not null && !podEnd.Mac.Equals(host.FindPermanentNeighbour(link.Index, request.Address)))
            faults.Add($"the node has no permanent neighbour {request.Address} with the pod's MAC on {name}");
    }

    private static void CheckPod(NetlinkSocket pod, AttachRequest request, Link link, Link? hostEnd, List<string> faults)
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
        if (!routes.Any(route => route.PrefixLength == 0 && TransparentMode.Gateway.Equals(route.Gateway)))
            faults.Add($"the pod has no default route by {TransparentMode.Gateway} on {name}");
        if (!routes.Any(route => route.IsHostRoute && TransparentMode.Gateway.Equals(route.Destination)))
            faults.Add($"the pod has no route to {TransparentMode.Gateway} on {name}");
        if (hostEnd is not null && !hostEnd.Mac.Equals(pod.FindPermanentNeighbour(link.Index, TransparentMode.Gateway)))
            faults.Add($"the pod has no permanent neighbour {TransparentMode.Gateway} with the node's MAC on {name}");
    }
}
