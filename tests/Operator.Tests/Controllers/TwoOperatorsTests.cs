using Vnetcni.ArmSimulator.Core;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Kubernetes;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

public class TwoOperatorsTests
{
    [Fact]
    public void Two_that_both_lead_pass_no_limit_and_take_nothing_that_is_in_use()
    {
        for (var seed = 200; seed < 206; seed++)
        {
            Simulator.Run(seed, async sim =>
            {
                using var world = new OperatorWorld(sim, nodes: 2, arm: new SimSettings { Latency = new LatencySettings { RequestSeconds = 0.2 } });
                var worst = 0;
                world.Always(_ =>
                {
                    worst = Math.Max(worst, world.OnNic(0) + world.OnNic(1));
                    Assert.InRange(worst, 0, 14);
                });
                world.AddClass();
                world.Start("a", s => s with { PerVirtualNetwork = 14 });
                world.Start("b", s => s with { PerVirtualNetwork = 14 });
                var agents = new[] { world.StartAgent("node0"), world.StartAgent("node1") };
                for (var i = 0; i < 15; i++)
                {
                    var agent = agents[sim.Random.Next(2)];
                    agent.Desired = sim.Random.Next(14);
                    agent.Pods = sim.Random.Next(agent.Desired + 1);
                    await sim.Delay(TimeSpan.FromSeconds(sim.Random.Next(30)));
                }

                agents[0].Pods = agents[1].Pods = 1;
                agents[0].Desired = 8;
                agents[1].Desired = 5;
                await world.UntilHeldAsync(8, "node0", 3_600);
                await world.UntilHeldAsync(5, "node1", 3_600);
                Assert.InRange(worst, 1, 14);
                Assert.Equal(13, (await world.NetworkAsync())!.Status!.UsedByUs);
            });
        }
    }

