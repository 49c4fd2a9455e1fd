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
/// <param name="ComesAfter">Another link has a route of the same destination and metric that the kernel takes before this one.</param>
internal sealed record MovableRoute(Route Route, byte[] Payload, bool IsMultipath, bool ComesAfter)
{
    /// <summary>Bytes of the message at most: of an interface that is told without its number, four bytes become eight.</summary>
    public int MaxBytes => (2 * Payload.Length) + Unsafe.SizeOf<MessageHeader>() + 8;

    /// <summary>Makes it by another link; the one of the same destination and metric goes at the same moment.</summary>
    public void WriteReplace(ref NetlinkWriter writer, int index) => Write(ref writer, MessageType.NewRoute, MessageFlags.Create | MessageFlags.Replace, index);

    /// <summary>Makes it by another link, where it is there already, before all others of the same destination and metric.</summary>
    public void WriteFirst(ref NetlinkWriter writer, int index)
    {
        Write(ref writer, MessageType.DeleteRoute, 0, index);
        Write(ref writer, MessageType.NewRoute, MessageFlags.Create, index);
    }

    private void Write(ref NetlinkWriter writer, ushort type, ushort flags, int index)
    {
        var attributes = NetlinkAttributes.After(Payload, out RouteHeader header);
        header.Flags &= RouteAttribute.OnLink;
        writer.BeginChange(type, flags, header);
        while (attributes.MoveNext())
        {
            if (attributes.Type == RouteAttribute.OutInterface)
                writer.Put(RouteAttribute.OutInterface, (uint)index);
            else if (attributes.Type != RouteAttribute.CacheInfo)
                writer.Put(attributes.Type, attributes.Value);
        }
        writer.End();
    }
}
