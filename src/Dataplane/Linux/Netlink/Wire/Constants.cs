using Vnetcni.Dataplane.Linux.Conntrack;
using Vnetcni.Dataplane.Linux.Nftables;

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
    public const int AddMembership = 1;
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
    public const byte Bridge = 7;
    public const byte Inet6 = 10;
}

/// <summary>Message flags (linux/netlink.h).</summary>
internal static class MessageFlags
{
    public const ushort Request = 0x1;
    public const ushort Ack = 0x4;
    public const ushort DumpInterrupted = 0x10;
    public const ushort Replace = 0x100;
    public const ushort Exclusive = 0x200;
    public const ushort Dump = 0x300;
    public const ushort Create = 0x400;
    public const ushort Append = 0x800;

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
    public const ushort DeleteAddress = 21;
    public const ushort GetAddress = 22;
    public const ushort NewRoute = 24;
    public const ushort DeleteRoute = 25;
    public const ushort GetRoute = 26;
    public const ushort NewNeighbour = 28;
    public const ushort DeleteNeighbour = 29;
    public const ushort GetNeighbour = 30;
    public const ushort NewRule = 32;
    public const ushort DeleteRule = 33;
    public const ushort GetRule = 34;

    public static string Name(ushort type) => type switch
    {
        NewLink => "RTM_NEWLINK",
        DeleteLink => "RTM_DELLINK",
        GetLink => "RTM_GETLINK",
        NewAddress => "RTM_NEWADDR",
        DeleteAddress => "RTM_DELADDR",
        GetAddress => "RTM_GETADDR",
        NewRoute => "RTM_NEWROUTE",
        DeleteRoute => "RTM_DELROUTE",
        GetRoute => "RTM_GETROUTE",
        NewNeighbour => "RTM_NEWNEIGH",
        DeleteNeighbour => "RTM_DELNEIGH",
        GetNeighbour => "RTM_GETNEIGH",
        NewRule => "RTM_NEWRULE",
        DeleteRule => "RTM_DELRULE",
        GetRule => "RTM_GETRULE",
        _ => NftMessage.Name(type) ?? ConntrackMessage.Name(type) ?? $"netlink message {type}",
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
    public const ushort Master = 10;
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
    public const ushort InfoSlaveKind = 4;
    public const ushort InfoSlaveData = 5;
    public const ushort VethPeer = 1;
    public const ushort InetConf = 1;

    /// <summary>RTEXT_FILTER_SKIP_STATS.</summary>
    public const uint SkipStatistics = 8;
}

/// <summary>IFLA_BR_* and IFLA_BRPORT_* (linux/if_link.h).</summary>
internal static class BridgeAttribute
{
    public const ushort ForwardDelay = 1;
    public const ushort StpState = 5;
    public const ushort MulticastSnooping = 23;
    public const ushort PortHairpin = 4;
    public const ushort PortLearning = 8;
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
    public const ushort CacheInfo = 12;
    public const ushort Table = 15;
    public const byte TypeUnicast = 1;
    public const byte TypeUnreachable = 7;
    public const byte ScopeUniverse = 0;
    public const byte ScopeLink = 253;
    public const byte ScopeNowhere = 255;
    public const byte TableMain = 254;
    public const byte TableLocal = 255;

    /// <summary>RTPROT_KERNEL: made by the kernel with an address.</summary>
    public const byte ProtocolKernel = 2;

    /// <summary>RTNH_F_ONLINK.</summary>
    public const uint OnLink = 4;

    /// <summary>RTM_F_FIB_MATCH: answer with the table's entry, not with the result of a lookup.</summary>
    public const uint FibMatch = 0x2000;
}

/// <summary>FRA_* and FIB_RULE_* (linux/fib_rules.h).</summary>
internal static class RuleAttribute
{
    public const ushort Priority = 6;
    public const ushort Mark = 10;
    public const ushort SuppressPrefixLength = 14;
    public const ushort Table = 15;
    public const ushort MarkMask = 16;
    public const ushort Protocol = 21;

    /// <summary>FR_ACT_TO_TBL.</summary>
    public const byte ToTable = 1;

    /// <summary>FIB_RULE_INVERT.</summary>
    public const uint Invert = 2;
}

/// <summary>IFA_* (linux/if_addr.h).</summary>
internal static class AddressAttribute
{
    public const ushort Address = 1;
    public const ushort Local = 2;
    public const ushort Broadcast = 4;
    public const ushort Flags = 8;

    /// <summary>IFA_RT_PRIORITY: the metric of the route to the address's network.</summary>
    public const ushort RoutePriority = 9;

    /// <summary>IFA_F_NOPREFIXROUTE.</summary>
    public const uint NoPrefixRoute = 0x200;
}

/// <summary>NDA_* and NUD_* (linux/neighbour.h).</summary>
internal static class NeighbourAttribute
{
    public const ushort Destination = 1;
    public const ushort LinkAddress = 2;

    /// <summary>NDA_PROTOCOL (since Linux 5.2): who made it, numbers as of routes.</summary>
    public const ushort Protocol = 12;
    public const ushort StateNoArp = 0x40;
    public const ushort StatePermanent = 0x80;

    /// <summary>NTF_MASTER: the bridge's table, not the port's own.</summary>
    public const byte FlagMaster = 4;
}
