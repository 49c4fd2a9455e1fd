using System.Net;
using Vnetcni.Dataplane.Snat;
using Xunit;
using static Vnetcni.Dataplane.Tests.Snat.EgressBed;

namespace Vnetcni.Dataplane.Tests.Snat;

/// <summary>What others do to the table is found, and applying the rules again mends it.</summary>
public sealed class EgressTamperTests
{
    [Theory]
    [InlineData("flush ruleset", "is gone")]
    [InlineData("flush table ip vnetcni", "rules of chain postrouting are not ours")]
    [InlineData("delete table ip vnetcni", "is gone")]
    [InlineData("flush chain ip vnetcni wireserver", "rules of chain wireserver are not ours")]
    [InlineData("flush set ip vnetcni nomasq0", "set nomasq0 has 0 elements")]
    [InlineData("add element ip vnetcni nomasq0 { 8.8.0.0/16 }", "set nomasq0 has")]
    [InlineData("delete element ip vnetcni pods0 { 10.240.0.64 }", "set pods0 has 1 elements")]
    [InlineData("add rule ip vnetcni postrouting accept", "rules of chain postrouting are not ours")]
    [InlineData("insert rule ip vnetcni forward accept comment \\\"to wireserver\\\"", "rules of chain forward are not ours")]
    [InlineData("add chain ip vnetcni mine", "has 7 chains and sets, not 6")]
    [InlineData("add table ip vnetcni { flags dormant ; }", "asleep")]
    [InlineData("chain ip vnetcni forward { policy drop ; }", "another policy")]
    public async Task Tampering_is_found_and_mended(string command, string fault)
    {
        using var bed = new EgressBed();
        await bed.Egress.ApplyAsync(Rules(), Token);
        var table = bed.Table();
        bed.Nft($"\"{command}\"");
        var faults = await bed.Egress.CheckAsync(Token);
        Assert.Contains(faults, text => text.Contains(fault));
        await bed.Egress.ApplyAsync(Rules(), Token);
        Assert.Equal(table, bed.Table().Replace("pods1", "pods0").Replace("nomasq1", "nomasq0"));
        Assert.Empty(await bed.Egress.CheckAsync(Token));
    }

    [Fact]
    public async Task A_rule_replaced_by_one_that_looks_the_same_is_found()
    {
        using var bed = new EgressBed();
        await bed.Egress.ApplyAsync(Rules(), Token);
        var handle = bed.Nft("-a list chain ip vnetcni postrouting").Split("# handle ")[^1].Split('\n')[0];
        bed.Nft($"replace rule ip vnetcni postrouting handle {handle} oifname eth7 counter masquerade comment \\\"pods to outside the virtual network\\\"");
        Assert.Contains(await bed.Egress.CheckAsync(Token), text => text.Contains("were replaced"));
    }

