using k8s.Models;
using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

public class NodeTests
{
    [Theory]
    [InlineData(20, 8, 16, 250, "spec.pool.maxFree is 8: must be at least minFree + batchSize = 36")]
    [InlineData(8, 24, 0, 250, "spec.pool.batchSize is 0: must be 1 to 64")]
    [InlineData(8, 24, 16, 251, "spec.pool.maxAddresses is 251: must be 1 to 250")]
    public void An_invalid_class_is_stalled_and_makes_no_pool(int minFree, int maxFree, int batch, int max, string message) => Simulator.Run(41, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.Kube.LiftLimits();
        world.AddClass(pool: new() { MinFree = minFree, MaxFree = maxFree, BatchSize = batch, MaxAddresses = max });
        world.Start();
        await sim.Delay(TimeSpan.FromSeconds(30));
        Assert.Null(await world.PoolAsync());
        var status = (await world.Admin.GetAsync(OperatorKinds.Classes, new ObjectKey("default"), default))!.Status!;
        var stalled = ConditionSet.Find(status.Conditions, ConditionTypes.Stalled)!;
        Assert.Equal(("True", Reasons.InvalidSpec), (stalled.Status, stalled.Reason));
        Assert.Contains(message, stalled.Message);
    });

    [Fact]
    public void The_highest_priority_wins_then_the_first_name_and_the_loser_says_so() => Simulator.Run(42, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass("a");
        world.AddClass("c", priority: 5);
        world.AddClass("b", priority: 5);
        world.Start();
        await world.UntilAsync("a pool is made", async () => await world.PoolAsync() is not null);
        Assert.Equal("b", (await world.PoolAsync())!.Spec!.ClassName);
        await sim.Delay(TimeSpan.FromSeconds(15));
        var loser = (await world.Admin.GetAsync(OperatorKinds.Classes, new ObjectKey("a"), default))!.Status!;
        Assert.Equal(0, loser.Nodes);
        Assert.Contains("1 that it selects belong to class b", ConditionSet.Find(loser.Conditions, ConditionTypes.Ready)!.Message);
        Assert.Equal(1, (await world.Admin.GetAsync(OperatorKinds.Classes, new ObjectKey("b"), default))!.Status!.Nodes);
    });

    [Fact]
    public void A_node_of_another_cloud_gets_no_pool() => Simulator.Run(43, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 0);
        world.AddClass();
        world.AddNode("aws", "aws:///eu-west-1a/i-0123");
        world.AddNode("none", null);
        world.AddNode("odd", "azure:///subscriptions/x");
        world.Start();
        await sim.Delay(TimeSpan.FromSeconds(30));
        Assert.Null(await world.PoolAsync("aws"));
        Assert.Null(await world.PoolAsync("none"));
        Assert.Null(await world.PoolAsync("odd"));
        Assert.Equal(0, world.Arm.Totals.Reads);
    });

    [Fact]
    public void A_pool_that_a_person_wrote_for_a_node_of_another_cloud_says_what_is_wrong() => Simulator.Run(44, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 0);
        world.AddNode("aws", "aws:///eu-west-1a/i-0123");
        world.Admin.Seed(OperatorKinds.Pools, new NodeIpPool { Metadata = new V1ObjectMeta { Name = "aws" }, Spec = new NodeIpPoolSpec { NodeName = "aws" } });
        world.Start();
        await world.UntilReasonAsync(Reasons.InvalidSpec, "aws");
        var pool = (await world.PoolAsync("aws"))!;
        Assert.Contains("providerID 'aws:///eu-west-1a/i-0123': that is of another cloud; Azure's is azure:///subscriptions/", OperatorWorld.Ready(pool));
        Assert.True(ConditionSet.IsTrue(pool.Status!.Conditions, ConditionTypes.Stalled));
    });

    [Theory]
    [InlineData("virtualMachineScaleSets/set/virtualMachines/set_3a", "instance 'set_3a' of scale set set is not a number")]
    [InlineData("virtualMachines/vm0/", "that is no resource id")]
    [InlineData("virtualMachineScaleSets/set", "that names a Microsoft.Compute/virtualMachineScaleSets;")]
    public void A_providerID_that_names_no_VM_is_refused_clearly(string machine, string message) => Simulator.Run(45, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 0);
        world.AddNode("odd", $"azure://{OperatorWorld.Group}Microsoft.Compute/{machine}");
        world.Admin.Seed(OperatorKinds.Pools, new NodeIpPool { Metadata = new V1ObjectMeta { Name = "odd" }, Spec = new NodeIpPoolSpec { NodeName = "odd" } });
        world.Start();
        await world.UntilReasonAsync(Reasons.InvalidSpec, "odd");
        Assert.Contains(message, OperatorWorld.Ready(await world.PoolAsync("odd")));
    });

    [Fact]
    public void ProviderIDs_are_compared_without_case() => Simulator.Run(46, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 1);
        await world.Admin.DeleteAsync(KubeKinds.Nodes, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        world.AddNode("upper", "AZURE://" + OperatorWorld.Vm(0).ToUpperInvariant());
        world.AddClass();
        world.Start();
        world.StartAgent("upper", 4);
        await world.UntilHeldAsync(4, "upper");
    });

    [Fact]
    public void A_field_that_a_person_owns_is_theirs() => Simulator.Run(47, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        world.StartAgent("node0", 4);
        await world.UntilHeldAsync(4);
        var body = """{"apiVersion":"vnetcni.dev/v1alpha1","kind":"NodeIpPool","metadata":{"name":"node0"},"spec":{"pool":{"maxAddresses":3}}}"""u8.ToArray();
        await world.Admin.PatchAsync(OperatorKinds.Pools, new ObjectKey("node0"), body, new KubePatchOptions(KubePatchType.Apply, "flux", Force: true), default);
        await world.UntilAsync("it is told", async () => ConditionSet.IsTrue((await world.PoolAsync())!.Status!.Conditions, ConditionTypes.SpecOverridden));
        Assert.Equal(3, (await world.PoolAsync())!.Spec!.Pool!.MaxAddresses);
    });

    [Fact]
    public void A_pool_deleted_by_hand_comes_back_and_adopts_its_addresses() => Simulator.Run(48, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        var agent = world.StartAgent("node0", 8);
        await world.UntilHeldAsync(8);
        var uid = (await world.PoolAsync())!.Metadata.Uid;
        await world.Admin.DeleteAsync(OperatorKinds.Pools, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        await world.UntilAsync("another object is there", async () => await world.PoolAsync() is { } pool && pool.Metadata.Uid != uid);
        await world.UntilHeldAsync(8);
        Assert.Equal((8, 8), (world.OnNic(0), (await world.NetworkAsync())!.Status!.UsedByUs!.Value));
        agent.Desired = 2;
        await world.UntilHeldAsync(2);
    });

    [Fact]
    public void When_the_VM_is_gone_with_its_Node_the_pool_goes_and_the_budget_is_free() => Simulator.Run(49, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        var agent = world.StartAgent("node0", 8);
        agent.Pods = 4;
        await world.UntilHeldAsync(8);
        Assert.True(world.Arm.RemoveVm(OperatorWorld.Vm(0)));
        agent.Pods = 0;
        await world.Admin.DeleteAsync(KubeKinds.Nodes, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        await world.UntilAsync("the pool is gone", async () => await world.PoolAsync() is null);
        await world.UntilAsync("nothing is accounted for", async () => (await world.NetworkAsync())!.Status is { UsedByUs: 0, Reservations: null or { Count: 0 } });
    });

    [Fact]
    public void A_Node_that_is_absent_for_long_gives_its_addresses_back_but_not_while_a_Pod_is_bound_to_it() => Simulator.Run(50, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        world.StartAgent("node0", 8);
        await world.UntilHeldAsync(8);
        var pod = new V1Pod { Metadata = new V1ObjectMeta { Name = "p", NamespaceProperty = "default" }, Spec = new V1PodSpec { NodeName = "node0", Containers = [new V1Container { Name = "c", Image = "i" }] } };
        world.Admin.Seed(KubeKinds.Pods, pod);
        await world.Admin.DeleteAsync(KubeKinds.Nodes, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        await sim.Delay(TimeSpan.FromMinutes(20));
        Assert.Equal(8, world.OnNic(0));
        await world.Admin.RemovePodAsync(new ObjectKey("default", "p"));
        await world.UntilAsync("the pool is gone", async () => await world.PoolAsync() is null);
        Assert.Equal(0, world.OnNic(0));
        await world.UntilAsync("nothing is accounted for", async () => (await world.NetworkAsync())!.Status is { UsedByUs: 0, Reservations: null or { Count: 0 } });
    });

    [Fact]
    public void A_second_object_for_one_virtual_network_is_stalled() => Simulator.Run(51, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.Admin.Seed(OperatorKinds.VirtualNetworks, new VirtualNetwork
        {
            Metadata = new V1ObjectMeta { Name = "git" },
            Spec = new VirtualNetworkSpec { ResourceId = OperatorWorld.NetworkId.ToUpperInvariant(), PodAddressLimit = 6 },
        });
        world.AddClass();
        world.Start();
        world.StartAgent("node0", 8);
        await world.UntilAsync("Git's object is used", async () => world.OnNic(0) == 6 && (await world.PoolAsync())!.Status!.NetworkInterfaces![0].VirtualNetwork == "git");
        Assert.Null(await world.NetworkAsync());
        await sim.Delay(TimeSpan.FromSeconds(2));
        world.Admin.Seed(OperatorKinds.VirtualNetworks, new VirtualNetwork
        {
            Metadata = new V1ObjectMeta { Name = "second" },
            Spec = new VirtualNetworkSpec { ResourceId = OperatorWorld.NetworkId },
        });
        await world.UntilAsync("it is stalled", async () => ConditionSet.Find(
            (await world.Admin.GetAsync(OperatorKinds.VirtualNetworks, new ObjectKey("second"), default))!.Status?.Conditions,
            ConditionTypes.Stalled)?.Reason == Reasons.DuplicateResource);
    });

    [Fact]
    public void A_budget_object_that_was_deleted_is_counted_anew() => Simulator.Run(52, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        var agent = world.StartAgent("node0", 8);
        await world.UntilHeldAsync(8);
        await world.Admin.DeleteAsync(OperatorKinds.VirtualNetworks, new ObjectKey(world.NetworkName), new KubeDeleteOptions(), default);
        agent.Desired = 12;
        await world.UntilHeldAsync(12, seconds: 1_800);
        Assert.Equal(12, (await world.NetworkAsync())!.Status!.UsedByUs);
    });
}
