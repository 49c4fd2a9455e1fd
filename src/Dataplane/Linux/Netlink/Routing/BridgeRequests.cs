using System.Net.NetworkInformation;
using System.Text;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Netlink.Routing;

/// <summary>Messages about bridges, their ports and their forwarding tables.</summary>
internal static class BridgeRequests
{
    /// <summary>
    /// A bridge without spanning tree and without delay: a port forwards at once. It stays down. The second message gives it what
    /// the kernel ignores at creation. MTU is set in both and differs: only one that was changed no longer follows the ports'.
    /// </summary>
    public static void NewBridge(this ref NetlinkWriter writer, string name, PhysicalAddress mac, int mtu, string alias)
    {
        writer.BeginChange(MessageType.NewLink, MessageFlags.Create | MessageFlags.Exclusive, default(LinkHeader));
        writer.Put(LinkAttribute.Name, name);
        writer.Put(LinkAttribute.Address, mac.GetAddressBytes());
        writer.Put(LinkAttribute.Mtu, (uint)mtu - 1);
        var linkInfo = writer.BeginNest(LinkAttribute.LinkInfo);
        writer.Put(LinkAttribute.InfoKind, "bridge");
        var data = writer.BeginNest(LinkAttribute.InfoData);
        writer.Put(BridgeAttribute.ForwardDelay, 0);
        writer.Put(BridgeAttribute.StpState, 0);
        writer.Put(BridgeAttribute.MulticastSnooping, [0]);
        writer.EndNest(data);
        writer.EndNest(linkInfo);
        writer.End();

        writer.BeginChange(MessageType.NewLink, 0, default(LinkHeader));
        writer.Put(LinkAttribute.Name, name);
        writer.Put(LinkAttribute.Mtu, (uint)mtu);
        writer.Put(LinkAttribute.Alias, Encoding.UTF8.GetBytes(alias));
        writer.End();
    }

    /// <summary>Makes a link a port of a bridge; 0 = of none.</summary>
    public static void SetMaster(this ref NetlinkWriter writer, int index, int master)
    {
        writer.BeginChange(MessageType.NewLink, 0, new LinkHeader { Index = index });
        writer.Put(LinkAttribute.Master, (uint)master);
        writer.End();
    }

    /// <summary>Lets a bridge's port send back what came in by it.</summary>
    public static void SetHairpin(this ref NetlinkWriter writer, int index)
    {
        writer.BeginChange(MessageType.NewLink, 0, new LinkHeader { Index = index });
        var linkInfo = writer.BeginNest(LinkAttribute.LinkInfo);
        writer.Put(LinkAttribute.InfoSlaveKind, "bridge");
        var data = writer.BeginNest(LinkAttribute.InfoSlaveData);
        writer.Put(BridgeAttribute.PortHairpin, [1]);
        writer.EndNest(data);
        writer.EndNest(linkInfo);
        writer.End();
    }

    /// <summary>
    /// Alias, group and port settings. No learning: the bridge knows the pod's MAC by a static entry and believes no other.
    /// Hairpin: a pod that asks a service may be the one that answers.
    /// </summary>
    public static void DressPort(this ref NetlinkWriter writer, int index, string alias, uint group)
    {
        writer.BeginChange(MessageType.NewLink, 0, new LinkHeader { Index = index });
        writer.Put(LinkAttribute.Alias, Encoding.UTF8.GetBytes(alias));
        writer.Put(LinkAttribute.Group, group);
        var linkInfo = writer.BeginNest(LinkAttribute.LinkInfo);
        writer.Put(LinkAttribute.InfoSlaveKind, "bridge");
        var data = writer.BeginNest(LinkAttribute.InfoSlaveData);
        writer.Put(BridgeAttribute.PortHairpin, [1]);
        writer.Put(BridgeAttribute.PortLearning, [0]);
        writer.EndNest(data);
        writer.EndNest(linkInfo);
        writer.End();
    }

    /// <summary>A static entry of the bridge's forwarding table (<c>bridge fdb</c>): frames to the MAC leave by the port.</summary>
    public static void NewForwardingEntry(this ref NetlinkWriter writer, int port, PhysicalAddress mac)
    {
        var header = new NeighbourHeader
        {
            Family = Family.Bridge,
            Index = port,
            State = NeighbourAttribute.StateNoArp,
            Flags = NeighbourAttribute.FlagMaster,
        };
        writer.BeginChange(MessageType.NewNeighbour, MessageFlags.Create | MessageFlags.Exclusive, header);
        writer.Put(NeighbourAttribute.LinkAddress, mac.GetAddressBytes());
        writer.End();
    }
}
