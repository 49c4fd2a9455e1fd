using System.Text;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Netlink.Wire;

namespace Vnetcni.Dataplane.Linux.Nftables;

/// <summary>What the kernel has of one table. Handles are never used twice while the table lives.</summary>
/// <param name="Handle">The table's.</param>
/// <param name="Flags">NFT_TABLE_F_*; 1 = asleep.</param>
/// <param name="Use">Chains, sets and other objects in it.</param>
/// <param name="Rules">All rules, as the kernel orders them.</param>
internal sealed record NftTableState(ulong Handle, uint Flags, uint Use, IReadOnlyList<NftRuleState> Rules)
{
    /// <summary>The table, or null when there is none.</summary>
    public static NftTableState? Read(NetlinkSocket socket, NftTable table)
    {
        NftTableState? found = null;
        var failure = socket.Ask(
            (ref NetlinkWriter writer) =>
            {
                writer.BeginQuery(NftMessage.GetTable, 0, table.Header);
                writer.Put(NftAttribute.TableName, table.Name);
                writer.End();
            },
            (_, payload) =>
            {
                ulong handle = 0;
                uint flags = 0, use = 0;
                var attributes = NetlinkAttributes.After(payload, out NetfilterHeader _);
                while (attributes.MoveNext())
                {
                    handle = attributes.Type == NftAttribute.TableHandle ? attributes.BigEndianLong : handle;
                    flags = attributes.Type == NftAttribute.TableFlags ? attributes.BigEndianNumber : flags;
                    use = attributes.Type == NftAttribute.TableUse ? attributes.BigEndianNumber : use;
                }
                found = new NftTableState(handle, flags, use, []);
            });
        if (failure is { Errno: Errno.NoEntry })
            return null;
        if (failure is not null)
            throw failure.ToException($"reading table {table}");
        return found! with { Rules = NftRuleState.Read(socket, table) };
    }

    /// <summary>A chain, or null.</summary>
    public static NftChainState? Chain(NetlinkSocket socket, NftTable table, string chain)
    {
        NftChainState? found = null;
        var failure = socket.Ask(
            (ref NetlinkWriter writer) =>
            {
                writer.BeginQuery(NftMessage.GetChain, 0, table.Header);
                writer.Put(NftAttribute.TableName, table.Name);
                writer.Put(NftAttribute.ChainName, chain);
                writer.End();
            },
            (_, payload) => found = NftChainState.Parse(payload));
        return failure is null or { Errno: Errno.NoEntry } ? found : throw failure.ToException($"reading chain {chain}");
    }

    /// <summary>The number of the ruleset: every change by anybody counts it up.</summary>
    public static uint Generation(NetlinkSocket socket)
    {
        uint generation = 0;
        var failure = socket.Ask(
            (ref NetlinkWriter writer) =>
            {
                writer.BeginQuery(NftMessage.GetGeneration, 0, default(NetfilterHeader));
                writer.End();
            },
            (_, payload) =>
            {
                var attributes = NetlinkAttributes.After(payload, out NetfilterHeader _);
                while (attributes.MoveNext())
                    generation = attributes.Type == NftAttribute.GenerationId ? attributes.BigEndianNumber : generation;
            });
        return failure is null ? generation : throw failure.ToException("reading the ruleset's generation");
    }

