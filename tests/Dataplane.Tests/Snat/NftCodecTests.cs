using System.Buffers.Binary;
using CsCheck;
using Vnetcni.Dataplane.Linux.Conntrack;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Nftables;
using Vnetcni.Dataplane.Linux.Snat;
using Vnetcni.Dataplane.Snat;
using Xunit;

namespace Vnetcni.Dataplane.Tests.Snat;

/// <summary>Bytes of messages, and bytes that no kernel would send.</summary>
public sealed class NftCodecTests
{
    [Fact]
    public void A_masquerade_rule_has_the_bytes_that_nft_writes()
    {
        // `nft --debug=mnl` of: oifname "eth0" counter masquerade fully-random, without the rule's comment and position.
        var writer = new NetlinkWriter(new byte[512], 1);
        var rule = writer.BeginRule("t", "c", "x");
        writer.OutInterface("eth0");
        writer.Counter();
        writer.Masquerade();
        writer.EndRule(rule);
        const string Meta = "24000180" + "09000100" + "6d65746100000000" + "14000280" + "0800020000000007" + "0800010000000001";
        const string Compare = "38000180" + "08000100" + "636d7000" + "2c000280" + "0800010000000001" + "0800020000000000"
            + "18000380" + "14000100" + "65746830000000000000000000000000";
        const string Counter = "14000180" + "0c000100" + "636f756e74657200" + "04000280";
        const string Masquerade = "1c000180" + "09000100" + "6d61737100000000" + "0c000280" + "0800010000000010";
        Assert.EndsWith("90000480" + Meta + Compare + Counter + Masquerade, Convert.ToHexStringLower(writer.Written), StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_begins_and_ends_with_the_subsystem_in_network_order()
    {
        var writer = new NetlinkWriter(new byte[512], 7);
        writer.BeginBatch();
        writer.EnsureTable("t");
        writer.EndBatch();
        Assert.StartsWith("14000000" + "1000" + "0100" + "07000000" + "00000000" + "0000000a", Convert.ToHexStringLower(writer.Written), StringComparison.Ordinal);
        Assert.EndsWith("14000000" + "1100" + "0100" + "09000000" + "00000000" + "0000000a", Convert.ToHexStringLower(writer.Written), StringComparison.Ordinal);
    }

    [Fact]
    public void The_largest_rules_fit_the_buffer_that_is_rented_for_them()
    {
        var rules = new EgressRules
        {
            Translate = true,
            CloseWireServer = true,
            CloseMetadata = true,
            Pods = [.. Enumerable.Range(0, EgressRules.MaxPods).Select(i => new System.Net.IPAddress(BinaryPrimitives.ReverseEndianness(0x0a000000u + (uint)i)))],
            Untranslated = CidrSet.Of([.. Enumerable.Range(0, CidrSet.MaxCidrs).Select(i => $"10.{i >> 7}.{(i & 127) * 2}.0/24")]),
        };
        var table = new EgressTable(rules, "fifteen-letters", 0);
        foreach (var write in new NetlinkQuestion[] { table.WriteSets, table.WriteExchange, table.WriteAnew })
        {
            var writer = new NetlinkWriter(new byte[table.MaxBytes], 1);
            write(ref writer);
            // net.core.wmem_default, which bounds one send.
            Assert.InRange(writer.Written.Length, 1, 212_992);
        }
    }

    [Fact]
    public void Any_bytes_are_read_without_harm() => Gen.Byte.Array[0, 300].Sample(bytes =>
    {
        NftChainState.Parse(bytes);
        NftMonitor.Concerns(bytes, "vnetcni");
        ConntrackEntry.Parse(bytes, new HashSet<uint> { 0, 1 });
    }, iter: 20_000);

    [Fact]
    public void A_message_cut_short_anywhere_is_read_without_harm()
    {
        var writer = new NetlinkWriter(new byte[1024], 1);
        var rule = writer.BeginRule("vnetcni", "c", "x");
        writer.OutInterface("eth0");
        writer.EndRule(rule);
        var whole = writer.Written.ToArray();
        Assert.True(NftMonitor.Concerns(whole, "vnetcni"));
        Assert.False(NftMonitor.Concerns(whole, "other"));
        for (var length = 0; length < whole.Length; length++)
        {
            // Cut short it may have been about anything.
            Assert.Equal(length > 0, NftMonitor.Concerns(whole.AsSpan(0, length), "vnetcni"));
            NftChainState.Parse(whole.AsSpan(0, length));
        }
    }
}