    [Fact]
    public void Two_that_saw_different_things_in_ARM_do_not_write_them_in_turn() => Simulator.Run(207, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 2);
        world.AddClass();
        world.Start("a", s => s with { UsageInterval = TimeSpan.FromMinutes(1), OthersInterval = TimeSpan.FromMinutes(1) });
        world.Start("b", s => s with { UsageInterval = TimeSpan.FromMinutes(30) });
        world.StartAgent("node0", 4);
        await world.UntilHeldAsync(4);
        await sim.Delay(TimeSpan.FromMinutes(1));
        await world.AddAsync(sim, 1, "theirs-1", "theirs-2");
        await world.UntilAsync("one has seen it", async () => (await world.NetworkAsync())!.Status is { UsedByOthers: 2 });
        await sim.Delay(TimeSpan.FromMinutes(1));
        var writes = world.Commits.Count(c => c.StartsWith("virtualnetworks", StringComparison.Ordinal));
        await sim.Delay(TimeSpan.FromMinutes(10));
        Assert.InRange(world.Commits.Count(c => c.StartsWith("virtualnetworks", StringComparison.Ordinal)) - writes, 0, 4);
    });

    [Fact]
    public void Two_that_know_a_subnet_differently_tell_one_share_and_not_two_in_turn() => Simulator.Run(208, async sim =>
    {
        // A /28 gives 11 addresses; the two nodes have one each, others have four, node0 two: three are left.
        using var world = new OperatorWorld(sim, nodes: 2, subnet: "10.1.0.0/28");
        world.AddClass();
        string[] theirs = ["theirs-1", "theirs-2", "theirs-3", "theirs-4"];
        await world.AddAsync(sim, 0, theirs);
        world.Start("a", s => s with { UsageInterval = TimeSpan.FromHours(2) });
        world.StartAgent("node0", 2);
        await world.UntilHeldAsync(2);
        world.StartAgent("node1", 6);
        await world.UntilHeldAsync(3, "node1", 1_200);
        await world.UntilAsync("the share is told", async () => (await world.PoolAsync("node1"))!.Status!.Share == 3);

        // One that looks often sees the others go; the first does not look for two hours.
        world.Start("b", s => s with { UsageInterval = TimeSpan.FromMinutes(1) });
        await sim.Delay(TimeSpan.FromMinutes(5));
        await world.RemoveAsync(sim, 0, theirs);
        await world.UntilHeldAsync(6, "node1", 1_200);
        await sim.Delay(TimeSpan.FromMinutes(1));

        var told = new List<int?>();
        world.Always(change =>
        {
            if (change.Resource.StartsWith("nodeippools", StringComparison.Ordinal) && change.Key == new ObjectKey("node1"))
            {
                var share = change.After?["status"]?["share"]?.GetValue<int>();
                if (told.Count == 0 || told[^1] != share)
                    told.Add(share);
            }
        });
        var puts = world.Puts;
        await sim.Delay(TimeSpan.FromMinutes(30));
        Assert.InRange(told.Count, 0, 2);
        Assert.InRange(world.Puts - puts, 0, 2);
    });

    [Fact]
    public void A_leader_killed_between_the_announcement_and_the_PUT_leaves_a_reservation_that_the_next_one_resolves() => Simulator.Run(31, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        RunningOperator? first = null;
        first = world.Start("a", s => s with { LeaseName = "op" }, arm: new GuardedArm(world.Client, request =>
        {
            if (request.Method != "PUT")
                return;
            first!.Kill.Cancel();
            throw new IOException("killed before the PUT");
        }));
        world.StartAgent("node0", 8);
        await world.UntilAsync("a reservation is left", async () =>
            first.Ended.IsCompleted && (await world.NetworkAsync())?.Status?.Reservations is { Count: 1 });
        Assert.Equal(0, world.Puts);
        Assert.Equal(0, (await world.NetworkAsync())!.Status!.UsedByUs);
        world.Start("b", s => s with { LeaseName = "op" });
        await world.UntilHeldAsync(8);
        Assert.Equal(8, (await world.NetworkAsync())!.Status!.UsedByUs);
    });

    [Fact]
    public void A_new_leader_knows_the_subnets_before_it_has_bound_a_pool_and_writes_no_empty_text() => Simulator.Run(34, async sim =>
    {
        using var world = new OperatorWorld(sim);
        // Of our kinds: a Node's status has empty texts of the server's.
        world.Always(change => Assert.DoesNotContain(
            ":\"\"", change.After?["apiVersion"]?.GetValue<string>() == "vnetcni.dev/v1alpha1" ? change.After["status"]?.ToJsonString() ?? "" : ""));
        world.AddClass();
        var first = world.Start("a", s => s with { LeaseName = "op" });
        world.StartAgent("node0", 8);
        await world.UntilHeldAsync(8);
        await world.UntilAsync("the subnet is told", async () => (await world.NetworkAsync())!.Status!.SubnetSummary == "pods 242/251");
        first.Kill.Cancel();
        var before = (await world.NetworkAsync())!.Status!.Subnets!.Count;
        world.Start("b", s => s with { LeaseName = "op" });
        for (var i = 0; i < 100; i++)
        {
            await sim.Delay(TimeSpan.FromMilliseconds(200));
            Assert.Equal(before, (await world.NetworkAsync())!.Status!.Subnets!.Count);
        }
    });

    [Fact]
    public void The_lease_is_given_up_at_a_graceful_stop_and_taken_at_once() => Simulator.Run(32, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        var first = world.Start("a", s => s with { LeaseName = "op" });
        var second = world.Start("b", s => s with { LeaseName = "op" });
        await world.UntilAsync("one leads", () => Task.FromResult(first.Instance.IsLeader || second.Instance.IsLeader));
        var (leader, other) = first.Instance.IsLeader ? (first, second) : (second, first);
        Assert.False(other.Instance.IsLeader);
        leader.Kill.Cancel();
        await world.UntilAsync("the other leads", () => Task.FromResult(other.Instance.IsLeader), 5);
        Assert.False(leader.Instance.IsLeader);
    });

    [Fact]
    public void What_does_not_hold_after_a_commit_fails_the_test()
    {
        var error = Assert.Throws<SimulationException>(() => Simulator.Run(35, async sim =>
        {
            using var world = new OperatorWorld(sim);
            world.Always(_ => Assert.InRange(world.OnNic(0), 0, 3));
            world.AddClass();
            world.Start();
            world.StartAgent("node0", 8);
            await world.UntilHeldAsync(8);
        }));
        Assert.Contains("broken after a commit", error.ToString());
    }

    [Fact]
    public void A_stale_read_leads_to_no_write() => Simulator.Run(33, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        var faults = new KubeFaults();
        world.Start(faults: faults);
        var agent = world.StartAgent("node0", 8);
        await world.UntilHeldAsync(8);
        await sim.Delay(TimeSpan.FromSeconds(20));

        // From here on every read of the operator shows the world as it is now, and the agent goes on.
        var shown = world.Kube.Version;
        faults.ReadVersion = (_, _) => shown;
        agent.Desired = 12;
        await sim.Delay(TimeSpan.FromSeconds(5));
        var commits = world.Kube.Version;
        var puts = world.Puts;
        agent.Pods = 3;
        await sim.Delay(TimeSpan.FromSeconds(60));
        var pool = (await world.PoolAsync())!;
        Assert.Equal((8, puts), (pool.Status!.Held, world.Puts));
        Assert.Equal(12, pool.Status.Usage!.Desired);
        faults.ReadVersion = null;
        await world.UntilHeldAsync(12);
        Assert.True(world.Kube.Version > commits);
    });

    private sealed class GuardedArm(IArm inner, Action<ArmRequest> before) : IArm
    {
        public Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
        {
            before(request);
            return inner.SendAsync(request, cancellationToken);
        }
    }
}
