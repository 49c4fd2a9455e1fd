using Vnetcni.ArmSimulator.Faults;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

public class StaleReadTests
{
    [Fact]
    public void A_stale_read_of_what_a_new_leader_never_saw_does_not_stop_its_pool() => Simulator.Run(71, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        var first = world.Start("a", s => s with { LeaseName = "op" });
        var agent = world.StartAgent("node0", 8);
        await world.UntilHeldAsync(8);
        first.Kill.Cancel();

        // The next one sees the interface as it is, then once as it was before the first one's PUT, then as it is for ever.
        world.Start("b", s => s with { LeaseName = "op" });
        var reads = Reads(world);
        await world.UntilAsync("the new leader has read the interface", () => Task.FromResult(Reads(world) > reads));
        await sim.Delay(TimeSpan.FromSeconds(10));
        world.Arm.AddFault(new Fault { Kind = FaultKind.StaleRead, Method = "GET", Route = "networkInterfaces/{name}", Count = 1 });
        agent.Desired = 12;
        await world.UntilHeldAsync(12, seconds: 120);
        Assert.Equal(1, Assert.Single(world.Arm.Faults).Fired);
    });

    private static long Reads(OperatorWorld world) =>
        world.Arm.Counters.Where(c => c is { Method: "GET", Route: "networkInterfaces/{name}" }).Sum(c => c.Count);
}
