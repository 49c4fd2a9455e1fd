using System.Net.NetworkInformation;
using System.Text;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Netlink.Routing;

/// <summary>Messages that make, change and delete links.</summary>
internal static class LinkRequests
{
    /// <summary>
    /// A veth pair; the peer is born in the namespace of <paramref name="peerNamespace"/> (moving it there later would cost
    /// 20 ms under RTNL). One queue each: the default is one per possible CPU. IFF_UP for the host end only: with it in the
    /// peer's header the kernel answers ENOTCONN. An explicit MAC keeps udev from setting another. The host end is a port of
    /// <paramref name="master"/>, where that is not 0.
    /// </summary>
    public static void NewVeth(this ref NetlinkWriter writer, in VethEnd host, in VethEnd peer, int mtu, uint group, int peerNamespace, int master = 0)
    {
        var header = new LinkHeader { Flags = LinkAttribute.FlagUp, Change = LinkAttribute.FlagUp };
        writer.BeginChange(MessageType.NewLink, MessageFlags.Create | MessageFlags.Exclusive, header);
        writer.PutEnd(host, mtu);
        writer.Put(LinkAttribute.Group, group);
        if (master != 0)
            writer.Put(LinkAttribute.Master, (uint)master);
        var linkInfo = writer.BeginNest(LinkAttribute.LinkInfo);
        writer.Put(LinkAttribute.InfoKind, "veth");
        var data = writer.BeginNest(LinkAttribute.InfoData);
        var nested = writer.BeginNest(LinkAttribute.VethPeer);
        writer.PutHeader(default(LinkHeader));
        writer.PutEnd(peer, mtu);
        writer.Put(LinkAttribute.NetNsDescriptor, (uint)peerNamespace);
        writer.EndNest(nested);
        writer.EndNest(data);
        writer.EndNest(linkInfo);
        writer.End();
    }

    /// <summary>Alias, group and IPv4 settings of a link in one message (at creation the kernel ignores alias and settings).</summary>
    public static void DressLink(
        this ref NetlinkWriter writer, int index, string alias, uint group, ReadOnlySpan<(ushort Setting, uint Value)> inetConf)
    {
        writer.BeginChange(MessageType.NewLink, 0, new LinkHeader { Index = index });
        // Without NUL: the kernel takes all bytes as the alias, up to IFALIASZ - 1.
        writer.Put(LinkAttribute.Alias, Encoding.UTF8.GetBytes(alias));
        writer.Put(LinkAttribute.Group, group);
        var spec = writer.BeginNest(LinkAttribute.AfSpec);
        var family = writer.BeginNest(Family.Inet);
        var settings = writer.BeginNest(LinkAttribute.InetConf);
        foreach (var (setting, value) in inetConf)
            writer.Put(setting, value);
        writer.EndNest(settings);
        writer.EndNest(family);
        writer.EndNest(spec);
        writer.End();
    }

    /// <summary>Takes a link up.</summary>
    public static void LinkUp(this ref NetlinkWriter writer, int index)
    {
        var header = new LinkHeader { Index = index, Flags = LinkAttribute.FlagUp, Change = LinkAttribute.FlagUp };
        writer.BeginChange(MessageType.NewLink, 0, header);
        writer.End();
    }

    /// <summary>Takes a link down and puts it into a group.</summary>
    public static void LinkDown(this ref NetlinkWriter writer, int index, uint group)
    {
        writer.BeginChange(MessageType.NewLink, 0, new LinkHeader { Index = index, Change = LinkAttribute.FlagUp });
        writer.Put(LinkAttribute.Group, group);
        writer.End();
    }

    /// <summary>Deletes one link.</summary>
    public static void DeleteLink(this ref NetlinkWriter writer, int index)
    {
        writer.BeginChange(MessageType.DeleteLink, 0, new LinkHeader { Index = index });
        writer.End();
    }

    /// <summary>Deletes a link by name.</summary>
    public static void DeleteLink(this ref NetlinkWriter writer, string name)
    {
        writer.BeginChange(MessageType.DeleteLink, 0, default(LinkHeader));
        writer.Put(LinkAttribute.Name, name);
        writer.End();
    }

    /// <summary>Deletes every link of a group, whosever it is.</summary>
    public static void DeleteGroup(this ref NetlinkWriter writer, uint group)
    {
        ArgumentOutOfRangeException.ThrowIfZero(group);
        writer.BeginChange(MessageType.DeleteLink, 0, default(LinkHeader));
        writer.Put(LinkAttribute.Group, group);
        writer.End();
    }

    private static void PutEnd(this ref NetlinkWriter writer, in VethEnd end, int mtu)
    {
        writer.Put(LinkAttribute.Name, end.Name);
        writer.Put(LinkAttribute.Address, end.Mac.GetAddressBytes());
        writer.Put(LinkAttribute.Mtu, (uint)mtu);
        writer.Put(LinkAttribute.TxQueues, 1);
        writer.Put(LinkAttribute.RxQueues, 1);
    }
}

/// <summary>One end of a veth pair to make.</summary>
/// <param name="Name">Interface name.</param>
/// <param name="Mac">Hardware address.</param>
internal readonly record struct VethEnd(string Name, PhysicalAddress Mac);
