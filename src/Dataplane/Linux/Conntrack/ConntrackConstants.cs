namespace Vnetcni.Dataplane.Linux.Conntrack;

/// <summary>CTA_*: attributes of linux/netfilter/nfnetlink_conntrack.h.</summary>
internal static class ConntrackConstants
{
    public const ushort TupleOriginal = 1;
    public const ushort TupleReply = 2;
    public const ushort Id = 12;
    public const ushort Zone = 18;
    public const ushort Filter = 25;
    public const ushort GlobalEntries = 1;
    public const ushort TupleIp = 1;
    public const ushort IpSource = 1;
    public const ushort IpDestination = 2;
    public const ushort FilterOriginal = 1;
    public const ushort FilterReply = 2;

    /// <summary>CTA_FILTER_F_CTA_IP_SRC: of the tuple only the source address counts.</summary>
    public const uint BySource = 1;
}

/// <summary>Message types of ctnetlink: NFNL_SUBSYS_CTNETLINK, 1, in the upper byte.</summary>
internal static class ConntrackMessage
{
    public const ushort New = 0x100;
    public const ushort Get = 0x101;
    public const ushort Delete = 0x102;
    public const ushort GetStatistics = 0x105;

    /// <summary>Null when the type is none of these.</summary>
    public static string? Name(ushort type) => type switch
    {
        New => "IPCTNL_MSG_CT_NEW",
        Get => "IPCTNL_MSG_CT_GET",
        Delete => "IPCTNL_MSG_CT_DELETE",
        GetStatistics => "IPCTNL_MSG_CT_GET_STATS",
        _ => null,
    };
}
