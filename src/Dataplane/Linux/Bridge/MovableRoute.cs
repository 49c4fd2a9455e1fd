using System.Runtime.CompilerServices;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Bridge;

/// <summary>
/// A route as it moves from one link to another: the kernel's own words, whole, with another interface. So attributes that we do
/// not know (window, source, type of service …) move too.
/// </summary>
/// <param name="Route">What we understand of it.</param>
/// <param name="Payload">rtmsg and attributes, as the kernel told them.</param>
/// <param name="IsMultipath">It has several next hops.</param>
internal sealed record MovableRoute(Route Route, byte[] Payload, bool IsMultipath)
{
    /// <summary>
    /// IPv4 routes by a link, in every table, those that others need first. Without those that the kernel makes with an address,
    /// and without ours to pods.
    /// </summary>
    public static IReadOnlyList<MovableRoute> Of(NetlinkSocket socket, int index)
    {
        var routes = new List<MovableRoute>();
        socket.Dump(MessageType.GetRoute, new RouteHeader { Family = Family.Inet }, null, "listing routes", routes.Clear, (message, payload) =>
        {
            if (message != MessageType.NewRoute || Route.Parse(payload) is not { } route || route.OutInterface != index)
                return;
            if (route.Table == RouteAttribute.TableLocal || route.Protocol is RouteAttribute.ProtocolKernel or RouteRequests.OurProtocol)
                return;
            routes.Add(new MovableRoute(route, payload.ToArray(), Has(payload, RouteAttribute.MultiPath)));
        });
        return [.. routes.OrderBy(route => route.Route.Gateway is not null)];
    }

    /// <summary>Makes it by another link; the one of the same destination and metric goes at the same moment.</summary>
    public void WriteReplace(ref NetlinkWriter writer, int index)
    {
        var attributes = NetlinkAttributes.After(Payload, out RouteHeader header);
        header.Flags &= RouteAttribute.OnLink;
        writer.BeginChange(MessageType.NewRoute, MessageFlags.Create | MessageFlags.Replace, header);
        while (attributes.MoveNext())
        {
            if (attributes.Type == RouteAttribute.OutInterface)
                writer.Put(RouteAttribute.OutInterface, (uint)index);
            else if (attributes.Type != RouteAttribute.CacheInfo)
                writer.Put(attributes.Type, attributes.Value);
        }
        writer.End();
    }

    /// <summary>Bytes of the message at most: of an interface that is told without its number, four bytes become eight.</summary>
    public int MaxBytes => (2 * Payload.Length) + Unsafe.SizeOf<MessageHeader>() + 8;

    private static bool Has(ReadOnlySpan<byte> payload, ushort type)
    {
        var attributes = NetlinkAttributes.After(payload, out RouteHeader _);
        while (attributes.MoveNext())
        {
            if (attributes.Type == type)
                return true;
        }
        return false;
    }
}
