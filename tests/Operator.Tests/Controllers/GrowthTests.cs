using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

public class GrowthTests
{
    [Fact]
    public void A_pool_is_made_for_a_node_and_grows_on_demand() => Simulator.Run(1, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        world.StartAgent("node0", desired: 16);
        await world.UntilHeldAsync(16);
        await world.UntilReasonAsync(Reasons.InSync);
        var pool = (await world.PoolAsync())!;
        Assert.Equal(("node0", "default"), (pool.Spec!.NodeName, pool.Spec.ClassName));
        Assert.Contains(WellKnownNames.Finalizer, pool.Metadata.Finalizers);
        Assert.Null(pool.Metadata.OwnerReferences);
        var nic = Assert.Single(pool.Status!.NetworkInterfaces!);
        Assert.Equal(("nic0", "10.1.0.0/24", "10.1.0.1", "pods"), (nic.Name, nic.Subnet!.Cidr, nic.Subnet.Gateway, nic.Subnet.Name));
        Assert.Equal(world.NetworkName, nic.VirtualNetwork);
        Assert.Matches("^([0-9a-f]{2}:){5}[0-9a-f]{2}$", nic.MacAddress);
        Assert.All(nic.Addresses!, a => Assert.StartsWith("vnetcni-00000000-", a.IpConfiguration));
        Assert.Equal(16, world.OnNic(0));
        var network = (await world.NetworkAsync())!.Status!;
        Assert.Equal((16, 16_000 - 16), (network.UsedByUs, network.Free));
        Assert.Equal(1, world.Puts);
        Assert.Contains(await world.EventsAsync(), e => e.StartsWith("AddressesAdded: added 16 in ", StringComparison.Ordinal));
    });

    [Fact]
    public void A_pool_shrinks_by_handshake_and_addresses_in_use_stay() => Simulator.Run(2, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        var agent = world.StartAgent("node0", desired: 16);
        agent.Pods = 5;
        await world.UntilHeldAsync(16);
        await world.UntilAsync("five pods have addresses", () => Task.FromResult(agent.InUse.Count == 5));
        agent.Desired = 6;
        await world.UntilHeldAsync(6);
        Assert.Equal(6, world.OnNic(0));
        var left = (await world.PoolAsync())!.Status!.NetworkInterfaces![0].Addresses!.Select(a => a.Address).ToList();
        Assert.All(agent.InUse, used => Assert.Contains(used, left));
        Assert.Equal(6, (await world.NetworkAsync())!.Status!.UsedByUs);
        await world.UntilReasonAsync(Reasons.InSync);
        Assert.Contains(await world.EventsAsync(), e => e.StartsWith("AddressesReleased: released 10", StringComparison.Ordinal));
    });

    [Fact]
    public void A_pool_at_rest_asks_ARM_nothing() => Simulator.Run(3, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        var agent = world.StartAgent("node0", desired: 8);
        await world.UntilHeldAsync(8);
        await world.UntilReasonAsync(Reasons.InSync);
        await sim.Delay(TimeSpan.FromSeconds(30));
        var (arm, commits) = (world.Arm.Totals, world.Commits.Count);
        for (var pods = 0; pods < 6; pods++)
        {
            agent.Pods = pods;
            await sim.Delay(TimeSpan.FromSeconds(10));
        }

        Assert.Equal((arm.Reads, arm.Writes), (world.Arm.Totals.Reads, world.Arm.Totals.Writes));
        // The agent's own reports and the sums of the class; the operator adds nothing to the pool.
        Assert.InRange(world.Commits.Count - commits, 5, 12);
    });

    [Fact]
    public void At_the_node_limit_the_pool_stays_ready_until_pods_wait() => Simulator.Run(4, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start(change: s => s with { PerNode = 10 });
        var agent = world.StartAgent("node0", desired: 16);
        await world.UntilHeldAsync(10);
        await world.UntilReasonAsync(Reasons.AtLimit);
        var pool = (await world.PoolAsync())!;
        Assert.Equal("True", OperatorWorld.ReadyOf(pool)!.Status);
        Assert.True(ConditionSet.IsTrue(pool.Status!.Conditions, ConditionTypes.CapacityLow));
        agent.Pods = 13;
        await world.UntilReasonAsync(Reasons.NodeLimitReached);
        pool = (await world.PoolAsync())!;
        Assert.Equal("False", OperatorWorld.ReadyOf(pool)!.Status);
        Assert.Contains("3 pods wait: the node may have 10 addresses and wants 16", OperatorWorld.ReadyOf(pool)!.Message);
        Assert.Equal(10, world.OnNic(0));
    });

    [Fact]
    public void A_node_never_gets_more_than_250() => Simulator.Run(5, async sim =>
    {
        using var world = new OperatorWorld(sim, subnet: "10.1.0.0/22");
        world.AddClass();
        world.Start();
        world.StartAgent("node0", desired: 400);
        await world.UntilHeldAsync(250);
        await world.UntilReasonAsync(Reasons.AtLimit);
        Assert.Equal(250, world.OnNic(0));
    });

    [Fact]
    public void The_budget_of_the_virtual_network_is_shared_and_never_passed() => Simulator.Run(6, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 3);
        world.AddClass();
        world.Start(change: s => s with { PerVirtualNetwork = 20 });
        var agents = Enumerable.Range(0, 3).Select(i => world.StartAgent($"node{i}", desired: 12)).ToArray();
        agents[2].Pods = 12;
        await world.UntilAsync("all is granted", () => Task.FromResult(Enumerable.Range(0, 3).Sum(world.OnNic) == 20));
        await sim.Delay(TimeSpan.FromMinutes(3));
        Assert.Equal(20, Enumerable.Range(0, 3).Sum(world.OnNic));
        var network = (await world.NetworkAsync())!.Status!;
        Assert.Equal((20, 0), (network.UsedByUs, network.Free));
        Assert.True(ConditionSet.IsTrue(network.Conditions, ConditionTypes.CapacityLow));
        var hungry = Enumerable.Range(0, 3).First(i => world.OnNic(i) < 12);
        agents[hungry].Waiting = 1;
        await world.UntilReasonAsync(Reasons.VNetLimitReached, $"node{hungry}");
        Assert.Contains("20 of 20 pod addresses taken", OperatorWorld.Ready(await world.PoolAsync($"node{hungry}")));

        // What one gives back goes to the one that waits.
        agents[2].Pods = 0;
        foreach (var agent in agents)
            agent.Desired = 6;
        agents[hungry].Desired = 8;
        await world.UntilHeldAsync(8, $"node{hungry}");
    });

    [Fact]
    public void A_dry_run_writes_nothing_to_ARM_and_says_what_it_would_do() => Simulator.Run(7, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass(dryRun: true);
        world.Start();
        world.StartAgent("node0", desired: 16);
        await world.UntilAsync("it tells", async () => (await world.EventsAsync()).Any(e => e.Contains("dry run: would add 16")));
        Assert.Equal(0, world.Puts);
        Assert.Contains("dry run: would add 16", OperatorWorld.Ready(await world.PoolAsync()));
    });

    [Fact]
    public void Nothing_is_granted_before_the_agent_reported() => Simulator.Run(8, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        await world.UntilReasonAsync(Reasons.AgentNotReporting);
        await sim.Delay(TimeSpan.FromMinutes(1));
        Assert.Equal(0, world.Puts);
    });

    [Fact]
    public void A_warm_up_is_granted_without_an_agent() => Simulator.Run(9, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass(pool: new() { WarmUp = 4 });
        world.Start();
        await world.UntilHeldAsync(4);
    });
}
