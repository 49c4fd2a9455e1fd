using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.Api.Serialization;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

public class FairShareTests
{
    private const int Nodes = 80;

    private static readonly SimulationOptions Large = new() { MaxSteps = 20_000_000 };

    [Theory]
    [InlineData(16_000)]
    [InlineData(500)]
    public void Eighty_nodes_that_want_250_each_end_at_the_limit_with_fair_shares(int limit) => Simulator.Run(341, async sim =>
    {
        using var world = Start(sim);
        var arm = new MeteredArm(world, loses: false);
        world.Start("a", s => s with { PerVirtualNetwork = limit }, arm: arm);
        await UntilFairAsync(sim, world, limit);
        Assert.Equal(limit, arm.Worst);
    }, Large);

    [Theory]
    [InlineData(16_000)]
    [InlineData(500)]
    public void They_do_so_with_a_leader_change_and_every_fifth_reply_of_ARM_lost(int limit) => Simulator.Run(342, async sim =>
    {
        using var world = Start(sim);
        var arm = new MeteredArm(world, loses: true);
        var first = world.Start("a", s => s with { PerVirtualNetwork = limit, LeaseName = "op" }, arm: arm);
        world.Start("b", s => s with { PerVirtualNetwork = limit, LeaseName = "op" }, arm: arm);
        await world.UntilAsync("half is granted", () => Task.FromResult(OnNics(world) >= limit / 2));
        first.Kill.Cancel();
        await UntilFairAsync(sim, world, limit);
        Assert.Equal(limit, arm.Worst);
        Assert.InRange(arm.Lost, 20, int.MaxValue);
    }, Large);

    [Fact]
    public void What_lies_idle_on_one_node_goes_to_another_whose_pods_wait_and_nothing_in_use_moves() => Simulator.Run(343, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 3);
        world.AddClass();
        world.Start(change: s => s with { PerVirtualNetwork = 20 });
        var idle = world.StartAgent("node0", 16);
        var busy = world.StartAgent("node1", 4);
        busy.Pods = 4;
        await world.UntilHeldAsync(16);
        await world.UntilHeldAsync(4, "node1");
        idle.Pods = 3;
        var starved = world.StartAgent("node2", 12);
        starved.Pods = 10;
        await world.UntilAsync("the starved is served", () => Task.FromResult(starved.InUse.Count == 10));
        Assert.Equal((4, 4), (busy.InUse.Count, world.OnNic(1)));
        Assert.Equal(3, idle.InUse.Count);
        Assert.Equal(20, Enumerable.Range(0, 3).Sum(world.OnNic));
        var ready = OperatorWorld.Ready(await world.PoolAsync());
        Assert.Matches("AtLimit: .*has 20 of 20 pod addresses taken and 16 are wanted on the node; .*fair share is [0-9]+ now", ready);

