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
            // IPv6 has no local address apart from the address; of a point-to-point link's IPv4 one the other is the peer's.
            IPAddress? local = null, address = null;
            var attributes = NetlinkAttributes.After(payload, out AddressHeader found);
            while (attributes.MoveNext())
            {
                local = attributes.Type == AddressAttribute.Local ? Inet.Parse(attributes.Value) : local;
                address = attributes.Type == AddressAttribute.Address ? Inet.Parse(attributes.Value) : address;
            }
            if (found.Index == (uint)index && (local ?? address) is { } own)
                addresses.Add((own, found.PrefixLength));
        });
        return addresses;
    }

    /// <summary>Addresses of every link, those of one link in the kernel's order.</summary>
    public static IReadOnlyList<(IPAddress Address, int Index)> AllAddresses(this NetlinkSocket socket, byte family)
    {
        var addresses = new List<(IPAddress, int)>();
        socket.Dump(MessageType.GetAddress, new AddressHeader { Family = family }, null, "listing addresses", addresses.Clear, (message, payload) =>
        {
            if (message != MessageType.NewAddress)
                return;
            var attributes = NetlinkAttributes.After(payload, out AddressHeader found);
            while (attributes.MoveNext())
            {
                if (attributes.Type == AddressAttribute.Local && Inet.Parse(attributes.Value) is { } address)
                    addresses.Add((address, (int)found.Index));
            }
        });
        return addresses;
    }

    /// <summary>Permanent IPv4 neighbours on one link.</summary>
    public static IReadOnlyList<(IPAddress Address, PhysicalAddress Mac)> PermanentNeighbours(this NetlinkSocket socket, int index)
    {
        var neighbours = new List<(IPAddress, PhysicalAddress)>();
        socket.Dump(
            MessageType.GetNeighbour, new NeighbourHeader { Family = Family.Inet }, null, "listing neighbours", neighbours.Clear, (message, payload) =>
            {
                var attributes = NetlinkAttributes.After(payload, out NeighbourHeader header);
                if (message != MessageType.NewNeighbour || header.Index != index || (header.State & NeighbourAttribute.StatePermanent) == 0)
                    return;
                IPAddress? address = null;
                PhysicalAddress? mac = null;
                while (attributes.MoveNext())
                {
                    address = attributes.Type == NeighbourAttribute.Destination ? Inet.Parse(attributes.Value) : address;
                    mac = attributes.Type == NeighbourAttribute.LinkAddress ? new PhysicalAddress(attributes.Value.ToArray()) : mac;
                }
                if (address is not null && mac is not null)
                    neighbours.Add((address, mac));
            });
        return neighbours;
    }

    /// <summary>What <see cref="RouteRequests.NewStandInNote"/> made: the address of each link that stands in for one.</summary>
    public static Dictionary<int, IPAddress> StandInNotes(this NetlinkSocket socket)
    {
        var notes = new Dictionary<int, IPAddress>();
        socket.Dump(
            MessageType.GetNeighbour, new NeighbourHeader { Family = Family.Inet }, null, "listing neighbours", notes.Clear, (message, payload) =>
            {
                var attributes = NetlinkAttributes.After(payload, out NeighbourHeader header);
                if (message != MessageType.NewNeighbour || (header.State & NeighbourAttribute.StatePermanent) == 0)
                    return;
                IPAddress? address = null;
                byte protocol = 0;
                while (attributes.MoveNext())
                {
                    address = attributes.Type == NeighbourAttribute.Destination ? Inet.Parse(attributes.Value) : address;
                    protocol = attributes is { Type: NeighbourAttribute.Protocol, Value: [var only] } ? only : protocol;
                }
                if (address is not null && protocol == RouteRequests.OurProtocol)
                    notes[header.Index] = address;
            });
        return notes;
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
