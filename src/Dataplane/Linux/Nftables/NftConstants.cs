namespace Vnetcni.Dataplane.Linux.Nftables;

/// <summary>Numbers of linux/netfilter/nfnetlink.h and linux/netfilter/nf_tables.h, as far as we use them.</summary>
internal static class NftConstants
{
    /// <summary>NETLINK_NETFILTER.</summary>
    public const int Protocol = 12;

    /// <summary>NFNL_SUBSYS_NFTABLES.</summary>
    public const ushort Subsystem = 10;

    /// <summary>NFNLGRP_NFTABLES.</summary>
    public const int Group = 7;

    /// <summary>NFPROTO_IPV4.</summary>
    public const byte FamilyIp = 2;

    /// <summary>NFPROTO_INET.</summary>
    public const byte FamilyInet = 1;

    /// <summary>NFPROTO_BRIDGE.</summary>
    public const byte FamilyBridge = 7;

    /// <summary>NF_BR_PRE_ROUTING.</summary>
    public const uint HookBridgePreRouting = 0;

    /// <summary>NF_BR_FORWARD.</summary>
    public const uint HookBridgeForward = 2;

    /// <summary>NF_BR_POST_ROUTING.</summary>
    public const uint HookBridgePostRouting = 4;

    /// <summary>NF_INET_PRE_ROUTING.</summary>
    public const uint HookPreRouting = 0;

    /// <summary>NF_INET_FORWARD.</summary>
    public const uint HookForward = 2;

    /// <summary>NF_INET_POST_ROUTING.</summary>
    public const uint HookPostRouting = 4;

    public const uint VerdictDrop = 0;
    public const uint VerdictAccept = 1;

    /// <summary>NFT_GOTO, -4.</summary>
    public const uint VerdictGoto = 0xfffffffc;

    /// <summary>NFT_REG_VERDICT.</summary>
    public const uint RegisterVerdict = 0;

    /// <summary>NFT_REG_1.</summary>
    public const uint Register = 1;

    /// <summary>NFT_REG32_01: the second word of <see cref="Register"/>.</summary>
    public const uint RegisterSecondWord = 9;

    /// <summary>NFT_SET_MAP.</summary>
    public const uint SetMap = 8;

    /// <summary>NFT_SET_INTERVAL.</summary>
    public const uint SetInterval = 4;

    /// <summary>NFT_SET_ELEM_INTERVAL_END.</summary>
    public const uint ElementEnd = 1;

    /// <summary>TYPE_IPADDR of nft itself: lets `nft list` show the keys as addresses. The kernel keeps it unread.</summary>
    public const uint KeyTypeAddress = 7;

    /// <summary>NF_NAT_RANGE_PROTO_RANDOM_FULLY.</summary>
    public const uint RandomFully = 16;

    /// <summary>NFT_REJECT_TCP_RST.</summary>
    public const uint RejectReset = 1;

    /// <summary>NLA_F_NESTED.</summary>
    public const ushort Nested = 0x8000;
}

/// <summary>Message types: the subsystem in the upper byte.</summary>
internal static class NftMessage
{
    public const ushort BatchBegin = 16;
    public const ushort BatchEnd = 17;
    public const ushort NewTable = 0xa00;
    public const ushort GetTable = 0xa01;
    public const ushort DeleteTable = 0xa02;
    public const ushort NewChain = 0xa03;
    public const ushort GetChain = 0xa04;
    public const ushort DeleteChain = 0xa05;
    public const ushort NewRule = 0xa06;
    public const ushort GetRule = 0xa07;
    public const ushort DeleteRule = 0xa08;
    public const ushort NewSet = 0xa09;
    public const ushort GetSet = 0xa0a;
    public const ushort DeleteSet = 0xa0b;
    public const ushort NewElement = 0xa0c;
    public const ushort GetElement = 0xa0d;
    public const ushort DeleteElement = 0xa0e;
    public const ushort NewGeneration = 0xa0f;
    public const ushort GetGeneration = 0xa10;