        // With room again nobody is held to a share.
        busy.Pods = busy.Desired = 0;
        starved.Pods = 0;
        starved.Desired = 4;
        await world.UntilHeldAsync(16, seconds: 1_200);
        await world.UntilAsync("no share is told", async () => (await world.PoolAsync())!.Status!.Share is null, 1_200);
    });

    [Fact]
    public void A_subnet_that_runs_dry_is_shared_too() => Simulator.Run(344, async sim =>
    {
        // A /28 gives 11 addresses; the two nodes have one each.
        using var world = new OperatorWorld(sim, nodes: 2, subnet: "10.1.0.0/28");
        world.AddClass();
        world.Start();
        world.StartAgent("node0", 9);
        await world.UntilHeldAsync(9);
        world.StartAgent("node1", 9);
        await world.UntilHeldAsync(4, "node1", 1_800);
        await world.UntilHeldAsync(5, "node0");
        await world.UntilAsync("it is told", async () => OperatorWorld.Ready(await world.PoolAsync()).Contains("fair share is 5 now", StringComparison.Ordinal));
        var puts = world.Puts;
        await sim.Delay(TimeSpan.FromHours(1));
        Assert.Equal((puts, 4, 5), (world.Puts, world.OnNic(1), world.OnNic(0)));
    });

    [Fact]
    public void A_share_that_holds_no_more_is_taken_back_before_the_pool_comes_to_rest() => Simulator.Run(345, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        world.StartAgent("node0", 9);
        await world.UntilHeldAsync(9);
        await world.UntilReasonAsync(Reasons.InSync);

        // As a leader left it that went before it could take it back: the agent offers what is beyond it, the operator adds it again.
        var pool = (await world.PoolAsync())!;
        await world.Admin.PatchAsync(
            OperatorKinds.Pools, new ObjectKey("node0"), ApplyBodies.OperatorStatus(ApplyTarget.Of(pool.Metadata), pool.Status! with { Share = 3 }),
            new KubePatchOptions(KubePatchType.Apply, FieldManagers.OperatorStatus, Force: true, Subresource: "status"), default);
        var before = world.Puts;
        await world.UntilAsync("what was offered is taken off", () => Task.FromResult(world.Puts > before));
        // Not only once that is done: an agent that goes on offering would never let the pool come to rest.
        Assert.Null((await world.PoolAsync())!.Status!.Share);
        await world.UntilHeldAsync(9);
        await world.UntilReasonAsync(Reasons.InSync);
        before = world.Puts;
        await sim.Delay(TimeSpan.FromMinutes(10));
        Assert.Equal(before, world.Puts);
    });

    private static OperatorWorld Start(Simulator sim)
    {
        var world = new OperatorWorld(sim, Nodes, subnet: "10.1.0.0/16");
        world.AddClass();
        for (var i = 0; i < Nodes; i++)
            world.StartAgent($"node{i}", 250).Interval = TimeSpan.FromSeconds(10);
        return world;
    }

    private static int OnNics(OperatorWorld world) =>
        world.Arm.Addresses.Addresses.Count(static a => a.IpConfiguration.StartsWith("vnetcni-", StringComparison.Ordinal));

    private static async Task UntilFairAsync(Simulator sim, OperatorWorld world, int limit)
    {
        int[] counts = [];
        for (var i = 0; i < 240 && !(counts.Sum() == limit && counts.Max() - counts.Min() <= 1); i++)
        {
            await sim.Delay(TimeSpan.FromSeconds(15));
            counts =
            [
                .. world.Arm.Addresses.Addresses.Where(static a => a.IpConfiguration.StartsWith("vnetcni-", StringComparison.Ordinal))
                    .CountBy(static a => a.Nic).Select(static c => c.Value),
            ];
        }

        Assert.Equal(Nodes, counts.Length);
        Assert.Equal(limit, counts.Sum());
        Assert.InRange(counts.Max() - counts.Min(), 0, 1);
        await world.UntilAsync("all is settled", async () => (await world.NetworkAsync())!.Status is { Free: 0, Reservations: null or { Count: 0 } } s && s.UsedByUs == limit, 900);
        Assert.True(ConditionSet.IsTrue((await world.NetworkAsync())!.Status!.Conditions, ConditionTypes.CapacityLow));

        // And stays so: nobody gives back what another one takes in turn.
        var puts = world.Puts;
        await sim.Delay(TimeSpan.FromMinutes(5));
        Assert.Equal(limit, OnNics(world));
        Assert.Equal(puts, world.Puts);
    }

    /// <summary>Counts after every write what is on the interfaces; every fifth reply may be lost on its way.</summary>
    private sealed class MeteredArm(OperatorWorld world, bool loses) : IArm
    {
        private int sent;

        public int Worst { get; private set; }

        public int Lost => sent / 5;

        public async Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
        {
            var response = await world.Client.SendAsync(request, cancellationToken);
            if (request.Method == "PUT")
                Worst = Math.Max(Worst, OnNics(world));
            return ++sent % 5 == 0 && loses ? throw new IOException("the connection was reset") : response;
        }
    }
}