    [Fact]
    public async Task A_table_of_our_name_in_another_shape_is_replaced_whole()
    {
        using var bed = new EgressBed();
        bed.NftFile("""
            table ip vnetcni {
                set nomasq0 { type inet_service; elements = { 80 }
                }
                chain postrouting { type filter hook input priority 7; policy drop;
                }
                chain extra { tcp dport @nomasq0 drop
                }
                chain forward { jump extra
                }
            }
            """);
        await bed.Egress.ApplyAsync(Rules(), Token);
        Assert.Empty(await bed.Egress.CheckAsync(Token));
        Assert.DoesNotContain("extra", bed.Table(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_waits_hears_of_a_change_of_our_table_and_not_of_those_of_others()
    {
        using var bed = new EgressBed();
        await bed.Egress.ApplyAsync(Rules(), Token);
        // What Apply itself did is told of by then: on a busy machine it is late, and would be taken for others' changes.
        Assert.True(await bed.ChangesAsync(TimeSpan.FromSeconds(30), () => bed.Nft("add chain ip vnetcni first")));
        Assert.False(await bed.ChangesAsync(TimeSpan.FromMilliseconds(300), () => bed.NftFile(
            "table ip other { chain vnetcni { accept\n }\n }\ntable ip6 vnetcni { chain c { accept\n }\n }\n")));
        Assert.True(await bed.ChangesAsync(TimeSpan.FromSeconds(2), () => bed.Nft("flush ruleset")));
        await bed.Egress.ApplyAsync(Rules(), Token);
        Assert.True(await bed.ChangesAsync(TimeSpan.FromSeconds(2), () => bed.Nft("add chain ip vnetcni x")));
    }

    [Fact]
    public async Task A_flood_of_others_changes_does_not_hide_ours()
    {
        using var bed = new EgressBed();
        await bed.Egress.ApplyAsync(Rules(), Token);
        var rules = string.Join('\n', Enumerable.Range(0, 5000).Select(i => $"add rule ip kube-proxy services ip daddr 10.96.{i / 250}.{i % 250} counter accept"));
        Assert.True(await bed.ChangesAsync(
            TimeSpan.FromSeconds(5),
            () => bed.NftFile($"add table ip kube-proxy\nadd chain ip kube-proxy services\n{rules}\ndelete table ip vnetcni\n")));
        Assert.Equal(["table ip vnetcni is gone"], await bed.Egress.CheckAsync(Token));
    }

    [Fact]
    public async Task Without_translation_its_chain_and_sets_go_and_the_guard_stays()
    {
        using var bed = new EgressBed();
        await bed.Egress.ApplyAsync(Rules(), Token);
        await bed.Egress.ApplyAsync(Rules() with { Translate = false }, Token);
        var table = bed.Table();
        Assert.DoesNotContain("postrouting", table, StringComparison.Ordinal);
        Assert.DoesNotContain("\tset ", table, StringComparison.Ordinal);
        Assert.Contains("goto wireserver", table, StringComparison.Ordinal);
        Assert.Contains("goto metadata", table, StringComparison.Ordinal);
        await bed.Egress.ApplyAsync(Rules() with { Translate = false, CloseMetadata = false }, Token);
        Assert.DoesNotContain("metadata", bed.Table(), StringComparison.Ordinal);
        Assert.Empty(await bed.Egress.CheckAsync(Token));
        await bed.Egress.ApplyAsync(Rules() with { CloseWireServer = false, CloseMetadata = false }, Token);
        Assert.DoesNotContain("chain forward", bed.Table(), StringComparison.Ordinal);
        Assert.Empty(await bed.Egress.CheckAsync(Token));
    }

    [Fact]
    public async Task When_nothing_is_wanted_the_table_goes_and_those_of_others_stay()
    {
        using var bed = new EgressBed();
        bed.NftFile("table ip nat { chain POSTROUTING { type nat hook postrouting priority 100; masquerade\n }\n }\n");
        await bed.Egress.ApplyAsync(EgressRules.None, Token);
        await bed.Egress.ApplyAsync(Rules(), Token);
        await bed.Egress.ApplyAsync(EgressRules.None, Token);
        Assert.Equal("", bed.Table());
        Assert.Empty(await bed.Egress.CheckAsync(Token));
        Assert.Contains("chain POSTROUTING", bed.Nft("list ruleset"), StringComparison.Ordinal);
        bed.Nft("add table ip vnetcni");
        Assert.Equal(["table ip vnetcni exists, and none is wanted"], await bed.Egress.CheckAsync(Token));
    }

    [Fact]
    public async Task A_missing_NIC_is_said_and_the_old_rules_stand()
    {
        using var bed = new EgressBed();
        await bed.Egress.ApplyAsync(Rules(), Token);
        var table = bed.Table();
        bed.Node.Ip("route del default");
        var refusal = await Assert.ThrowsAsync<DataplaneException>(() => bed.Egress.ApplyAsync(Rules("10.0.0.0/8"), Token));
        Assert.Contains("no default route", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(table, bed.Table());
    }

    [Fact]
    public async Task Too_many_pods_are_refused()
    {
        using var bed = new EgressBed();
        var pods = Enumerable.Range(0, EgressRules.MaxPods + 1).Select(i => new IPAddress([10, 1, (byte)(i >> 8), (byte)i])).ToArray();
        await Assert.ThrowsAsync<ArgumentException>(() => bed.Egress.ApplyAsync(Rules() with { Pods = pods }, Token));
        await Assert.ThrowsAsync<ArgumentException>(() => bed.Egress.ApplyAsync(Rules() with { Pods = [IPAddress.IPv6Loopback] }, Token));
        Assert.Equal("", bed.Table());
    }
}