    /// <summary>The elements of a set or map of any kind, key and data in hexadecimal; null when there is no such set.</summary>
    public static IReadOnlyDictionary<string, string>? RawElements(NetlinkSocket socket, NftTable table, string set)
    {
        var elements = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            socket.Dump(
                (ref NetlinkWriter writer) =>
                {
                    writer.BeginQuery(NftMessage.GetElement, MessageFlags.Dump, table.Header);
                    writer.Put(NftAttribute.TableName, table.Name);
                    writer.Put(NftAttribute.ElementSet, set);
                    writer.End();
                },
                $"reading set {set}", elements.Clear, (type, payload) =>
                {
                    var attributes = NetlinkAttributes.After(payload, out NetfilterHeader _);
                    while (type == NftMessage.NewElement && attributes.MoveNext())
                    {
                        if (attributes.Type == NftAttribute.ElementList)
                            ParseRaw(attributes.Value, elements);
                    }
                });
        }
        catch (DataplaneException failure) when (failure.Errno == Errno.NoEntry)
        {
            return null;
        }
        return elements;
    }

    private static void ParseRaw(ReadOnlySpan<byte> list, Dictionary<string, string> elements)
    {
        var entries = new NetlinkAttributes(list);
        while (entries.MoveNext())
        {
            string key = "", data = "";
            var entry = new NetlinkAttributes(entries.Value);
            while (entry.MoveNext())
            {
                var value = new NetlinkAttributes(entry.Value);
                if (entry.Type is not (NftAttribute.ElementKey or NftAttribute.ElementData) || !value.MoveNext())
                    continue;
                if (entry.Type == NftAttribute.ElementKey)
                    key = Convert.ToHexStringLower(value.Value);
                else
                    data = Convert.ToHexStringLower(value.Value);
            }
            elements[key] = data;
        }
    }

    /// <summary>The elements of a set in the order of their keys, ends before beginnings; null when there is no such set.</summary>
    public static IReadOnlyList<NftElement>? Elements(NetlinkSocket socket, NftTable table, string set)
    {
        var elements = new List<NftElement>();
        try
        {
            socket.Dump(
                (ref NetlinkWriter writer) =>
                {
                    writer.BeginQuery(NftMessage.GetElement, MessageFlags.Dump, table.Header);
                    writer.Put(NftAttribute.TableName, table.Name);
                    writer.Put(NftAttribute.ElementSet, set);
                    writer.End();
                },
                $"reading set {set}", elements.Clear, (type, payload) =>
                {
                    var attributes = NetlinkAttributes.After(payload, out NetfilterHeader _);
                    while (type == NftMessage.NewElement && attributes.MoveNext())
                    {
                        if (attributes.Type == NftAttribute.ElementList)
                            ParseElements(attributes.Value, elements);
                    }
                });
        }
        catch (DataplaneException exception) when (exception.Errno == Errno.NoEntry)
        {
            return null;
        }
        elements.Sort((a, b) => a.Key != b.Key ? a.Key.CompareTo(b.Key) : b.End.CompareTo(a.End));
        return elements;
    }

    private static void ParseElements(ReadOnlySpan<byte> list, List<NftElement> elements)
    {
        var entries = new NetlinkAttributes(list);
        while (entries.MoveNext())
        {
            uint? key = null;
            var end = false;
            var entry = new NetlinkAttributes(entries.Value);
            while (entry.MoveNext())
            {
                end |= entry.Type == NftAttribute.ElementFlags && (entry.BigEndianNumber & NftConstants.ElementEnd) != 0;
                var data = new NetlinkAttributes(entry.Type == NftAttribute.ElementKey ? entry.Value : default);
                if (data.MoveNext() && data.Type == NftAttribute.DataValue && data.Value.Length == 4)
                    key = data.BigEndianNumber;
            }
            // Some kernels begin a set of ranges with an end at 0.0.0.0.
            if (key is { } number && !(end && number == 0))
                elements.Add(new NftElement(number, end));
        }
    }
}

