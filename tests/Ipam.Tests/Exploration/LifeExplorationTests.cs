using System.Diagnostics;
using System.Globalization;
using Vnetcni.Ipam.Tests.Exploration.Life;
using Xunit;

namespace Vnetcni.Ipam.Tests.Exploration;

/// <summary>
/// Every order of steps of two leaders while the pool object is deleted and made again, the machine is replaced, or goes with its Node, and
/// its interface stays behind or not.
/// </summary>
public class LifeExplorationTests(ITestOutputHelper output)
{
    private const int Allowance = 2;

    [Fact]
    public void Whatever_is_deleted_or_replaced_no_rule_is_broken()
    {
        var found = Explore(Allowance, new LifeRules(), out _);
        Assert.True(found.Broken.Length == 0, found.Trace);
        Assert.True(found.Complete, $"not complete after {found.States} states");
        Assert.InRange(found.States, 5_000, int.MaxValue);
    }

    [Fact]
    public void Whatever_is_deleted_or_replaced_everything_comes_to_rest_and_nothing_stays_behind()
    {
        var found = Explore(1, new LifeRules(), out var search);
        Assert.True(found.Complete && found.Broken.Length == 0, found.Trace);
        var stuck = search.FindStuck();
        Assert.True(stuck.Broken.Length == 0, stuck.Trace);
    }

    [Fact]
    public void Without_rule_10_a_pool_that_is_deleted_takes_its_addresses_out_of_the_budget() => Breaks(new LifeRules { FinalizerWaits = false });

    [Fact]
    public void Without_rule_12_a_PUT_of_a_pool_that_is_gone_breaks_a_rule() => Breaks(new LifeRules { PutsAreConditional = false });

    [Fact]
    public void A_pool_that_is_looked_for_too_early_has_its_reservation_dropped() => Breaks(new LifeRules { PoolIsLookedForLast = false });

    [Fact]
    public void Without_consent_the_addresses_of_running_pods_are_taken_for_a_leftover() => Breaks(new LifeRules { LeftoversNeedConsent = false });

    private void Breaks(LifeRules rules)
    {
        var found = Explore(2, rules, out _);
        Assert.NotEqual(string.Empty, found.Broken);
        Assert.InRange(found.Steps.Count, 3, 100);
    }

    private Explored Explore(int allowance, LifeRules rules, out BreadthFirst search)
    {
        var watch = Stopwatch.StartNew();
        search = new BreadthFirst(new LifeWorld(1, rules), allowance, 30_000_000);
        var found = search.Run();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"allowance {allowance}: {found.States:N0} states, {found.Transitions:N0} transitions, {watch.Elapsed.TotalSeconds:F1} s"));
        if (found.Broken.Length > 0)
            output.WriteLine(found.Trace);
        return found;
    }
}
