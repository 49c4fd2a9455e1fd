using System.Net;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Wire;
using Vnetcni.Dataplane.Snat;

namespace Vnetcni.Dataplane.Linux.Conntrack;

/// <summary>A tracked connection of IPv4, as far as it takes to know whose it is and to delete it.</summary>
/// <param name="Source">Who began it.</param>
/// <param name="Destination">To whom it was sent.</param>
/// <param name="ReplySource">Who answers: another than the destination where that was translated.</param>
/// <param name="ReplyDestination">To whom it answers.</param>
/// <param name="Tuple">CTA_TUPLE_ORIG as the kernel gave it.</param>
/// <param name="Id">CTA_ID: a connection that took the place of this one has another.</param>
/// <param name="Zone">CTA_ZONE as the kernel gave it, or null.</param>
internal sealed record ConntrackEntry(
    uint Source, uint Destination, uint ReplySource, uint ReplyDestination, byte[] Tuple, byte[]? Id, byte[]? Zone)
{
    /// <summary>
    /// Reads an IPCTNL_MSG_CT_NEW payload when it concerns one of the addresses; null when it does not or is cut short. The
    /// table may have hundreds of thousands of entries: nothing is allocated for those that do not matter.
    /// </summary>
    public static ConntrackEntry? Parse(ReadOnlySpan<byte> payload, IReadOnlySet<uint> addresses)
    {
        ReadOnlySpan<byte> tuple = default, id = default, zone = default, reply = default;
        var attributes = NetlinkAttributes.After(payload, out NetfilterHeader header);
        while (header.Family == Family.Inet && attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case ConntrackConstants.TupleOriginal:
                    tuple = attributes.Value;
                    break;
                case ConntrackConstants.TupleReply:
                    reply = attributes.Value;
                    break;
                case ConntrackConstants.Id:
                    id = attributes.Value;
                    break;
                case ConntrackConstants.Zone:
                    zone = attributes.Value;
                    break;
                default:
                    break;
            }
        }
        var (source, destination) = AddressesOf(tuple);
        var (replySource, replyDestination) = AddressesOf(reply);
        if (tuple.IsEmpty || !(addresses.Contains(source) || addresses.Contains(destination) || addresses.Contains(replySource) || addresses.Contains(replyDestination)))
            return null;
        return new ConntrackEntry(
            source, destination, replySource, replyDestination, tuple.ToArray(), id.IsEmpty ? null : id.ToArray(), zone.IsEmpty ? null : zone.ToArray());
    }

    /// <summary>The addresses as numbers in host order.</summary>
    public static HashSet<uint> NumbersOf(IEnumerable<IPAddress> addresses) => [.. addresses.Select(AddressRange.NumberOf)];

    private static (uint Source, uint Destination) AddressesOf(ReadOnlySpan<byte> tuple)
    {
        uint source = 0, destination = 0;
        var parts = new NetlinkAttributes(tuple);
        while (parts.MoveNext())
        {
            var ip = new NetlinkAttributes(parts.Type == ConntrackConstants.TupleIp ? parts.Value : default);
            while (ip.MoveNext())
            {
                source = ip.Type == ConntrackConstants.IpSource ? ip.BigEndianNumber : source;
                destination = ip.Type == ConntrackConstants.IpDestination ? ip.BigEndianNumber : destination;
            }
        }
        return (source, destination);
    }
}
