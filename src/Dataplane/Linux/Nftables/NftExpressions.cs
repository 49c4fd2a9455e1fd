using System.Buffers.Binary;
using System.Text;
using Vnetcni.Dataplane.Linux.Netlink;
using static Vnetcni.Dataplane.Linux.Nftables.NftConstants;

namespace Vnetcni.Dataplane.Linux.Nftables;

/// <summary>
/// The expressions of a rule, in the bytes that nft writes for the same words, so that <c>nft list</c> reads them back. Each
/// loads into or compares with one register; a comparison that fails ends the rule.
/// </summary>
internal static class NftExpressions
{
    private const uint SourceOffset = 12;
    private const uint DestinationOffset = 16;
    private const int InterfaceNameBytes = 16;

    /// <summary><c>oifname "NAME"</c>.</summary>
    public static void OutInterface(this ref NetlinkWriter writer, string name) => writer.NamedInterface(NftExpression.MetaOutName, name);

    /// <summary><c>iifname "NAME"</c>.</summary>
    public static void InInterface(this ref NetlinkWriter writer, string name) => writer.NamedInterface(NftExpression.MetaInName, name);

    private static void NamedInterface(this ref NetlinkWriter writer, uint key, string name)
    {
        writer.Meta(key);
        Span<byte> padded = stackalloc byte[InterfaceNameBytes];
        padded.Clear();
        Encoding.UTF8.GetBytes(name, padded[..^1]);
        writer.CompareEqual(padded);
    }

    /// <summary><c>ip saddr @SET</c>.</summary>
    public static void SourceIn(this ref NetlinkWriter writer, string set)
    {
        writer.Payload(NftExpression.BaseNetwork, SourceOffset, 4);
        writer.Lookup(set, invert: false);
    }

    /// <summary><c>ip saddr map @MAP</c>, for what is set next.</summary>
    public static void MapSource(this ref NetlinkWriter writer, string map)
    {
        writer.Payload(NftExpression.BaseNetwork, SourceOffset, 4);
        writer.Translate(map);
    }

    /// <summary><c>ip daddr != @SET</c>.</summary>
    public static void DestinationNotIn(this ref NetlinkWriter writer, string set)
    {
        writer.Payload(NftExpression.BaseNetwork, DestinationOffset, 4);
        writer.Lookup(set, invert: true);
    }

