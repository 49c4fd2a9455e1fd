using System.Net.NetworkInformation;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Netlink.Routing;

/// <summary>A link as the kernel tells it.</summary>
/// <param name="Index">ifindex.</param>
/// <param name="Name">Interface name.</param>
/// <param name="Up">IFF_UP.</param>
/// <param name="Mtu">Bytes.</param>
/// <param name="Group">IFLA_GROUP.</param>
/// <param name="Alias">IFLA_IFALIAS, or empty.</param>
/// <param name="Kind">Such as <c>veth</c>, or empty.</param>
/// <param name="Mac">Hardware address.</param>
/// <param name="PeerIndex">IFLA_LINK: of a veth, the other end's index in its own namespace; 0 when absent.</param>
/// <param name="Master">ifindex of the bridge (or bond) that it is a port of, or 0.</param>
internal sealed record Link(
    int Index, string Name, bool Up, int Mtu, uint Group, string Alias, string Kind, PhysicalAddress Mac, int PeerIndex, int Master)
{
    /// <summary>Reads an RTM_NEWLINK payload; null when it is cut short.</summary>
    public static Link? Parse(ReadOnlySpan<byte> payload)
    {
        var attributes = NetlinkAttributes.After(payload, out LinkHeader header);
        if (header.Index <= 0)
            return null;
        string name = "", alias = "", kind = "";
        uint mtu = 0, group = 0, peer = 0, master = 0;
        var mac = PhysicalAddress.None;
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case LinkAttribute.Name:
                    name = attributes.Text;
                    break;
                case LinkAttribute.Alias:
                    alias = attributes.Text;
                    break;
                case LinkAttribute.Mtu:
                    mtu = attributes.Number;
                    break;
                case LinkAttribute.Group:
                    group = attributes.Number;
                    break;
                case LinkAttribute.Link:
                    peer = attributes.Number;
                    break;
                case LinkAttribute.Master:
                    master = attributes.Number;
                    break;
                case LinkAttribute.Address when attributes.Value.Length == MacAddress.Bytes:
                    mac = new PhysicalAddress(attributes.Value.ToArray());
                    break;
                case LinkAttribute.LinkInfo:
                    kind = KindOf(attributes.Value);
                    break;
                default:
                    break;
            }
        }
        return new Link(
            header.Index, name, (header.Flags & LinkAttribute.FlagUp) != 0, (int)Math.Min(mtu, int.MaxValue), group, alias, kind, mac,
            (int)Math.Min(peer, int.MaxValue), (int)Math.Min(master, int.MaxValue));
    }

    private static string KindOf(ReadOnlySpan<byte> linkInfo)
    {
        var attributes = new NetlinkAttributes(linkInfo);
        while (attributes.MoveNext())
        {
            if (attributes.Type == LinkAttribute.InfoKind)
                return attributes.Text;
        }
        return "";
    }
}
