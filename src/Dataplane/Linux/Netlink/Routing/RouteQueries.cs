using System.Net;
using System.Net.NetworkInformation;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Netlink.Routing;

/// <summary>Questions about routes, addresses and neighbours.</summary>
internal static class RouteQueries
{
    /// <summary>
    /// Routes of the main table of one family. The filters (0 = any) are the kernel's (since 4.20); they are checked here
    /// again.
    /// </summary>
    public static IReadOnlyList<Route> Routes(this NetlinkSocket socket, byte family, byte protocol = 0, byte type = 0)
    {
        var routes = new List<Route>();
        var header = new RouteHeader { Family = family, Table = RouteAttribute.TableMain, Protocol = protocol, Type = type };
        socket.Dump(MessageType.GetRoute, header, null, "listing routes", routes.Clear, (message, payload) =>
        {
            if (message == MessageType.NewRoute && Route.Parse(payload) is { Table: RouteAttribute.TableMain } route
                && (protocol == 0 || route.Protocol == protocol) && (type == 0 || route.Type == type))
                routes.Add(route);
        });
        return routes;
    }

    /// <summary>The table's entry that a packet to <paramref name="address"/> would take, or null.</summary>
    public static Route? FindRoute(this NetlinkSocket socket, IPAddress address)
    {
        var header = new RouteHeader
        {
            Family = Inet.FamilyOf(address),
            DestinationLength = Inet.HostPrefix(address),
            Flags = RouteAttribute.FibMatch,
        };
        var writer = socket.Write(stackalloc byte[64]);
        writer.BeginQuery(MessageType.GetRoute, 0, header);
        writer.Put(RouteAttribute.Destination, address);
        writer.End();
        Route? found = null;
        // A refusal is the answer here: ENETUNREACH without a route, EHOSTUNREACH by an unreachable one.
        return socket.Query(writer, (_, payload) => found = Route.Parse(payload)) is null ? found : null;
    }

    /// <summary>Addresses of one link.</summary>
    public static IReadOnlyList<(IPAddress Address, int PrefixLength)> Addresses(this NetlinkSocket socket, byte family, int index)
    {
        var addresses = new List<(IPAddress, int)>();
        var header = new AddressHeader { Family = family, Index = (uint)index };
        socket.Dump(MessageType.GetAddress, header, null, "listing addresses", addresses.Clear, (message, payload) =>
        {
            if (message != MessageType.NewAddress)
                return;
            var attributes = NetlinkAttributes.After(payload, out AddressHeader found);
            while (attributes.MoveNext())
            {
                if (found.Index == (uint)index && attributes.Type == AddressAttribute.Local && Inet.Parse(attributes.Value) is { } address)
                    addresses.Add((address, found.PrefixLength));
            }
        });
        return addresses;
    }

    /// <summary>The MAC of a permanent neighbour, or null.</summary>
    public static PhysicalAddress? FindPermanentNeighbour(this NetlinkSocket socket, int index, IPAddress address)
    {
        var writer = socket.Write(stackalloc byte[64]);
        writer.BeginQuery(MessageType.GetNeighbour, 0, new NeighbourHeader { Family = Inet.FamilyOf(address), Index = index });
        writer.Put(NeighbourAttribute.Destination, address);
        writer.End();
        PhysicalAddress? mac = null;
        var failure = socket.Query(writer, (_, payload) =>
        {
            var attributes = NetlinkAttributes.After(payload, out NeighbourHeader header);
            while (attributes.MoveNext())
            {
                if (attributes.Type == NeighbourAttribute.LinkAddress && header.State == NeighbourAttribute.StatePermanent)
                    mac = new PhysicalAddress(attributes.Value.ToArray());
            }
        });
        if (failure is { Errno: not (Errno.NoEntry or Errno.NoDevice) })
            throw failure.ToException($"asking for neighbour {address}");
        return mac;
    }
}
