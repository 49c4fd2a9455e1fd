using System.Runtime.InteropServices;

namespace Vnetcni.Dataplane.Linux.Netlink.Wire;

/// <summary>struct nlmsghdr (linux/netlink.h). All fields are in host byte order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MessageHeader
{
    public uint Length;
    public ushort Type;
    public ushort Flags;
    public uint Sequence;
    public uint PortId;
}

/// <summary>struct rtattr (linux/rtnetlink.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AttributeHeader
{
    public ushort Length;
    public ushort Type;
}

/// <summary>struct nlmsgerr (linux/netlink.h): a negative errno and the header of the message it answers.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ErrorMessage
{
    public int Error;
    public MessageHeader Request;
}

/// <summary>struct ifinfomsg (linux/rtnetlink.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LinkHeader
{
    public byte Family;
    public byte Padding;
    public ushort DeviceType;
    public int Index;
    public uint Flags;
    public uint Change;
}

/// <summary>struct ifaddrmsg (linux/if_addr.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AddressHeader
{
    public byte Family;
    public byte PrefixLength;
    public byte Flags;
    public byte Scope;
    public uint Index;
}

/// <summary>struct rtmsg (linux/rtnetlink.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RouteHeader
{
    public byte Family;
    public byte DestinationLength;
    public byte SourceLength;
    public byte Tos;
    public byte Table;
    public byte Protocol;
    public byte Scope;
    public byte Type;
    public uint Flags;
}

/// <summary>struct ndmsg (linux/neighbour.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NeighbourHeader
{
    public byte Family;
    public byte Padding1;
    public ushort Padding2;
    public int Index;
    public ushort State;
    public byte Flags;
    public byte Type;
}

/// <summary>struct nfgenmsg (linux/netfilter/nfnetlink.h). The resource id is in network byte order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NetfilterHeader
{
    public byte Family;
    public byte Version;
    public ushort ResourceId;
}

/// <summary>struct sockaddr_nl (linux/netlink.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NetlinkAddress
{
    public ushort Family;
    public ushort Padding;
    public uint PortId;
    public uint Groups;
}

/// <summary>struct pollfd (poll.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    public int Descriptor;
    public short Events;
    public short Returned;
}

/// <summary>struct ifreq (linux/if.h) as SIOCGIFINDEX uses it: 16 bytes of name, then a union of 24.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct InterfaceRequest
{
    public const int NameBytes = 16;

    public fixed byte Name[NameBytes];
    public int Index;
    public fixed byte Rest[20];
}
