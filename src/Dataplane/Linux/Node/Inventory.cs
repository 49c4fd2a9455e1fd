using System.Net;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Node;

/// <summary>What of ours the kernel has: two dumps.</summary>
internal static class Inventory
{
    public static IReadOnlyList<HostInterface> Take(NetlinkSocket host, uint sweepGroup)
    {
        var addresses = new Dictionary<int, IPAddress>();
        foreach (var route in host.Routes(Family.Inet, RouteRequests.OurProtocol, RouteAttribute.TypeUnicast))
        {
            if (route.IsHostRoute)
                addresses.TryAdd(route.OutInterface, route.Destination!);
        }
        return [.. host.Links()
            .Where(link => link.Alias.StartsWith(HostInterface.AliasPrefix, StringComparison.Ordinal))
            .OrderBy(link => link.Index)
            .Select(link => new HostInterface(link.Name, link.Alias, addresses.GetValueOrDefault(link.Index), link.Group == sweepGroup))];
    }
}
