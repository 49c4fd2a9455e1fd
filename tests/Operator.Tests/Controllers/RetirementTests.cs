using k8s.Models;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Settings;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Seeding;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

public class RetirementTests
{
    private const string VmRoute = "virtualMachines/{name}";

    [Fact]
    public void An_interface_that_outlives_its_VM_is_cleaned_before_its_pool_goes() => Simulator.Run(71, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        world.StartAgent("node0", 8);
        await world.UntilHeldAsync(8);
        world.Arm.AddFault(new Fault { Kind = FaultKind.Error, Method = "GET", Route = VmRoute, Status = 404, Code = "ResourceNotFound" });
        await world.Admin.DeleteAsync(KubeKinds.Nodes, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        await world.UntilAsync("the pool is gone", async () => await world.PoolAsync() is null);
        Assert.Equal(0, world.OnNic(0));
        await world.UntilAsync("nothing is accounted for", async () => (await world.NetworkAsync())!.Status is { UsedByUs: 0, Reservations: null or { Count: 0 } });
    });

    [Fact]
    public void A_pool_whose_spec_is_invalid_can_be_deleted() => Simulator.Run(74, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.Kube.LiftLimits();
        world.Admin.Seed(OperatorKinds.Pools, new NodeIpPool
        {
            Metadata = new V1ObjectMeta { Name = "node0", Generation = 1 },
            Spec = new NodeIpPoolSpec { NodeName = "node0", Pool = new PoolSettings { MaxAddresses = 300, ReleaseDelay = "soon" } },
        });
        world.Start();
        await world.UntilReasonAsync(Reasons.InvalidSpec);
        await world.Admin.DeleteAsync(OperatorKinds.Pools, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        await world.UntilAsync("the pool is gone", async () => await world.PoolAsync() is null, 120);
    });

    [Fact]
    public void Pools_without_a_Node_leave_ARM_alone_while_it_throttles() => Simulator.Run(75, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        world.StartAgent("node0", 8);
        await world.UntilHeldAsync(8);
        world.Arm.AddFault(new Fault { Kind = FaultKind.Error, Method = "GET", Route = VmRoute, Status = 429, Code = "SubscriptionRequestsThrottled", RetryAfter = 300, Count = 1 });
        await world.Admin.DeleteAsync(KubeKinds.Nodes, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        await world.UntilAsync("ARM throttles", () => Task.FromResult(world.Arm.Journal[^1].Status == 429));
        var before = world.Arm.Journal.Count;
        await sim.Delay(TimeSpan.FromSeconds(290));
        Assert.Equal(before, world.Arm.Journal.Count);
    });

    [Fact]
    public void A_pool_that_never_had_an_interface_can_be_deleted_while_its_Node_lives() => Simulator.Run(78, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 0);
        world.AddClass();
        world.Arm.Seed(new Scenario { Vms = [new ScenarioVm("bare")] });
        world.AddNode("bare", $"azure://{OperatorWorld.Group}Microsoft.Compute/virtualMachines/bare");
        world.Start();
        await world.UntilReasonAsync(Reasons.NicNotFound, "bare");
        var uid = (await world.PoolAsync("bare"))!.Metadata.Uid;
        await world.Admin.DeleteAsync(OperatorKinds.Pools, new ObjectKey("bare"), new KubeDeleteOptions(), default);
        await world.UntilAsync("that object is gone", async () => (await world.PoolAsync("bare"))?.Metadata.Uid != uid, 120);
    });
}
