using k8s.Models;
using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Kubernetes;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

public class BudgetObjectFaultTests
{
    [Fact]
    public void An_invalid_budget_object_is_named_as_the_cause_and_does_not_loop() => Simulator.Run(321, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.Kube.LiftLimits();
        Seed(world, world.NetworkName, OperatorWorld.NetworkId, limit: 0);
        world.AddClass();
        world.Start();
        world.StartAgent("node0", 8).Waiting = 2;
        await world.UntilReasonAsync(Reasons.VirtualNetworkInvalid);
        Assert.Contains("spec.podAddressLimit is 0: must be 1 to 16000", OperatorWorld.Ready(await world.PoolAsync()));
        await StaysQuietAsync(sim, world);
        Assert.Contains(await world.EventsAsync(), e => e.StartsWith("VirtualNetworkInvalid:", StringComparison.Ordinal));
        await ChangeAsync(world, world.NetworkName, s => s with { PodAddressLimit = 100 });
        await world.UntilHeldAsync(8, seconds: 30);
        await world.UntilReasonAsync(Reasons.InSync);
    });

    // As with CustomResourceDefinitions that are older than the operator: it takes people to end it.
    [Fact]
    public void A_server_that_refuses_the_budget_is_asked_less_and_less_often() => Simulator.Run(325, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        var (asked, refusing) = (0, false);
        world.Start(faults: new KubeFaults
        {
            Before = (call, _) => refusing && call is { Verb: "patch", Subresource: "status", Resource: "virtualnetworks.vnetcni.dev" or "virtualnetworks" } && ++asked > 0
                ? throw new KubeApiException(500, "", ".status.subnets[0].forPods: field not declared in schema")
                : Task.CompletedTask,
        });
        await world.UntilAsync("it is written once", async () => (await world.NetworkAsync())?.Status?.UsedByUs is not null);
        refusing = true;
        world.StartAgent("node0", 8);
        await sim.Delay(TimeSpan.FromMinutes(10));
        // With each attempt of the pool, too; every half second before it was so.
        Assert.InRange(asked, 3, 150);
        refusing = false;
        await world.UntilHeldAsync(8, seconds: 400);
    });

    [Fact]
    public void A_name_that_stands_for_another_network_is_told_and_does_not_loop() => Simulator.Run(322, async sim =>
    {
        using var world = new OperatorWorld(sim);
        Seed(world, world.NetworkName, OperatorWorld.NetworkId + "-of-somebody", limit: 100);
        world.AddClass();
        world.Start();
        world.StartAgent("node0", 8);
        await world.UntilReasonAsync(Reasons.VirtualNetworkInvalid);
        Assert.Contains($"VirtualNetwork {world.NetworkName} has the resourceId '{OperatorWorld.NetworkId}-of-somebody'", OperatorWorld.Ready(await world.PoolAsync()));
        await StaysQuietAsync(sim, world);
        await world.Admin.DeleteAsync(OperatorKinds.VirtualNetworks, new ObjectKey(world.NetworkName), new KubeDeleteOptions(), default);
        await world.UntilHeldAsync(8, seconds: 60);
    });

    [Fact]
    public void Two_objects_for_one_network_do_not_loop_and_the_older_one_counts() => Simulator.Run(323, async sim =>
    {
        using var world = new OperatorWorld(sim);
        Seed(world, "b-first", OperatorWorld.NetworkId, limit: 6);
        world.AddClass();
        world.Start();
        world.StartAgent("node0", 8);
        await world.UntilAsync("the first counts", async () => (await world.PoolAsync())?.Status?.Held == 6);
        await sim.Delay(TimeSpan.FromSeconds(10));
        Seed(world, "a-second", OperatorWorld.NetworkId, limit: 100);
        await world.UntilAsync("the second is stalled", async () => ConditionSet.Find((await GetAsync(world, "a-second")).Status?.Conditions, ConditionTypes.Stalled)?.Reason == Reasons.DuplicateResource);
        await StaysQuietAsync(sim, world);
        Assert.Equal(6, world.OnNic(0));

        // The other one takes over with what there is.
        await world.Admin.DeleteAsync(OperatorKinds.VirtualNetworks, new ObjectKey("b-first"), new KubeDeleteOptions(), default);
        await world.UntilAsync("the second counts", async () => (await GetAsync(world, "a-second")).Status?.UsedByUs == 8, 1_200);
        Assert.False(ConditionSet.IsTrue((await GetAsync(world, "a-second")).Status!.Conditions, ConditionTypes.Stalled));
        Assert.Equal(8, world.OnNic(0));
    });

    [Fact]
    public void A_budget_object_goes_only_when_its_changes_are_settled_and_the_next_one_counts_them() => Simulator.Run(324, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 2, arm: new SimSettings { Latency = new LatencySettings { AttachedMedianSeconds = 60, AttachedP99Seconds = 61 } });
        var worst = 0;
        world.Kube.Committed += _ => worst = Math.Max(worst, world.OnNic(0) + world.OnNic(1));
        world.AddClass();
        world.Start(change: s => s with { PerVirtualNetwork = 10 });
        world.StartAgent("node0", 8).Pods = 8;
        await world.UntilAsync("the PUT is sent", () => Task.FromResult(world.Puts == 1));
        Assert.Single((await world.NetworkAsync())!.Status!.Reservations!);
        var uid = (await world.NetworkAsync())!.Metadata.Uid;
        await world.Admin.DeleteAsync(OperatorKinds.VirtualNetworks, new ObjectKey(world.NetworkName), new KubeDeleteOptions(), default);
        world.StartAgent("node1", 8);
        await sim.Delay(TimeSpan.FromSeconds(20));
        var going = (await world.NetworkAsync())!;
        Assert.Equal((uid, 1), (going.Metadata.Uid, world.Puts));
        Assert.Equal(Reasons.Deleting, ConditionSet.Find(going.Status!.Conditions, ConditionTypes.Ready)!.Reason);
        await world.UntilAsync("the next object counts", async () => await world.NetworkAsync() is { } next && next.Metadata.Uid != uid && next.Status?.UsedByUs == 10);
        Assert.Equal((8, 2), (world.OnNic(0), world.OnNic(1)));
        Assert.Equal(10, worst);
    });

    [Fact]
    public void An_object_of_Git_gets_our_finalizer_and_keeps_its_spec() => Simulator.Run(325, async sim =>
    {
        using var world = new OperatorWorld(sim);
        Seed(world, "git", OperatorWorld.NetworkId, limit: 6);
        world.AddClass();
        world.Start();
        world.StartAgent("node0", 4);
        await world.UntilAsync("it is used", async () => (await GetAsync(world, "git")).Status?.UsedByUs == 4);
        var git = await GetAsync(world, "git");
        Assert.Equal([WellKnownNames.VirtualNetworkFinalizer], git.Metadata.Finalizers);
        Assert.Equal((6, 1L), (git.Spec!.PodAddressLimit, git.Metadata.Generation));
    });

    private static async Task StaysQuietAsync(Simulator sim, OperatorWorld world)
    {
        await sim.Delay(TimeSpan.FromMinutes(2));
        var (commits, arm) = (world.Commits.Count, world.Arm.Journal.Count);
        await sim.Delay(TimeSpan.FromMinutes(10));
        Assert.InRange(world.Commits.Count - commits, 0, 15);
        Assert.InRange(world.Arm.Journal.Count - arm, 0, 60);
    }

    private static VirtualNetwork Seed(OperatorWorld world, string name, string id, int limit) => world.Admin.Seed(OperatorKinds.VirtualNetworks, new VirtualNetwork
    {
        Metadata = new V1ObjectMeta { Name = name, Generation = 1 },
        Spec = new VirtualNetworkSpec { ResourceId = id, PodAddressLimit = limit },
    });

    private static async Task<VirtualNetwork> GetAsync(OperatorWorld world, string name) =>
        (await world.Admin.GetAsync(OperatorKinds.VirtualNetworks, new ObjectKey(name), default))!;

    private static async Task ChangeAsync(OperatorWorld world, string name, Func<VirtualNetworkSpec, VirtualNetworkSpec> change)
    {
        var now = await GetAsync(world, name);
        now.Spec = change(now.Spec!);
        await world.Admin.ReplaceAsync(OperatorKinds.VirtualNetworks, now, default);
    }
}
