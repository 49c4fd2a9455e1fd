using Vnetcni.Simulation.Tests.Runs;
using Vnetcni.Simulation.Tests.World;
using Xunit;

namespace Vnetcni.Simulation.Tests;

public sealed class ReplayTests
{
    [Fact]
    public void The_same_seed_twice_gives_the_same_trace()
    {
        var first = SimRun.Seed(1).Trace.Lines;
        var second = SimRun.Seed(1).Trace.Lines;
        var same = first.Zip(second).TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.True(
            same == first.Count && same == second.Count,
            $"the traces differ from line {same} on:\n{string.Join('\n', first.Skip(Math.Max(0, same - 5)).Take(6))}\n--- and\n{string.Join('\n', second.Skip(same).Take(1))}");
        Assert.True(first.Count > 500, $"only {first.Count} lines");
    }

    [Fact]
    public void Different_seeds_give_different_traces()
    {
        var options = SimOptions.Of(1);
        Assert.NotEqual(SimRun.Seed(2, options).Trace.Digest, SimRun.Seed(3, options).Trace.Digest);
    }
}
