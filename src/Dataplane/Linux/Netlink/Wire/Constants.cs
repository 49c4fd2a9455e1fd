namespace Vnetcni.Dataplane.Linux.Netlink.Wire;

/// <summary>Sockets (linux/netlink.h, bits/socket.h).</summary>
internal static class Sockets
{
    public const int AfNetlink = 16;
    public const int NetlinkRoute = 0;
    public const int RawCloseOnExec = 3 | 0x80000;
    public const int SolSocket = 1;
    public const int SoProtocol = 38;
    public const int SoDomain = 39;
    public const int SolNetlink = 270;
    public const int CapAck = 10;
    public const int ExtAck = 11;
    public const int StrictCheck = 12;
    public const int MsgDontWait = 0x40;
    public const int MsgTrunc = 0x20;
    public const int MsgNoSignal = 0x4000;
    public const short PollIn = 1;
}

/// <summary>Address families.</summary>
internal static class Family
{
    public const byte Inet = 2;
    public const byte Inet6 = 10;
}

/// <summary>Message flags (linux/netlink.h).</summary>
internal static class MessageFlags
{
    public const ushort Request = 0x1;
    public const ushort Ack = 0x4;
    public const ushort DumpInterrupted = 0x10;
    public const ushort Exclusive = 0x200;
    public const ushort Dump = 0x300;
    public const ushort Create = 0x400;

    /// <summary>NLM_F_CAPPED: the request's payload is not repeated in the error message.</summary>
    public const ushort Capped = 0x100;

    /// <summary>NLM_F_ACK_TLVS: attributes follow the error.</summary>
    public const ushort AckAttributes = 0x200;
}

/// <summary>Message types (linux/netlink.h, linux/rtnetlink.h).</summary>
internal static class MessageType
{
    public const ushort Error = 2;
    public const ushort Done = 3;
    public const ushort NewLink = 16;
    public const ushort DeleteLink = 17;
    public const ushort GetLink = 18;
    public const ushort NewAddress = 20;
    public const ushort GetAddress = 22;
    public const ushort NewRoute = 24;
    public const ushort DeleteRoute = 25;
    public const ushort GetRoute = 26;
    public const ushort NewNeighbour = 28;
    public const ushort GetNeighbour = 30;

    public static string Name(ushort type) => type switch
    {
        NewLink => "RTM_NEWLINK",
        DeleteLink => "RTM_DELLINK",
        GetLink => "RTM_GETLINK",
        NewAddress => "RTM_NEWADDR",
        GetAddress => "RTM_GETADDR",
        NewRoute => "RTM_NEWROUTE",
        DeleteRoute => "RTM_DELROUTE",
        GetRoute => "RTM_GETROUTE",
        NewNeighbour => "RTM_NEWNEIGH",
        GetNeighbour => "RTM_GETNEIGH",
        _ => $"netlink message {type}",
    };
}

/// <summary>Attributes of an error (linux/netlink.h).</summary>
internal static class ErrorAttribute
{
    public const ushort Text = 1;
}

/// <summary>IFLA_* and IFF_* (linux/if_link.h, linux/if.h, linux/veth.h).</summary>
internal static class LinkAttribute
{
    public const uint FlagUp = 1;
    public const ushort Address = 1;
    public const ushort Name = 3;
    public const ushort Mtu = 4;
    public const ushort Link = 5;
    public const ushort LinkInfo = 18;
    public const ushort Alias = 20;
    public const ushort AfSpec = 26;
    public const ushort Group = 27;
    public const ushort NetNsDescriptor = 28;
    public const ushort ExtMask = 29;
    public const ushort TxQueues = 31;
    public const ushort RxQueues = 32;
    public const ushort InfoKind = 1;
    public const ushort InfoData = 2;
    public const ushort VethPeer = 1;
    public const ushort InetConf = 1;

    /// <summary>RTEXT_FILTER_SKIP_STATS.</summary>
    public const uint SkipStatistics = 8;
}

/// <summary>IPV4_DEVCONF_* (linux/ip.h): the per-interface sysctls.</summary>
internal static class InetConf
{
    public const ushort Forwarding = 1;
    public const ushort ProxyArp = 3;
    public const ushort SendRedirects = 6;
    public const ushort ReversePathFilter = 8;
}

/// <summary>RTA_*, RTN_*, RT_SCOPE_*, RT_TABLE_* (linux/rtnetlink.h).</summary>
internal static class RouteAttribute
{
    public const ushort Destination = 1;
    public const ushort OutInterface = 4;
    public const ushort Gateway = 5;
    public const ushort Priority = 6;
    public const ushort MultiPath = 9;
    public const ushort Table = 15;
    public const byte TypeUnicast = 1;
    public const byte TypeUnreachable = 7;
    public const byte ScopeUniverse = 0;
    public const byte ScopeLink = 253;
    public const byte ScopeNowhere = 255;
    public const byte TableMain = 254;

    /// <summary>RTM_F_FIB_MATCH: answer with the table's entry, not with the result of a lookup.</summary>
    public const uint FibMatch = 0x2000;
}

/// <summary>IFA_* (linux/if_addr.h).</summary>
internal static class AddressAttribute
{
    public const ushort Address = 1;
    public const ushort Local = 2;
}

/// <summary>NDA_* and NUD_* (linux/neighbour.h).</summary>
internal static class NeighbourAttribute
{
    public const ushort Destination = 1;
    public const ushort LinkAddress = 2;
    public const ushort StatePermanent = 0x80;
}
