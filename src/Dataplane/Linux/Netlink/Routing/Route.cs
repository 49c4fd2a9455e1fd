using System.Net;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Netlink.Routing;

/// <summary>A route as the kernel tells it.</summary>
/// <param name="Type">RTN_*.</param>
/// <param name="Protocol">Who made it.</param>
/// <param name="Table">Table id.</param>
/// <param name="Destination">Null for the default route.</param>
/// <param name="PrefixLength">Bits.</param>
/// <param name="Gateway">Or null.</param>
/// <param name="OutInterface">ifindex; of a multipath route the first hop's; or 0.</param>
/// <param name="Metric">Priority; the lowest wins.</param>
internal sealed record Route(
    byte Type, byte Protocol, uint Table, IPAddress? Destination, int PrefixLength, IPAddress? Gateway, int OutInterface, uint Metric)
{
    /// <summary>A route to one address only.</summary>
    public bool IsHostRoute => Destination is { } address && PrefixLength == Inet.HostPrefix(address);

    /// <summary>Reads an RTM_NEWROUTE payload; null when it is cut short.</summary>
    public static Route? Parse(ReadOnlySpan<byte> payload)
    {
        var attributes = NetlinkAttributes.After(payload, out RouteHeader header);
        if (header.Family == 0)
            return null;
        IPAddress? destination = null, gateway = null;
        uint table = header.Table, metric = 0, outInterface = 0;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case RouteAttribute.Destination:
                    destination = Inet.Parse(attributes.Value);
                    break;
                case RouteAttribute.Gateway:
                    gateway = Inet.Parse(attributes.Value);
                    break;
                case RouteAttribute.OutInterface:
                    outInterface = attributes.Number;
                    break;
                case RouteAttribute.Priority:
                    metric = attributes.Number;
                    break;
                case RouteAttribute.Table:
                    table = attributes.Number;
                    break;
                case RouteAttribute.MultiPath when attributes.Value.Length >= 8:
                    // struct rtnexthop: length, flags, hops, then the index at byte 4.
                    outInterface = System.Runtime.InteropServices.MemoryMarshal.Read<uint>(attributes.Value[4..]);
                    break;
                default:
                    break;
            }
        }
        return new Route(
            header.Type, header.Protocol, table, destination, header.DestinationLength, gateway,
            (int)Math.Min(outInterface, int.MaxValue), metric);
    }
}