/// <summary>A chain that the kernel has.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Table">The table it is in.</param>
/// <param name="Type">Such as <c>nat</c>; empty when it has no hook.</param>
/// <param name="Hook">NF_INET_*; null when it has none.</param>
/// <param name="Priority">Of the hook.</param>
/// <param name="Policy">NF_DROP or NF_ACCEPT.</param>
internal sealed record NftChainState(string Name, string Table, string Type, uint? Hook, int Priority, uint Policy)
{
    /// <summary>Reads an NFT_MSG_NEWCHAIN payload.</summary>
    public static NftChainState Parse(ReadOnlySpan<byte> payload)
    {
        string name = "", table = "", kind = "";
        uint? hook = null;
        var priority = 0;
        var policy = NftConstants.VerdictAccept;
        var attributes = NetlinkAttributes.After(payload, out NetfilterHeader _);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NftAttribute.TableName:
                    table = attributes.Text;
                    break;
                case NftAttribute.ChainName:
                    name = attributes.Text;
                    break;
                case NftAttribute.ChainType:
                    kind = attributes.Text;
                    break;
                case NftAttribute.ChainPolicy:
                    policy = attributes.BigEndianNumber;
                    break;
                case NftAttribute.ChainHook:
                    var nested = new NetlinkAttributes(attributes.Value);
                    while (nested.MoveNext())
                    {
                        hook = nested.Type == NftAttribute.HookNumber ? nested.BigEndianNumber : hook;
                        priority = nested.Type == NftAttribute.HookPriority ? unchecked((int)nested.BigEndianNumber) : priority;
                    }
                    break;
                default:
                    break;
            }
        }
        return new NftChainState(name, table, kind, hook, priority, policy);
    }
}

/// <summary>A rule that the kernel has.</summary>
/// <param name="Chain">The chain it is in.</param>
/// <param name="Handle">Kept by a rule that is replaced in place.</param>
/// <param name="Comment">Or empty.</param>
/// <param name="Digest">Of its expressions, without what its counters have counted.</param>
internal sealed record NftRuleState(string Chain, ulong Handle, string Comment, ulong Digest)
{
    /// <summary>All rules of a table.</summary>
    public static IReadOnlyList<NftRuleState> Read(NetlinkSocket socket, NftTable table)
    {
        var rules = new List<NftRuleState>();
        socket.Dump(
            (ref NetlinkWriter writer) =>
            {
                writer.BeginQuery(NftMessage.GetRule, MessageFlags.Dump, table.Header);
                writer.Put(NftAttribute.TableName, table.Name);
                writer.End();
            },
            $"reading the rules of {table}", rules.Clear, (type, payload) =>
            {
                // Kernels may ignore the filter.
                if (type == NftMessage.NewRule && Parse(payload, out var owner) is { } rule && owner == table.Name)
                    rules.Add(rule);
            });
        return rules;
    }

    private static NftRuleState Parse(ReadOnlySpan<byte> payload, out string table)
    {
        string chain = "", comment = "";
        table = "";
        ulong handle = 0, digest = 0;
        var attributes = NetlinkAttributes.After(payload, out NetfilterHeader _);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case NftAttribute.RuleExpressions:
                    digest = DigestOf(attributes.Value);
                    break;
                case NftAttribute.TableName:
                    table = attributes.Text;
                    break;
                case NftAttribute.RuleChain:
                    chain = attributes.Text;
                    break;
                case NftAttribute.RuleHandle:
                    handle = attributes.BigEndianLong;
                    break;
                case NftAttribute.RuleUserData:
                    comment = CommentIn(attributes.Value);
                    break;
                default:
                    break;
            }
        }
        return new NftRuleState(chain, handle, comment, digest);
    }

    private static ulong DigestOf(ReadOnlySpan<byte> expressions)
    {
        ulong digest = 0;
        var entries = new NetlinkAttributes(expressions);
        while (entries.MoveNext())
        {
            var entry = new NetlinkAttributes(entries.Value);
            var counter = entry.MoveNext() && entry.Type == NftExpression.Name && entry.Text == "counter";
            digest = unchecked((digest * 31) + (counter ? 1 : StableHash.Of(entries.Value)));
        }
        return digest;
    }

    private static string CommentIn(ReadOnlySpan<byte> data) =>
        data.Length > 2 && data[0] == 0 && data[1] > 0 && data[1] <= data.Length - 2 ? Encoding.ASCII.GetString(data.Slice(2, data[1] - 1)) : "";
}
