using k8s.Models;
using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Caching;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

public class StandingTests
{
    [Fact]
    public void A_pool_that_a_person_owns_says_so_while_it_grows_too() => Simulator.Run(76, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.Admin.Seed(OperatorKinds.Pools, new NodeIpPool
        {
            Metadata = new V1ObjectMeta { Name = "node0", Generation = 1 },
            Spec = new NodeIpPoolSpec { NodeName = "node0" },
        });
        world.Start();
        var agent = world.StartAgent("node0", 4);
        await world.UntilHeldAsync(4);
        await world.UntilReasonAsync(Reasons.InSync);
        Assert.True(ConditionSet.IsTrue((await world.PoolAsync())!.Status!.Conditions, ConditionTypes.SpecOverridden));
        agent.Desired = 8;
        await world.UntilReasonAsync(Reasons.Growing);
        Assert.True(ConditionSet.IsTrue((await world.PoolAsync())!.Status!.Conditions, ConditionTypes.SpecOverridden));
    });

    [Fact]
    public void The_end_of_a_dry_run_is_acted_on_at_once() => Simulator.Run(77, async sim =>
    {
        using var world = new OperatorWorld(sim);
        var value = world.AddClass(dryRun: true);
        world.Start();
        world.StartAgent("node0", 8);
        await world.UntilAsync("it tells", async () => OperatorWorld.Ready(await world.PoolAsync()).Contains("dry run: would add 8", StringComparison.Ordinal));
        await sim.Delay(TimeSpan.FromSeconds(10));
        var now = (await world.Admin.GetAsync(OperatorKinds.Classes, value.Key(), default))!;
        now.Spec = new NodeIpPoolClassSpec { DryRun = false };
        await world.Admin.ReplaceAsync(OperatorKinds.Classes, now, default);
        await world.UntilHeldAsync(8, seconds: 60);
    });

    [Fact]
    public void A_cache_knows_an_object_only_in_its_version_or_a_later_one() => Simulator.Run(80, async sim =>
    {
        using var world = new OperatorWorld(sim);
        var old = world.AddClass();
        var cache = new WatchCache<NodeIpPoolClass>(world.Kube.Client("cache"), OperatorKinds.Classes, sim.Time, new Jitter(1));
        using var stop = new CancellationTokenSource();
        var run = cache.RunAsync(stop.Token);
        await cache.WaitForSyncAsync(default);
        stop.Cancel();
        await run;
        Assert.True(ControllerSet.Knows(cache, old));
        var copy = (await world.Admin.GetAsync(OperatorKinds.Classes, old.Key(), default))!;
        copy.Spec = new NodeIpPoolClassSpec { Priority = 7 };
        var later = await world.Admin.ReplaceAsync(OperatorKinds.Classes, copy, default);
        Assert.False(ControllerSet.Knows(cache, later));
    });
}
