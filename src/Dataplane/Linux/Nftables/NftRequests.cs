using System.Buffers.Binary;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Wire;
using Vnetcni.Dataplane.Snat;
using static Vnetcni.Dataplane.Linux.Nftables.NftConstants;

namespace Vnetcni.Dataplane.Linux.Nftables;

/// <summary>Messages that change one table. All go between <see cref="BeginBatch"/> and <see cref="EndBatch"/>.</summary>
internal static class NftRequests
{
    /// <summary>An element's key is 4 bytes in four nested attributes; the list's length has 16 bits.</summary>
    private const int ElementsPerMessage = 1024;

    /// <summary>Begins the transaction.</summary>
    public static void BeginBatch(this ref NetlinkWriter writer) => Bound(ref writer, NftMessage.BatchBegin);

    /// <summary>Ends it; without it the kernel undoes everything.</summary>
    public static void EndBatch(this ref NetlinkWriter writer) => Bound(ref writer, NftMessage.BatchEnd);

    /// <summary>Makes the table; where there is one it stays, and is woken when it was put to sleep (flag dormant).</summary>
    public static void EnsureTable(this ref NetlinkWriter writer, NftTable table)
    {
        writer.BeginChange(NftMessage.NewTable, MessageFlags.Create, table.Header);
        writer.Put(NftAttribute.TableName, table.Name);
        writer.PutBigEndian(NftAttribute.TableFlags, 0);
        writer.End();
    }

    /// <summary>Deletes the table with all that is in it.</summary>
    public static void DeleteTable(this ref NetlinkWriter writer, NftTable table)
    {
        writer.BeginChange(NftMessage.DeleteTable, 0, table.Header);
        writer.Put(NftAttribute.TableName, table.Name);
        writer.End();
    }

    /// <summary>Makes a chain; where there is one like it, it stays. One of another type or place is refused by the kernel.</summary>
    public static void EnsureChain(this ref NetlinkWriter writer, NftTable table, NftChain chain)
    {
        writer.BeginChange(NftMessage.NewChain, MessageFlags.Create, table.Header);
        writer.Put(NftAttribute.TableName, table.Name);
        writer.Put(NftAttribute.ChainName, chain.Name);
        if (chain.Type.Length > 0)
        {
            var hook = writer.BeginNest(NftAttribute.ChainHook | Nested);
            writer.PutBigEndian(NftAttribute.HookNumber, chain.Hook);
            writer.PutBigEndian(NftAttribute.HookPriority, unchecked((uint)chain.Priority));
            writer.EndNest(hook);
            writer.PutBigEndian(NftAttribute.ChainPolicy, VerdictAccept);
            writer.Put(NftAttribute.ChainType, chain.Type);
        }
        writer.End();
    }

    /// <summary>Deletes a chain that no rule is in and none leads to.</summary>
    public static void DeleteChain(this ref NetlinkWriter writer, NftTable table, string chain)
    {
        writer.BeginChange(NftMessage.DeleteChain, 0, table.Header);
        writer.Put(NftAttribute.TableName, table.Name);
        writer.Put(NftAttribute.ChainName, chain);
        writer.End();
    }

    /// <summary>Deletes the rules of every chain of the table.</summary>
    public static void FlushRules(this ref NetlinkWriter writer, NftTable table)
    {
        writer.BeginChange(NftMessage.DeleteRule, 0, table.Header);
        writer.Put(NftAttribute.TableName, table.Name);
        writer.End();
    }

    /// <summary>Makes a set of IPv4 addresses, or of ranges of them.</summary>
    public static void EnsureSet(this ref NetlinkWriter writer, NftTable table, string set, uint id, bool ranges)
    {
        writer.BeginChange(NftMessage.NewSet, MessageFlags.Create, table.Header);
        writer.Put(NftAttribute.TableName, table.Name);
        writer.Put(NftAttribute.SetName, set);
        writer.PutBigEndian(NftAttribute.SetFlags, ranges ? SetInterval : 0);
        writer.PutBigEndian(NftAttribute.SetKeyType, KeyTypeAddress);
        writer.PutBigEndian(NftAttribute.SetKeyLength, 4);
        writer.PutBigEndian(NftAttribute.SetId, id);
        writer.End();
    }

    /// <summary>Makes a set of keys, or a map from keys to data; <paramref name="kind"/> says how they look.</summary>
    public static void EnsureSet(this ref NetlinkWriter writer, NftTable table, string set, uint id, NftSetKind kind)
    {
        writer.BeginChange(NftMessage.NewSet, MessageFlags.Create, table.Header);
        writer.Put(NftAttribute.TableName, table.Name);
        writer.Put(NftAttribute.SetName, set);
        writer.PutBigEndian(NftAttribute.SetFlags, kind.DataLength > 0 ? SetMap : 0);
        writer.PutBigEndian(NftAttribute.SetKeyType, kind.KeyType);
        writer.PutBigEndian(NftAttribute.SetKeyLength, kind.KeyLength);
        if (kind.DataLength > 0)
        {
            writer.PutBigEndian(NftAttribute.SetDataType, kind.DataType);
            writer.PutBigEndian(NftAttribute.SetDataLength, kind.DataLength);
        }
        writer.PutBigEndian(NftAttribute.SetId, id);
        writer.End();
    }

