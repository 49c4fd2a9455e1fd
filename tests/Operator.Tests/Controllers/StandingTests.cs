using k8s.Models;
using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Caching;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Kubernetes;
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
    public void A_spec_that_a_person_owns_is_not_applied_with_every_event_of_the_Node() => Simulator.Run(333, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        var applies = 0;
        world.Start(faults: new KubeFaults
        {
            Before = (call, _) =>
            {
                applies += call is { Verb: "patch", Resource: "nodeippools.vnetcni.dev" or "nodeippools", Subresource: "" } ? 1 : 0;
                return Task.CompletedTask;
            },
        });
        world.StartAgent("node0", 4);
        await world.UntilHeldAsync(4);
        var body = """{"apiVersion":"vnetcni.dev/v1alpha1","kind":"NodeIpPool","metadata":{"name":"node0"},"spec":{"pool":{"maxAddresses":30}}}"""u8.ToArray();
        await world.Admin.PatchAsync(OperatorKinds.Pools, new ObjectKey("node0"), body, new KubePatchOptions(KubePatchType.Apply, "flux", Force: true), default);
        await world.UntilAsync("it is told", async () => ConditionSet.IsTrue((await world.PoolAsync())!.Status!.Conditions, ConditionTypes.SpecOverridden));
        Assert.InRange(applies, 2, 3);
        applies = 0;
        for (var i = 0; i < 20; i++)
        {
            var node = (await world.Admin.GetAsync(KubeKinds.Nodes, new ObjectKey("node0"), default))!;
            node.Metadata.Labels["beat"] = $"{i}";
            await world.Admin.ReplaceAsync(KubeKinds.Nodes, node, default);
            await sim.Delay(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(0, applies);

        // A person who steps back gives the spec back in time.
        await world.Admin.PatchAsync(OperatorKinds.Pools, new ObjectKey("node0"), """{"apiVersion":"vnetcni.dev/v1alpha1","kind":"NodeIpPool","metadata":{"name":"node0"}}"""u8.ToArray(), new KubePatchOptions(KubePatchType.Apply, "flux", Force: true), default);
        await world.UntilAsync("the class's word holds", async () => (await world.PoolAsync())!.Spec!.Pool!.MaxAddresses == 250, 700);
    });

    [Fact]
    public void Two_leaders_that_know_different_things_do_not_rewrite_whose_the_spec_is_in_turn() => Simulator.Run(335, async sim =>
    {
        using var world = new OperatorWorld(sim);
        var value = world.AddClass();
        var (changes, last) = (0, false);
        world.Kube.Committed += change =>
        {
            if (!change.Resource.StartsWith("nodeippools.", StringComparison.Ordinal))
                return;
            var says = change.After?["status"]?["conditions"]?.AsArray().Any(c => c!["type"]!.GetValue<string>() == ConditionTypes.SpecOverridden) == true;
            changes += says != last ? 1 : 0;
            last = says;
        };
        world.Start("a");
        world.StartAgent("node0", 4);
        await world.UntilHeldAsync(4);
        var body = """{"apiVersion":"vnetcni.dev/v1alpha1","kind":"NodeIpPool","metadata":{"name":"node0"},"spec":{"pool":{"maxAddresses":30}}}"""u8.ToArray();
        await world.Admin.PatchAsync(OperatorKinds.Pools, new ObjectKey("node0"), body, new KubePatchOptions(KubePatchType.Apply, "flux", Force: true), default);
        await world.UntilAsync("it is told", async () => ConditionSet.IsTrue((await world.PoolAsync())!.Status!.Conditions, ConditionTypes.SpecOverridden));
        // The class says the same from now on: the second leader never meets a conflict, the first one has.
        value = (await world.Admin.GetAsync(OperatorKinds.Classes, value.Key(), default))!;
        await world.Admin.ReplaceAsync(OperatorKinds.Classes, new NodeIpPoolClass { Metadata = value.Metadata, Spec = value.Spec! with { Pool = new() { MaxAddresses = 30 } } }, default);
        world.Start("b");
        await sim.Delay(TimeSpan.FromMinutes(30));
        Assert.False(ConditionSet.IsTrue((await world.PoolAsync())!.Status!.Conditions, ConditionTypes.SpecOverridden));
        Assert.Equal(2, changes);
    });

    [Fact]
    public void An_agent_that_does_not_report_is_told_at_a_limit_too() => Simulator.Run(334, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start(change: s => s with { PerNode = 4 });
        world.StartAgent("node0", 8);
        await world.UntilReasonAsync(Reasons.AtLimit);
        await world.UntilReasonAsync(Reasons.AgentNotReporting, seconds: 3_600);
        Assert.True(ConditionSet.IsTrue((await world.PoolAsync())!.Status!.Conditions, ConditionTypes.CapacityLow));
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
