using System.Net;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Node;

/// <summary>
/// An unreachable route for every address held on the NIC. While a pod has the address, the route to its veth wins by
/// metric; without a pod the node answers "unreachable" instead of sending the packet back to the fabric, which would
/// return it until its hops are used up. An address that another plug-in's interface has gets none: its route may be a wider
/// one, which a /32 would hide.
/// </summary>
internal static class HeldRoutes
{
    /// <summary>Worse than any route to a pod.</summary>
    public const uint Metric = 1000;

    private const int BytesPerMessage = 64;

    /// <summary>Makes the node's set of them equal to <paramref name="held"/>.</summary>
    public static void Apply(NetlinkSocket host, IEnumerable<IPAddress> held)
    {
        var wanted = held.ToHashSet();
        var routes = host.Routes(Family.Inet, RouteRequests.OurProtocol, RouteAttribute.TypeUnreachable);
        // After the routes: a stand-in made meanwhile has its note before its route goes.
        var standIns = host.StandInNotes().Values.ToHashSet();
        var present = new HashSet<IPAddress>();
        var superfluous = new List<Route>();
        foreach (var route in routes)
        {
            if (route.IsHostRoute && route.Metric == Metric && wanted.Contains(route.Destination!))
                present.Add(route.Destination!);
            else if (route.IsHostRoute)
                superfluous.Add(route);
        }
        foreach (var chunk in wanted.Where(address => !present.Contains(address) && !standIns.Contains(address)).Chunk(NetlinkSocket.MaxBatch))
            Add(host, chunk);
        foreach (var chunk in superfluous.Chunk(NetlinkSocket.MaxBatch))
            Remove(host, chunk);
    }

    private static void Add(NetlinkSocket host, IPAddress[] addresses)
    {
        var writer = host.Write(stackalloc byte[NetlinkSocket.MaxBatch * BytesPerMessage]);
        foreach (var address in addresses)
            writer.NewUnreachable(address, Metric);
        foreach (var failure in host.Send(writer))
        {
            if (failure.Errno != Errno.Exists)
                throw failure.ToException($"adding the unreachable route of {addresses[failure.Index]}");
        }
    }

    private static void Remove(NetlinkSocket host, Route[] routes)
    {
        var writer = host.Write(stackalloc byte[NetlinkSocket.MaxBatch * BytesPerMessage]);
        foreach (var route in routes)
            writer.DeleteUnreachable(route.Destination!, route.Metric);
        foreach (var failure in host.Send(writer))
        {
            if (failure.Errno != Errno.NoProcess)
                throw failure.ToException($"removing the unreachable route of {routes[failure.Index].Destination}");
        }
    }
}
