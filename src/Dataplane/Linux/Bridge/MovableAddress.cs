using System.Net;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Routing;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Bridge;

/// <summary>An IPv4 address as it moves from one link to another. Lifetimes stay behind: Azure's addresses have none.</summary>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">Bits.</param>
/// <param name="Scope">RT_SCOPE_*.</param>
/// <param name="NoPrefixRoute">The kernel made no route to its network.</param>
/// <param name="Broadcast">Or null.</param>
/// <param name="Metric">Of the kernel's route to its network; cloud images give each NIC another one.</param>
internal sealed record MovableAddress(IPAddress Address, byte PrefixLength, byte Scope, bool NoPrefixRoute, IPAddress? Broadcast, uint Metric)
{
    /// <summary>Those of a link, in the kernel's order: a network's first is the one that packets leave with.</summary>
    public static IReadOnlyList<MovableAddress> Of(NetlinkSocket socket, int index)
    {
        var addresses = new List<MovableAddress>();
        var header = new AddressHeader { Family = Family.Inet, Index = (uint)index };
        socket.Dump(MessageType.GetAddress, header, null, "listing addresses", addresses.Clear, (message, payload) =>
        {
            if (message == MessageType.NewAddress && Parse(payload, index) is { } address)
                addresses.Add(address);
        });
        return addresses;
    }

    /// <summary>Puts it on a link.</summary>
    public void WriteAdd(ref NetlinkWriter writer, int index)
    {
        Begin(ref writer, MessageType.NewAddress, MessageFlags.Create | MessageFlags.Exclusive, index);
        if (Broadcast is not null)
            writer.Put(AddressAttribute.Broadcast, Broadcast);
        if (NoPrefixRoute)
            writer.Put(AddressAttribute.Flags, AddressAttribute.NoPrefixRoute);
        if (Metric != 0)
            writer.Put(AddressAttribute.RoutePriority, Metric);
        writer.End();
    }

    /// <summary>Takes it from a link.</summary>
    public void WriteDelete(ref NetlinkWriter writer, int index)
    {
        Begin(ref writer, MessageType.DeleteAddress, 0, index);
        writer.End();
    }

    private void Begin(ref NetlinkWriter writer, ushort type, ushort flags, int index)
    {
        writer.BeginChange(type, flags, new AddressHeader { Family = Family.Inet, PrefixLength = PrefixLength, Scope = Scope, Index = (uint)index });
        writer.Put(AddressAttribute.Local, Address);
        writer.Put(AddressAttribute.Address, Address);
    }

    private static MovableAddress? Parse(ReadOnlySpan<byte> payload, int index)
    {
        IPAddress? local = null, broadcast = null;
        uint flags = 0, metric = 0;
        var attributes = NetlinkAttributes.After(payload, out AddressHeader header);
        while (attributes.MoveNext())
        {
            local = attributes.Type == AddressAttribute.Local ? Inet.Parse(attributes.Value) : local;
            broadcast = attributes.Type == AddressAttribute.Broadcast ? Inet.Parse(attributes.Value) : broadcast;
            flags = attributes.Type == AddressAttribute.Flags ? attributes.Number : flags;
            metric = attributes.Type == AddressAttribute.RoutePriority ? attributes.Number : metric;
        }
        return header.Index != (uint)index || local is null
            ? null
            : new MovableAddress(local, header.PrefixLength, header.Scope, (flags & AddressAttribute.NoPrefixRoute) != 0, broadcast, metric);
    }
}