    private static readonly string[] Names =
    [
        "NFT_MSG_NEWTABLE", "NFT_MSG_GETTABLE", "NFT_MSG_DELTABLE", "NFT_MSG_NEWCHAIN", "NFT_MSG_GETCHAIN", "NFT_MSG_DELCHAIN",
        "NFT_MSG_NEWRULE", "NFT_MSG_GETRULE", "NFT_MSG_DELRULE", "NFT_MSG_NEWSET", "NFT_MSG_GETSET", "NFT_MSG_DELSET",
        "NFT_MSG_NEWSETELEM", "NFT_MSG_GETSETELEM", "NFT_MSG_DELSETELEM", "NFT_MSG_NEWGEN", "NFT_MSG_GETGEN",
    ];

    /// <summary>Null when the type is none of these.</summary>
    public static string? Name(ushort type) => type switch
    {
        BatchBegin => "NFNL_MSG_BATCH_BEGIN",
        BatchEnd => "NFNL_MSG_BATCH_END",
        >= NewTable and <= GetGeneration => Names[type - NewTable],
        _ => null,
    };
}

/// <summary>NFTA_*: attributes of tables, chains, rules, sets and elements. The table's name is attribute 1 in all of them.</summary>
internal static class NftAttribute
{
    public const ushort TableName = 1;
    public const ushort TableFlags = 2;
    public const ushort TableUse = 3;
    public const ushort TableHandle = 4;
    public const ushort ChainHandle = 2;
    public const ushort ChainName = 3;
    public const ushort ChainHook = 4;
    public const ushort ChainPolicy = 5;
    public const ushort ChainType = 7;
    public const ushort HookNumber = 1;
    public const ushort HookPriority = 2;
    public const ushort RuleChain = 2;
    public const ushort RuleHandle = 3;
    public const ushort RuleExpressions = 4;
    public const ushort RuleUserData = 7;
    public const ushort SetName = 2;
    public const ushort SetFlags = 3;
    public const ushort SetKeyType = 4;
    public const ushort SetKeyLength = 5;
    public const ushort SetDataType = 6;
    public const ushort SetDataLength = 7;
    public const ushort SetId = 10;
    public const ushort SetUserData = 13;
    public const ushort SetHandle = 16;
    public const ushort ElementSet = 2;
    public const ushort ElementList = 3;
    public const ushort ElementSetId = 4;
    public const ushort ElementKey = 1;
    public const ushort ElementData = 2;
    public const ushort ElementFlags = 3;
    public const ushort ListEntry = 1;
    public const ushort DataValue = 1;
    public const ushort DataVerdict = 2;
    public const ushort VerdictCode = 1;
    public const ushort VerdictChain = 2;
    public const ushort GenerationId = 1;
}

/// <summary>NFTA_EXPR_* and the attributes of single expressions.</summary>
internal static class NftExpression
{
    public const ushort Name = 1;
    public const ushort Data = 2;
    public const ushort MetaTarget = 1;
    public const ushort MetaKey = 2;
    public const ushort MetaSource = 3;
    public const uint MetaMark = 3;
    public const uint MetaInIndex = 4;
    public const uint MetaInName = 6;
    public const uint MetaOutName = 7;
    public const uint MetaProtocol = 16;
    public const uint MetaPacketType = 19;
    public const uint MetaInGroup = 21;
    public const ushort CompareSource = 1;
    public const ushort CompareOperator = 2;
    public const ushort CompareData = 3;
    public const uint CompareEqual = 0;
    public const uint CompareNotEqual = 1;
    public const ushort PayloadTarget = 1;
    public const ushort PayloadBase = 2;
    public const ushort PayloadOffset = 3;
    public const ushort PayloadLength = 4;
    public const ushort PayloadSource = 5;
    public const ushort PayloadChecksumType = 6;
    public const ushort PayloadChecksumOffset = 7;
    public const ushort PayloadChecksumFlags = 8;
    public const uint BaseLink = 0;
    public const uint BaseNetwork = 1;
    public const uint BaseTransport = 2;
    public const ushort LookupSet = 1;
    public const ushort LookupSource = 2;
    public const ushort LookupTarget = 3;
    public const ushort LookupFlags = 5;
    public const uint LookupInvert = 1;
    public const ushort ConntrackTarget = 1;
    public const ushort ConntrackKey = 2;
    public const uint ConntrackDirection = 1;
    public const ushort ImmediateTarget = 1;
    public const ushort ImmediateData = 2;
    public const ushort MasqueradeFlags = 1;
    public const ushort RejectType = 1;
    public const ushort RejectCode = 2;
}
