using System.Net;
using Vnetcni.Dataplane.Linux.Bridge;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Vnetcni.Dataplane.Linux.Netlink.Wire;
using Vnetcni.Dataplane.Linux.Pods;

namespace Vnetcni.Dataplane.Linux.Node;

/// <summary>What of ours the kernel has: three dumps, four in bridge mode.</summary>
internal static class Inventory
{
    public static IReadOnlyList<HostInterface> Take(NetlinkSocket host, uint sweepGroup, NodeBridge? bridge)
    {
        var addresses = new Dictionary<int, IPAddress>();
        foreach (var route in host.Routes(Family.Inet, RouteRequests.OurProtocol, RouteAttribute.TypeUnicast))
        {
            if (route.IsHostRoute)
                addresses.TryAdd(route.OutInterface, route.Destination!);
        }
        var notes = host.StandInNotes();
        var byMac = bridge is null ? [] : host.PermanentNeighbours(bridge.Index).DistinctBy(found => found.Mac).ToDictionary(found => found.Mac, found => found.Address);
        return [.. host.Links()
            .Where(link => link.Alias.StartsWith(HostInterface.AliasPrefix, StringComparison.Ordinal))
            .OrderBy(link => link.Index)
            .Select(link => new HostInterface(link.Name, link.Alias, AddressOf(link), link.Group == sweepGroup))];

        IPAddress? AddressOf(Link link) => bridge is not null && link.Master == bridge.Index
            ? byMac.GetValueOrDefault(PodPair.PodMac(link.Alias))
            : addresses.GetValueOrDefault(link.Index) ?? notes.GetValueOrDefault(link.Index);
    }
}
