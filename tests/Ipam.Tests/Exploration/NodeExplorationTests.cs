using System.Diagnostics;
using System.Globalization;
using Vnetcni.Ipam.Tests.Exploration.Node;
using Xunit;

namespace Vnetcni.Ipam.Tests.Exploration;

/// <summary>
/// Every order of steps of one node, two leaders that act at the same time and every fault at any point, decided by the product's
/// own planner, budget, ledger, recovery and scaling. README.md, next to this, says what is in it and what is not.
/// </summary>
public class NodeExplorationTests(ITestOutputHelper output)
{
    // `make explore` goes further: 3 visits ten million states.
    private static readonly int Allowance =
        int.Parse(Environment.GetEnvironmentVariable("VNETCNI_EXPLORE_ALLOWANCE") ?? "2", CultureInfo.InvariantCulture);

    [Fact]
    public void No_order_of_steps_and_faults_breaks_a_rule()
    {
        var found = Explore(new ExploredBounds { Allowance = Allowance }, new ExploredRules(), out _);
        Assert.True(found.Broken.Length == 0, found.Trace);
        Assert.True(found.Complete, $"not complete after {found.States} states");
        // Far fewer would mean that some moves can't happen any more.
        Assert.InRange(found.States, 1_000_000, int.MaxValue);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // a subnet that is full but for what a PUT gives up
    public void Whatever_has_happened_everything_comes_to_rest_once_the_faults_are_over(bool freedComeBack)
    {
        var found = Explore(new ExploredBounds { Allowance = 2 }, new ExploredRules { FreedComeBack = freedComeBack }, out var search);
        Assert.True(found.Complete && found.Broken.Length == 0, found.Trace);
        var stuck = search.FindStuck();
        Assert.True(stuck.Broken.Length == 0, stuck.Trace);
    }

    [Fact]
    public void Without_rule_1_a_leader_takes_away_an_address_in_use() =>
        Breaks(new ExploredRules { LeadersWriteConditionally = false });

    [Fact]
    public void Without_rule_1_an_old_usage_write_gives_an_address_in_use_away() =>
        Breaks(new ExploredRules { AgentWritesConditionally = false });

    [Fact]
    public void Without_rule_5_an_address_is_used_while_its_offer_is_still_on_its_way() =>
        Breaks(new ExploredRules { OwnWriteIsKnown = false });

    [Fact]
    public void Without_rule_9_a_lost_ledger_gives_an_address_to_two_pods() =>
        Breaks(new ExploredRules { LedgerIsRebuilt = false });

    [Fact]
    public void Without_rule_9_an_older_self_gives_an_address_in_use_away() =>
        Breaks(new ExploredRules { StartIsFenced = false });

    [Fact]
    public void Without_rule_12_a_late_PUT_breaks_a_rule() =>
        Breaks(new ExploredRules { PutsAreConditional = false });

    [Fact]
    public void A_list_that_was_read_before_the_open_reservation_was_made_takes_away_an_address_in_use() =>
        Breaks(new ExploredRules { ReservationIsTheSame = false });

    private void Breaks(ExploredRules rules)
    {
        var found = Explore(new ExploredBounds(), rules, out _);
        Assert.NotEqual(string.Empty, found.Broken);
        Assert.InRange(found.Steps.Count, 3, 100);
    }

    private Explored Explore(ExploredBounds bounds, ExploredRules rules, out BreadthFirst search)
    {
        var watch = Stopwatch.StartNew();
        search = new BreadthFirst(new NodeWorld(bounds, rules), bounds.Allowance, bounds.MostStates);
        var found = search.Run();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"allowance {bounds.Allowance}: {found.States:N0} states, {found.Transitions:N0} transitions, {watch.Elapsed.TotalSeconds:F1} s"));
        if (found.Broken.Length > 0)
            output.WriteLine(found.Trace);
        return found;
    }
}
