using System.Diagnostics;
using System.Globalization;
using Vnetcni.Ipam.Tests.Exploration.VNet;
using Xunit;

namespace Vnetcni.Ipam.Tests.Exploration;

/// <summary>
/// Every order of steps of two leaders that act at the same time on two nodes that want more than their virtual network has, with lost and
/// late PUTs, lost replies and stale reads.
/// </summary>
public class VNetExplorationTests(ITestOutputHelper output)
{
    private static readonly int Allowance =
        int.Parse(Environment.GetEnvironmentVariable("VNETCNI_EXPLORE_ALLOWANCE") ?? "2", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void The_limit_of_a_virtual_network_is_never_passed(int limit)
    {
        var found = Explore(limit, Allowance, new VNetRules(), out _);
        Assert.True(found.Broken.Length == 0, found.Trace);
        Assert.True(found.Complete, $"not complete after {found.States} states");
    }

    [Fact]
    public void Two_nodes_come_to_rest_with_as_much_as_there_is()
    {
        var found = Explore(2, 1, new VNetRules(), out var search);
        Assert.True(found.Complete && found.Broken.Length == 0, found.Trace);
        var stuck = search.FindStuck();
        Assert.True(stuck.Broken.Length == 0, stuck.Trace);
    }

    [Fact]
    public void Without_rule_11_two_leaders_grant_the_same_room_twice()
    {
        var found = Explore(2, 2, new VNetRules { BudgetIsWrittenConditionally = false, BudgetMatches = false }, out _);
        Assert.NotEqual(string.Empty, found.Broken);
        Assert.InRange(found.Steps.Count, 3, 100);
    }

    private Explored Explore(int limit, int allowance, VNetRules rules, out BreadthFirst search)
    {
        var watch = Stopwatch.StartNew();
        search = new BreadthFirst(new VNetWorld(limit, rules), allowance, 30_000_000);
        var found = search.Run();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"limit {limit}, allowance {allowance}: {found.States:N0} states, {found.Transitions:N0} transitions, {watch.Elapsed.TotalSeconds:F1} s"));
        if (found.Broken.Length > 0)
            output.WriteLine(found.Trace);
        return found;
    }
}
