using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Bridge;

/// <summary>The IPv4 routes by a link that have to go where its addresses go.</summary>
/// <param name="Others">In every table, those that others need first; without those that the kernel makes with an address, and without ours to pods.</param>
/// <param name="FirstNetworks">
/// The kernel's own to networks that another link is in too, at the same metric, where this link's comes first: two NICs in one subnet. The kernel would put the new
/// link's last, and the node would speak to its subnet by the other NIC, with an address that Azure admits from the first alone.
/// </param>
internal sealed record MovableRoutes(IReadOnlyList<MovableRoute> Others, IReadOnlyList<MovableRoute> FirstNetworks)
{
    /// <summary>Of a link that is not there.</summary>
    public static MovableRoutes None { get; } = new([], []);

    /// <summary>Bytes of all that moves, each message once and those that come first twice.</summary>
    public int MaxBytes => Others.Sum(route => route.MaxBytes) + FirstNetworks.Sum(route => 2 * route.MaxBytes);

    /// <summary>Those of a link; <paramref name="counterpart"/> is where they come from or go to, and no other link.</summary>
    public static MovableRoutes Of(NetlinkSocket socket, int index, int counterpart)
    {
        var all = new List<(Route Route, byte[] Payload)>();
        socket.Dump(MessageType.GetRoute, new RouteHeader { Family = Family.Inet }, null, "listing routes", all.Clear, (message, payload) =>
        {
            if (message == MessageType.NewRoute && Route.Parse(payload) is { } route && route.Table != RouteAttribute.TableLocal && route.Protocol != RouteRequests.OurProtocol)
                all.Add((route, payload.ToArray()));
        });
        var (others, networks) = (new List<MovableRoute>(), new List<MovableRoute>());
        // The kernel lists routes of one destination and metric in the order in which it takes them.
        foreach (var same in all.GroupBy(found => (found.Route.Table, found.Route.Destination, found.Route.PrefixLength, found.Route.Metric, TypeOfService(found.Payload))))
        {
            var links = same.Select(found => found.Route.OutInterface).Where(link => link != counterpart).ToArray();
            foreach (var (route, payload) in same.Where(found => found.Route.OutInterface == index))
            {
                var movable = new MovableRoute(route, payload, HasSeveralHops(payload), ComesAfter: links[0] != index);
                if (route.Protocol != RouteAttribute.ProtocolKernel)
                    others.Add(movable);
                else if (!movable.ComesAfter && links.Any(link => link != index))
                    networks.Add(movable);
            }
        }

        return new MovableRoutes([.. others.OrderBy(route => route.Route.Gateway is not null)], networks);
    }

    private static byte TypeOfService(byte[] payload)
    {
        _ = NetlinkAttributes.After(payload, out RouteHeader header);
        return header.Tos;
    }

    private static bool HasSeveralHops(byte[] payload)
    {
        var attributes = NetlinkAttributes.After(payload, out RouteHeader _);
        while (attributes.MoveNext())
        {
            if (attributes.Type == RouteAttribute.MultiPath)
                return true;
        }
        return false;
    }
}
