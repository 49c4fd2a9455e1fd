using k8s.Models;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Settings;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

/// <summary>Every limit holds, and says of itself which one it is, with its numbers.</summary>
public class LimitTests
{
    [Theory]
    [InlineData(10, 30, 40, "pool.maxAddresses of NodeIpPoolClass default")]
    [InlineData(30, 10, 40, "pool.maxAddresses of NodeIpPool node0")]
    [InlineData(30, 40, 10, "the operator's limit per node")]
    public void The_strictest_of_the_classs_the_pools_and_the_operators_limit_wins(int ofClass, int ofPool, int ofOperator, string source) => Simulator.Run(345, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass(pool: new PoolSettings { MaxAddresses = ofClass });
        world.Admin.Seed(OperatorKinds.Pools, new NodeIpPool
        {
            Metadata = new V1ObjectMeta { Name = "node0", Generation = 1 },
            Spec = new NodeIpPoolSpec { NodeName = "node0", Pool = new PoolSettings { MaxAddresses = ofPool } },
        });
        world.Start(change: s => s with { PerNode = ofOperator });
        world.StartAgent("node0", 64).Waiting = 1;
        await world.UntilHeldAsync(10);
        await world.UntilReasonAsync(Reasons.NodeLimitReached);
        Assert.Contains($"1 pod waits: the node may have 10 addresses and wants 64 ({source}); ", OperatorWorld.Ready(await world.PoolAsync()));
    });

    [Fact]
    public void A_node_at_250_is_told_that_there_is_no_more() => Simulator.Run(351, async sim =>
    {
        using var world = new OperatorWorld(sim, subnet: "10.1.0.0/22");
        world.AddClass();
        world.Start();
        world.StartAgent("node0", 256).Waiting = 2;
        await world.UntilHeldAsync(250);
        await world.UntilReasonAsync(Reasons.NodeLimitReached);
        Assert.Contains("2 pods wait: the node may have 250 addresses, the most there is, and wants 256; use more nodes", OperatorWorld.Ready(await world.PoolAsync()));
    });

    [Fact]
    public void The_256_of_an_interface_count_what_others_put_there_before() => Simulator.Run(352, async sim =>
    {
        using var world = new OperatorWorld(sim, subnet: "10.1.0.0/22");
        await world.AddAsync(sim, 0, [.. Enumerable.Range(0, 55).Select(i => $"other-{i}")]);
        world.AddClass();
        world.Start();
        world.StartAgent("node0", 240).Waiting = 1;
        await world.UntilHeldAsync(200);
        await world.UntilReasonAsync(Reasons.NodeLimitReached);
        Assert.Contains(
            "1 pod waits: interface nic0 holds at most 256 ipConfigurations, has 200 of ours and 56 of the node itself and others, and 240 addresses are wanted",
            OperatorWorld.Ready(await world.PoolAsync()));
        Assert.Equal(256, OnNic(world));
    });

    [Fact]
    public void The_256_of_an_interface_count_what_others_put_there_while_ours_are_on_it_and_their_going_is_noticed() => Simulator.Run(353, async sim =>
    {
        using var world = new OperatorWorld(sim, subnet: "10.1.0.0/22");
        world.AddClass();
        world.Start(change: s => s with { Resync = TimeSpan.FromMinutes(2) });
        var agent = world.StartAgent("node0", 200);
        agent.Pods = 150;
        await world.UntilHeldAsync(200);
        var others = Enumerable.Range(0, 55).Select(i => $"other-{i}").ToArray();
        await world.AddAsync(sim, 0, others);
        agent.Desired = 240;
        agent.Waiting = 1;
        await world.UntilReasonAsync(Reasons.NodeLimitReached);
        Assert.Contains("has 200 of ours and 56 of the node itself and others", OperatorWorld.Ready(await world.PoolAsync()));
        Assert.Equal((256, 200), (OnNic(world), world.OnNic(0)));
        // They go: the room is used.
        await world.RemoveAsync(sim, 0, others);
        await world.UntilHeldAsync(240);
        await world.UntilReasonAsync(Reasons.InSync);
    });

    [Fact]
    public void What_others_put_on_an_interface_beyond_its_room_for_us_takes_nothing_from_us() => Simulator.Run(354, async sim =>
    {
        using var world = new OperatorWorld(sim, subnet: "10.1.0.0/22");
        world.AddClass();
        world.Start(change: s => s with { Resync = TimeSpan.FromMinutes(2) });
        var agent = world.StartAgent("node0", 100);
        agent.Pods = 100;
        await world.UntilHeldAsync(100);
        await world.AddAsync(sim, 0, [.. Enumerable.Range(0, 155).Select(i => $"other-{i}")]);
        var puts = world.Puts;
        agent.Desired = 120;
        await world.UntilReasonAsync(Reasons.AtLimit);
        await sim.Delay(TimeSpan.FromMinutes(10));
        Assert.Equal((100, 100, 256, puts), (world.OnNic(0), agent.InUse.Count, OnNic(world), world.Puts));
    });

    [Theory]
    [InlineData(20, 0, 16_000, "(podAddressLimit 20) has 20 of 20")]
    [InlineData(50, 30, 16_000, "(podAddressLimit 50, 30 of them others') has 20 of 20")]
    [InlineData(16_000, 0, 20, "(limit 20) has 20 of 20")]
    public void The_strictest_of_the_networks_and_the_operators_limit_wins_less_what_others_are_to_have(
        int ofNetwork, int forOthers, int ofOperator, string told) => Simulator.Run(355, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 2);
        world.AddClass();
        world.Admin.Seed(OperatorKinds.VirtualNetworks, new VirtualNetwork
        {
            Metadata = new V1ObjectMeta { Name = world.NetworkName, Generation = 1 },
            Spec = new VirtualNetworkSpec { ResourceId = OperatorWorld.NetworkId, PodAddressLimit = ofNetwork, ReservedForOthers = forOthers },
        });
        world.Start(change: s => s with { PerVirtualNetwork = ofOperator });
        world.StartAgent("node0", 12).Waiting = 1;
        world.StartAgent("node1", 12).Waiting = 1;
        await world.UntilAsync("all is granted", () => Task.FromResult(world.OnNic(0) + world.OnNic(1) == 20));
        var hungry = world.OnNic(0) < 12 ? "node0" : "node1";
        await world.UntilReasonAsync(Reasons.VNetLimitReached, hungry);
        await sim.Delay(TimeSpan.FromMinutes(5));
        Assert.Equal(20, world.OnNic(0) + world.OnNic(1));
        var ready = OperatorWorld.Ready(await world.PoolAsync(hungry));
        Assert.Contains($"1 pod waits: VirtualNetwork {world.NetworkName} {told} pod addresses taken and 12 are wanted", ready);
    });

    [Fact]
    public void Pools_of_several_classes_share_one_virtual_network_and_keep_their_own_limits() => Simulator.Run(356, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 3);
        world.AddClass("a", new PoolSettings { MaxAddresses = 5, MinFree = 1, BatchSize = 1, MaxFree = 2 }, priority: 10, selector: ("group", "a"));
        world.AddClass("b", selector: ("group", "b"));
        await world.LabelAsync("node0", "group", "a");
        await world.LabelAsync("node1", "group", "b");
        await world.LabelAsync("node2", "group", "b");
        world.Start(change: s => s with { PerVirtualNetwork = 20 });
        for (var i = 0; i < 3; i++)
            world.StartAgent($"node{i}", 30).Waiting = 1;
        await world.UntilAsync("all is granted", () => Task.FromResult(Enumerable.Range(0, 3).Sum(world.OnNic) == 20));
        await sim.Delay(TimeSpan.FromMinutes(2));
        Assert.Equal(5, world.OnNic(0));
        Assert.InRange(Math.Abs(world.OnNic(1) - world.OnNic(2)), 0, 1);
        Assert.Equal(20, (await world.NetworkAsync())!.Status!.UsedByUs);
        Assert.Contains("(pool.maxAddresses of NodeIpPoolClass a)", OperatorWorld.Ready(await world.PoolAsync()));
        await world.UntilReasonAsync(Reasons.VNetLimitReached, "node1");
    });

    private static int OnNic(OperatorWorld world) =>
        world.Arm.Addresses.Addresses.Count(static a => a.Nic.Equals(OperatorWorld.Nic(0), StringComparison.OrdinalIgnoreCase));
}