    /// <summary><c>ip daddr ADDRESS</c>.</summary>
    public static void Destination(this ref NetlinkWriter writer, uint address)
    {
        writer.Payload(NftExpression.BaseNetwork, DestinationOffset, 4);
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, address);
        writer.CompareEqual(bytes);
    }

    /// <summary><c>tcp dport PORT</c>.</summary>
    public static void TcpDestinationPort(this ref NetlinkWriter writer, ushort port)
    {
        const byte Tcp = 6;
        writer.Meta(NftExpression.MetaProtocol);
        writer.CompareEqual([Tcp]);
        writer.Payload(NftExpression.BaseTransport, 2, 2);
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, port);
        writer.CompareEqual(bytes);
    }

    /// <summary><c>ct direction reply</c>. A packet that is not tracked has no direction and does not match.</summary>
    public static void IsReply(this ref NetlinkWriter writer)
    {
        var data = writer.Begin("ct", out var expression);
        writer.PutBigEndian(NftExpression.ConntrackKey, NftExpression.ConntrackDirection);
        writer.PutBigEndian(NftExpression.ConntrackTarget, Register);
        writer.End(data, expression);
        writer.CompareEqual([1]);
    }

    /// <summary><c>counter</c>.</summary>
    public static void Counter(this ref NetlinkWriter writer) => writer.End(writer.Begin("counter", out var expression), expression);

    /// <summary><c>masquerade fully-random</c>.</summary>
    public static void Masquerade(this ref NetlinkWriter writer)
    {
        var data = writer.Begin("masq", out var expression);
        writer.PutBigEndian(NftExpression.MasqueradeFlags, RandomFully);
        writer.End(data, expression);
    }

    /// <summary><c>reject with tcp reset</c>.</summary>
    public static void RejectWithReset(this ref NetlinkWriter writer)
    {
        var data = writer.Begin("reject", out var expression);
        writer.PutBigEndian(NftExpression.RejectType, RejectReset);
        writer.Put(NftExpression.RejectCode, [0]);
        writer.End(data, expression);
    }

    /// <summary><c>accept</c>, <c>drop</c>, or <c>goto CHAIN</c>.</summary>
    public static void Verdict(this ref NetlinkWriter writer, uint code, string chain = "")
    {
        var data = writer.Begin("immediate", out var expression);
        writer.PutBigEndian(NftExpression.ImmediateTarget, RegisterVerdict);
        var immediate = writer.BeginNest(NftExpression.ImmediateData | Nested);
        var verdict = writer.BeginNest(NftAttribute.DataVerdict | Nested);
        writer.PutBigEndian(NftAttribute.VerdictCode, code);
        if (chain.Length > 0)
            writer.Put(NftAttribute.VerdictChain, chain);
        writer.EndNest(verdict);
        writer.EndNest(immediate);
        writer.End(data, expression);
    }

    internal static void Meta(this ref NetlinkWriter writer, uint key)
    {
        var data = writer.Begin("meta", out var expression);
        writer.PutBigEndian(NftExpression.MetaKey, key);
        writer.PutBigEndian(NftExpression.MetaTarget, Register);
        writer.End(data, expression);
    }

    /// <summary>Sets what <see cref="Meta"/> reads, from the register.</summary>
    internal static void SetMeta(this ref NetlinkWriter writer, uint key)
    {
        var data = writer.Begin("meta", out var expression);
        writer.PutBigEndian(NftExpression.MetaKey, key);
        writer.PutBigEndian(NftExpression.MetaSource, Register);
        writer.End(data, expression);
    }

    /// <summary>A value into the register.</summary>
    internal static void Load(this ref NetlinkWriter writer, scoped ReadOnlySpan<byte> value)
    {
        var data = writer.Begin("immediate", out var expression);
        writer.PutBigEndian(NftExpression.ImmediateTarget, Register);
        var immediate = writer.BeginNest(NftExpression.ImmediateData | Nested);
        writer.Put(NftAttribute.DataValue, value);
        writer.EndNest(immediate);
        writer.End(data, expression);
    }

    /// <summary>The register into the packet. No checksum covers what we write: link headers and ARP have none.</summary>
    internal static void WritePayload(this ref NetlinkWriter writer, uint header, uint offset, uint length)
    {
        var data = writer.Begin("payload", out var expression);
        writer.PutBigEndian(NftExpression.PayloadSource, Register);
        writer.PutBigEndian(NftExpression.PayloadBase, header);
        writer.PutBigEndian(NftExpression.PayloadOffset, offset);
        writer.PutBigEndian(NftExpression.PayloadLength, length);
        writer.PutBigEndian(NftExpression.PayloadChecksumType, 0);
        writer.PutBigEndian(NftExpression.PayloadChecksumOffset, 0);
        writer.PutBigEndian(NftExpression.PayloadChecksumFlags, 0);
        writer.End(data, expression);
    }

    /// <summary>What the map has for the register's value goes into the register; without an element the rule ends.</summary>
    internal static void Translate(this ref NetlinkWriter writer, string map)
    {
        var data = writer.Begin("lookup", out var expression);
        writer.Put(NftExpression.LookupSet, map);
        writer.PutBigEndian(NftExpression.LookupSource, Register);
        writer.PutBigEndian(NftExpression.LookupTarget, Register);
        writer.End(data, expression);
    }

    internal static void Payload(this ref NetlinkWriter writer, uint header, uint offset, uint length, uint register = Register)
    {
        var data = writer.Begin("payload", out var expression);
        writer.PutBigEndian(NftExpression.PayloadTarget, register);
        writer.PutBigEndian(NftExpression.PayloadBase, header);
        writer.PutBigEndian(NftExpression.PayloadOffset, offset);
        writer.PutBigEndian(NftExpression.PayloadLength, length);
        writer.End(data, expression);
    }

    internal static void CompareEqual(this ref NetlinkWriter writer, scoped ReadOnlySpan<byte> value) =>
        writer.Compare(NftExpression.CompareEqual, value);

    /// <summary>The rule ends unless the register and the value compare like that.</summary>
    internal static void Compare(this ref NetlinkWriter writer, uint comparison, scoped ReadOnlySpan<byte> value)
    {
        var data = writer.Begin("cmp", out var expression);
        writer.PutBigEndian(NftExpression.CompareSource, Register);
        writer.PutBigEndian(NftExpression.CompareOperator, comparison);
        var compared = writer.BeginNest(NftExpression.CompareData | Nested);
        writer.Put(NftAttribute.DataValue, value);
        writer.EndNest(compared);
        writer.End(data, expression);
    }

    internal static void Lookup(this ref NetlinkWriter writer, string set, bool invert)
    {
        var data = writer.Begin("lookup", out var expression);
        writer.PutBigEndian(NftExpression.LookupSource, Register);
        writer.Put(NftExpression.LookupSet, set);
        if (invert)
            writer.PutBigEndian(NftExpression.LookupFlags, NftExpression.LookupInvert);
        writer.End(data, expression);
    }

    private static int Begin(this ref NetlinkWriter writer, string name, out int expression)
    {
        expression = writer.BeginNest(NftAttribute.ListEntry | Nested);
        writer.Put(NftExpression.Name, name);
        return writer.BeginNest(NftExpression.Data | Nested);
    }

    private static void End(this ref NetlinkWriter writer, int data, int expression)
    {
        writer.EndNest(data);
        writer.EndNest(expression);
    }
}