    /// <summary>Adds (<paramref name="message"/> NewElement) or deletes (DeleteElement) one element; data is empty in a set.</summary>
    public static void Element(
        this ref NetlinkWriter writer, ushort message, NftTable table, string set, scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> data)
    {
        writer.BeginChange(message, message == NftMessage.NewElement ? MessageFlags.Create : (ushort)0, table.Header);
        writer.Put(NftAttribute.TableName, table.Name);
        writer.Put(NftAttribute.ElementSet, set);
        var list = writer.BeginNest(NftAttribute.ElementList | Nested);
        var entry = writer.BeginNest(NftAttribute.ListEntry | Nested);
        var nest = writer.BeginNest(NftAttribute.ElementKey | Nested);
        writer.Put(NftAttribute.DataValue, key);
        writer.EndNest(nest);
        if (data.Length > 0)
        {
            nest = writer.BeginNest(NftAttribute.ElementData | Nested);
            writer.Put(NftAttribute.DataValue, data);
            writer.EndNest(nest);
        }
        writer.EndNest(entry);
        writer.EndNest(list);
        writer.End();
    }

    /// <summary>Deletes a set that no rule uses.</summary>
    public static void DeleteSet(this ref NetlinkWriter writer, NftTable table, string set)
    {
        writer.BeginChange(NftMessage.DeleteSet, 0, table.Header);
        writer.Put(NftAttribute.TableName, table.Name);
        writer.Put(NftAttribute.SetName, set);
        writer.End();
    }

    /// <summary>Adds elements, by as many messages as it takes.</summary>
    public static void AddElements(this ref NetlinkWriter writer, NftTable table, string set, uint id, IReadOnlyList<NftElement> elements)
    {
        for (var start = 0; start < elements.Count; start += ElementsPerMessage)
        {
            writer.BeginChange(NftMessage.NewElement, MessageFlags.Create, table.Header);
            writer.Put(NftAttribute.TableName, table.Name);
            writer.Put(NftAttribute.ElementSet, set);
            writer.PutBigEndian(NftAttribute.ElementSetId, id);
            var list = writer.BeginNest(NftAttribute.ElementList | Nested);
            for (var i = start; i < Math.Min(elements.Count, start + ElementsPerMessage); i++)
                writer.PutElement(elements[i]);
            writer.EndNest(list);
            writer.End();
        }
    }

    /// <summary>The elements of ranges: where each begins, and the first address after it unless there is none.</summary>
    public static IReadOnlyList<NftElement> Elements(IReadOnlyList<AddressRange> ranges)
    {
        var elements = new List<NftElement>(2 * ranges.Count);
        foreach (var range in ranges)
        {
            elements.Add(new NftElement(range.First, End: false));
            if (range.Last != uint.MaxValue)
                elements.Add(new NftElement(range.Last + 1, End: true));
        }
        return elements;
    }

    /// <summary>Begins a rule at the end of a chain; expressions follow; hand the result to <see cref="EndRule"/>.</summary>
    public static int BeginRule(this ref NetlinkWriter writer, NftTable table, string chain, string comment)
    {
        writer.BeginChange(NftMessage.NewRule, MessageFlags.Create | MessageFlags.Append, table.Header);
        writer.Put(NftAttribute.TableName, table.Name);
        writer.Put(NftAttribute.RuleChain, chain);
        // struct nftnl_udata of libnftnl: type 0 is a comment; then the length, then the text with its NUL.
        Span<byte> text = stackalloc byte[2 + 128];
        var length = System.Text.Encoding.ASCII.GetBytes(comment, text[2..^1]) + 1;
        (text[0], text[1], text[1 + length]) = (0, (byte)length, 0);
        writer.Put(NftAttribute.RuleUserData, text[..(2 + length)]);
        return writer.BeginNest(NftAttribute.RuleExpressions | Nested);
    }

    /// <summary>Ends a rule.</summary>
    public static void EndRule(this ref NetlinkWriter writer, int expressions)
    {
        writer.EndNest(expressions);
        writer.End();
    }

    private static void PutElement(this ref NetlinkWriter writer, NftElement element)
    {
        var entry = writer.BeginNest(NftAttribute.ListEntry | Nested);
        if (element.End)
            writer.PutBigEndian(NftAttribute.ElementFlags, ElementEnd);
        var key = writer.BeginNest(NftAttribute.ElementKey | Nested);
        writer.PutBigEndian(NftAttribute.DataValue, element.Key);
        writer.EndNest(key);
        writer.EndNest(entry);
    }

    private static void Bound(ref NetlinkWriter writer, ushort type)
    {
        var header = new NetfilterHeader { ResourceId = BinaryPrimitives.ReverseEndianness(Subsystem) };
        // Not acknowledged before Linux 6.10, so not asked for.
        writer.BeginQuery(type, 0, header);
        writer.End();
    }
}

/// <summary>A chain to make.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type"><c>filter</c>, <c>nat</c>, or empty for a chain that only rules lead to.</param>
/// <param name="Hook">NF_INET_*.</param>
/// <param name="Priority">Lower ones see a packet first.</param>
internal sealed record NftChain(string Name, string Type = "", uint Hook = 0, int Priority = 0);

/// <summary>An element of a set of addresses.</summary>
/// <param name="Key">The address, in host order.</param>
/// <param name="End">It is the first address after a range.</param>
internal readonly record struct NftElement(uint Key, bool End);
