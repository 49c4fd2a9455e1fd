using Vnetcni.Lab.Bench.Figures;
using Xunit;

namespace Vnetcni.Lab.Tests.Bench;

public sealed class GatesTests
{
    [Fact]
    public void All_hold_where_all_is_well() =>
        Assert.DoesNotContain(Gates.Of(Samples.Good), gate => !gate.Holds);

    [Theory]
    [InlineData("ADD", 1, 3.1, "ADD p50, times as fast as Debian's bridge+host-local")]
    [InlineData("DEL", 1, 2.5, "DEL p50, times as fast")]
    public void A_slow_verb_misses_its_gate(string verb, int parallel, double p50, string gate) =>
        Assert.Contains(gate, Missed(Samples.Good.With(Names.Ours, verb, parallel, o => o with { P50 = p50 })));

    [Fact]
    public void Between_gate_and_goal_only_the_goal_is_missed()
    {
        // 10 / 2.15: more than 4, less than 5.
        var result = Samples.Good.With(Names.Ours, "ADD", 1, o => o with { P50 = 2.15 }).With(Names.Bridge, "ADD", 1, o => o with { P50 = 10 });
        Assert.DoesNotContain("ADD p50, times as fast as Debian's bridge+host-local", Missed(result));
        var goal = Assert.Single(Gates.Of(result), gate => !gate.Holds);
        Assert.False(goal.Binding);
        Assert.Equal("4.65", goal.Measured);
    }

    [Fact]
    public void Few_adds_a_second_miss_theirs() =>
        Assert.Equal(["ADD/s at 8 in parallel, times as many"], Missed(Samples.Good.With(Names.Ours, "ADD", 8, o => o with { PerSecond = 520 })));

    [Fact]
    public void A_full_node_that_is_slow_misses_its_gate() =>
        Assert.Equal(
            ["full node (250 pods), times as slow as an empty one"],
            Missed(Samples.Good with { Operations = [.. Samples.Good.Operations.Select(o => o is { Candidate: Names.Ours, Residents: > 0, Verb: "DEL" } ? o with { P50 = 2 } : o)] }));

    [Fact]
    public void Mounts_memory_and_size_have_their_gates()
    {
        var good = Samples.Good;
        Assert.Equal(["3,000 mounts cost the binary"], Missed(good with { Starts = [good.Starts[0] with { ManyMounts = 1.51 }, good.Starts[1]] }));
        Assert.Equal(["CNI binary, resident"], Missed(good with { Starts = [good.Starts[0] with { PeakKiB = 3000 }, good.Starts[1]] }));
        Assert.Equal(["CNI binary"], Missed(good with { Programs = good.Programs with { BinaryBytes = 2_500_001 } }));
        Assert.Equal(["CNI binary is static"], Missed(good with { Programs = good.Programs with { BinaryIsStatic = false } }));
        Assert.Equal(["agent with 250 pods, RssAnon"], Missed(good with { Programs = good.Programs with { AgentAnonymousKiB = 44_000 } }));
        Assert.Equal(["agent with 250 pods, RSS"], Missed(good with { Programs = good.Programs with { AgentResidentKiB = 73_300 } }));
        Assert.Equal(["DEL → link gone, p99"], Missed(good with { After = good.After with { GoneP99 = 101 } }));
        Assert.Equal(["DEL → address in use again, p99"], Missed(good with { After = good.After with { ReuseP99 = 101 } }));
    }

    [Fact]
    public void The_path_between_nodes_has_its_gates()
    {
        var paths = Samples.Good.Paths;
        Assert.Equal(
            ["throughput between nodes, of the host network's"],
            Missed(Samples.Good with { Paths = [paths[0], paths[1], paths[2] with { GigabitsPerSecond = 12.4 }] }));
        Assert.Equal(
            ["TCP_RR between nodes, of the host network's"],
            Missed(Samples.Good with { Paths = [paths[0], paths[1], paths[2] with { TransactionsPerSecond = 38_900 }] }));
    }

    [Fact]
    public void A_way_that_costs_more_than_the_bridge_of_its_kind_misses_its_gate_by_the_median_alone()
    {
        var costs = Samples.Good.Costs;
        var slower = new Interval(0.999, 0.99, 1.01);
        Assert.Equal(
            ["throughput between nodes, of a plain bridge's; nothing translated"],
            Missed(Samples.Good with { Costs = [costs[0], costs[1] with { Stream = slower }, costs[2]] }));
        Assert.Equal(
            ["TCP_RR between nodes, of a plain bridge's; nothing translated"],
            Missed(Samples.Good with { Costs = [costs[0], costs[1] with { Transactions = slower }, costs[2]] }));
        Assert.Equal(
            ["throughput between nodes, of a bridge's that translates too", "TCP_RR between nodes, of a bridge's that translates too"],
            Missed(Samples.Good with { Costs = [costs[0], costs[1], costs[2] with { Stream = slower, Transactions = slower }] }));
        Assert.Empty(Missed(Samples.Good with { Costs = [costs[0], costs[1] with { Stream = new Interval(1, 0.98, 1.01) }, costs[2]] }));
    }

    [Fact]
    public void A_missing_figure_is_no_success() =>
        Assert.Throws<InvalidOperationException>(() => Gates.Of(Samples.Good with { Starts = [] }));

    private static string[] Missed(BenchResult result) =>
        [.. Gates.Of(result).Where(gate => gate.Binding && !gate.Holds).Select(gate => gate.Name)];
}
