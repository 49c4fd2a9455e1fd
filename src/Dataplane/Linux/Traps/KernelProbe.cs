using Vnetcni.Dataplane.Linux.Conntrack;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Nftables;
using Vnetcni.Dataplane.Traps;

namespace Vnetcni.Dataplane.Linux.Traps;

/// <summary>
/// Asks the kernel for every part that the egress rules use, by a transaction whose last message can't succeed: the kernel
/// looks at all of it, loads modules where it can, says what it refuses, and undoes the rest.
/// </summary>
internal static class KernelProbe
{
    private const string Table = "vnetcni-probe";

    /// <summary>What is missing; empty when all is there.</summary>
    public static IReadOnlyList<MissingFeature> Run(NetlinkSocket socket)
    {
        var missing = new List<MissingFeature>();
        var writer = socket.Write(new byte[4096]);
        writer.BeginBatch();
        var table = writer.Count;
        writer.EnsureTable(Table);
        var nat = writer.Count;
        writer.EnsureChain(Table, new NftChain("nat", "nat", NftConstants.HookPostRouting, 105));
        var filter = writer.Count;
        writer.EnsureChain(Table, new NftChain("filter", "filter", NftConstants.HookForward));
        var set = writer.Count;
        writer.EnsureSet(Table, "ranges", 1, ranges: true);
        var masquerade = writer.Count;
        var rule = writer.BeginRule(Table, "nat", "probe");
        writer.Masquerade();
        writer.EndRule(rule);
        var conntrack = writer.Count;
        rule = writer.BeginRule(Table, "filter", "probe");
        writer.IsReply();
        writer.EndRule(rule);
        var reject = writer.Count;
        rule = writer.BeginRule(Table, "filter", "probe");
        writer.TcpDestinationPort(80);
        writer.RejectWithReset();
        writer.EndRule(rule);
        var end = writer.Count;
        writer.DeleteChain(Table, "not-there");
        writer.EndBatch();
        var refusals = socket.SendTransaction(writer);

        // Nothing else can be told where the beginning or the table is refused.
        if (Refusal(0) is { } all || (all = Refusal(table)) is not null)
            return [new MissingFeature("nf_tables", "nf_tables", all)];
        Look(nat, "the nat chain", "nft_chain_nat");
        Look(filter, "the filter chain", "nf_tables");
        Look(set, "interval sets", "nf_tables");
        if (Refusal(nat) is null)
            Look(masquerade, "masquerade", "nft_masq");
        if (Refusal(filter) is null)
        {
            Look(conntrack, "ct", "nft_ct");
            Look(reject, "reject", "nft_reject_ipv4");
        }
        if (ConntrackFlush.Count(socket) is null)
            missing.Add(new MissingFeature("ctnetlink", "nf_conntrack_netlink", "no answer"));
        return Refusal(end) is null ? throw new InvalidOperationException("The probe was not undone by the kernel.") : missing;

        string? Refusal(int index) => refusals.FirstOrDefault(refusal => refusal.Index == index) is { } found ? Errno.Describe(found.Errno) : null;

        void Look(int index, string name, string module)
        {
            if (Refusal(index) is { } error)
                missing.Add(new MissingFeature(name, module, error));
        }
    }
}
