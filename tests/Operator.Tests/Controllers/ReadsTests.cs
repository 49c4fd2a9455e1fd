using Vnetcni.Api.Names;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Kubernetes;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

/// <summary>How often an interface is read: at scale the quota of reads is what a cluster waits for.</summary>
public class ReadsTests
{
    // Where it is, what it is before the write, and what came of it.
    private const int Needed = 3;

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    public void What_an_agent_does_with_new_addresses_is_no_reason_to_read_the_interface_again(int settling) => Simulator.Run(501, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        var grown = false;
        world.Kube.Committed += change => grown |= (int?)change.After?["status"]?["held"] == 8;
        // Where the budget takes a while to settle what was published, the agent has told before the verdict is written; else after it.
        world.Start(faults: new KubeFaults
        {
            Before = (call, stop) => grown && call is { Verb: "patch", Resource: "virtualnetworks" or "virtualnetworks.vnetcni.dev" }
                ? sim.Delay(TimeSpan.FromMilliseconds(settling), stop)
                : Task.CompletedTask,
        });
        var agent = world.StartAgent("node0", 8);
        (agent.Pods, agent.Interval) = (3, TimeSpan.FromMilliseconds(20));
        await world.UntilHeldAsync(8);
        await world.UntilReasonAsync(Reasons.InSync);
        await sim.Delay(TimeSpan.FromMinutes(1));
        Assert.Equal(3, (await world.PoolAsync())!.Status!.Usage!.InUse);
        Assert.Equal(Needed, Reads(world));
    });

    [Fact]
    public void What_an_agent_asks_for_while_the_verdict_is_written_is_done() => Simulator.Run(502, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        var agent = world.StartAgent("node0", 8);
        agent.Interval = TimeSpan.FromMilliseconds(20);
        world.Kube.Committed += change => agent.Desired = (int?)change.After?["status"]?["held"] == 8 ? 12 : agent.Desired;
        await world.UntilHeldAsync(12, seconds: 60);
        await world.UntilReasonAsync(Reasons.InSync);
        Assert.Equal(2, world.Puts);
    });

    private static long Reads(OperatorWorld world) =>
        world.Arm.Counters.Where(static c => c is { Method: "GET", Route: "networkInterfaces/{name}" }).Sum(static c => c.Count);
}
