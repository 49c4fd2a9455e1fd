using System.Net;
using System.Net.NetworkInformation;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Netlink.Routing;

/// <summary>Messages that make and delete addresses, routes and neighbours. None replaces what is there.</summary>
internal static class RouteRequests
{
    private const ushort CreateNew = MessageFlags.Create | MessageFlags.Exclusive;

    /// <summary>
    /// The protocol number of every route of ours (<c>ip route show proto 118</c>). Numbers above RTPROT_STATIC are free to
    /// use; linux/rtnetlink.h names none of this value.
    /// </summary>
    public const byte OurProtocol = 118;

    /// <summary>A single address (/32 or /128) on a link.</summary>
    public static void NewAddress(this ref NetlinkWriter writer, int index, IPAddress address)
    {
        var header = new AddressHeader { Family = Inet.FamilyOf(address), PrefixLength = Inet.HostPrefix(address), Index = (uint)index };
        writer.BeginChange(MessageType.NewAddress, CreateNew, header);
        writer.Put(AddressAttribute.Local, address);
        writer.Put(AddressAttribute.Address, address);
        writer.End();
    }

    /// <summary>A route to one address, on the link itself.</summary>
    public static void NewLinkRoute(this ref NetlinkWriter writer, IPAddress address, int index)
    {
        writer.BeginChange(MessageType.NewRoute, CreateNew, HostRoute(address, RouteAttribute.TypeUnicast, RouteAttribute.ScopeLink));
        writer.Put(RouteAttribute.Destination, address);
        writer.Put(RouteAttribute.OutInterface, (uint)index);
        writer.End();
    }

    /// <summary>Deletes what <see cref="NewLinkRoute"/> made.</summary>
    public static void DeleteLinkRoute(this ref NetlinkWriter writer, IPAddress address, int index)
    {
        writer.BeginChange(MessageType.DeleteRoute, 0, HostRoute(address, RouteAttribute.TypeUnicast, RouteAttribute.ScopeLink));
        writer.Put(RouteAttribute.Destination, address);
        writer.Put(RouteAttribute.OutInterface, (uint)index);
        writer.End();
    }

    /// <summary>The default route by a gateway.</summary>
    public static void NewDefaultRoute(this ref NetlinkWriter writer, IPAddress gateway, int index)
    {
        var header = HostRoute(gateway, RouteAttribute.TypeUnicast, RouteAttribute.ScopeUniverse) with { DestinationLength = 0 };
        writer.BeginChange(MessageType.NewRoute, CreateNew, header);
        writer.Put(RouteAttribute.Gateway, gateway);
        writer.Put(RouteAttribute.OutInterface, (uint)index);
        writer.End();
    }

    /// <summary>A route that answers "unreachable" unless one of lower metric exists.</summary>
    public static void NewUnreachable(this ref NetlinkWriter writer, IPAddress address, uint metric)
    {
        writer.BeginChange(MessageType.NewRoute, CreateNew, HostRoute(address, RouteAttribute.TypeUnreachable, RouteAttribute.ScopeUniverse));
        writer.Put(RouteAttribute.Destination, address);
        writer.Put(RouteAttribute.Priority, metric);
        writer.End();
    }

    /// <summary>Deletes what <see cref="NewUnreachable"/> made.</summary>
    public static void DeleteUnreachable(this ref NetlinkWriter writer, IPAddress address, uint metric)
    {
        writer.BeginChange(MessageType.DeleteRoute, 0, HostRoute(address, RouteAttribute.TypeUnreachable, RouteAttribute.ScopeNowhere));
        writer.Put(RouteAttribute.Destination, address);
        writer.Put(RouteAttribute.Priority, metric);
        writer.End();
    }

    /// <summary>A neighbour that is never asked for.</summary>
    public static void NewPermanentNeighbour(this ref NetlinkWriter writer, int index, IPAddress address, PhysicalAddress mac)
    {
        var header = new NeighbourHeader { Family = Inet.FamilyOf(address), Index = index, State = NeighbourAttribute.StatePermanent };
        writer.BeginChange(MessageType.NewNeighbour, CreateNew, header);
        writer.Put(NeighbourAttribute.Destination, address);
        writer.Put(NeighbourAttribute.LinkAddress, mac.GetAddressBytes());
        writer.End();
    }

    /// <summary>
    /// A note on a link that it stands in for an address: a permanent neighbour with our protocol number (<c>ip neighbour show proto
    /// 118</c>). It moves no packet, as no route leads to that link, and goes when the link is taken down.
    /// </summary>
    public static void NewStandInNote(this ref NetlinkWriter writer, int index, IPAddress address, PhysicalAddress mac)
    {
        var header = new NeighbourHeader { Family = Inet.FamilyOf(address), Index = index, State = NeighbourAttribute.StatePermanent };
        writer.BeginChange(MessageType.NewNeighbour, CreateNew, header);
        writer.Put(NeighbourAttribute.Destination, address);
        writer.Put(NeighbourAttribute.LinkAddress, mac.GetAddressBytes());
        writer.Put(NeighbourAttribute.Protocol, [OurProtocol]);
        writer.End();
    }

    /// <summary>Deletes a neighbour.</summary>
    public static void DeleteNeighbour(this ref NetlinkWriter writer, int index, IPAddress address)
    {
        writer.BeginChange(MessageType.DeleteNeighbour, 0, new NeighbourHeader { Family = Inet.FamilyOf(address), Index = index });
        writer.Put(NeighbourAttribute.Destination, address);
        writer.End();
    }

    private static RouteHeader HostRoute(IPAddress address, byte type, byte scope) => new()
    {
        Family = Inet.FamilyOf(address),
        DestinationLength = Inet.HostPrefix(address),
        Table = RouteAttribute.TableMain,
        Protocol = OurProtocol,
        Scope = scope,
        Type = type,
    };
}
