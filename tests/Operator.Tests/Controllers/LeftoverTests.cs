using Vnetcni.Api.VirtualNetworks;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Seeding;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

public class LeftoverTests
{
    [Fact]
    public void The_reservation_of_a_pool_that_went_for_good_is_swept_when_its_interface_is_gone() => Simulator.Run(311, async sim =>
    {
        using var world = new OperatorWorld(sim);
        await DeletePoolAndClassAsync(world);
        await sim.Delay(TimeSpan.FromMinutes(10));
        Assert.Equal(8, (await world.NetworkAsync())!.Status!.UsedByUs);
        Assert.Equal(8, world.OnNic(0));
        Assert.True(world.Arm.RemoveVm(OperatorWorld.Vm(0)));
        await UntilNothingIsLeftAsync(world);
    });

    [Fact]
    public void The_addresses_of_a_pool_that_went_for_good_are_taken_back_when_its_Node_is_gone_too() => Simulator.Run(312, async sim =>
    {
        using var world = new OperatorWorld(sim);
        await DeletePoolAndClassAsync(world);
        await world.Admin.DeleteAsync(KubeKinds.Nodes, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        await sim.Delay(TimeSpan.FromMinutes(8));
        Assert.Equal(8, world.OnNic(0));
        await UntilNothingIsLeftAsync(world);
        Assert.Equal(0, world.OnNic(0));
    });

    [Fact]
    public void A_pool_in_between_that_never_learnt_of_its_network_keeps_nothing_from_being_swept() => Simulator.Run(315, async sim =>
    {
        using var world = new OperatorWorld(sim);
        await DeletePoolAndClassAsync(world);
        await world.Admin.DeleteAsync(KubeKinds.Nodes, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        var body = """{"apiVersion":"vnetcni.dev/v1alpha1","kind":"NodeIpPool","metadata":{"name":"node0"},"spec":{"nodeName":"node0"}}"""u8.ToArray();
        await world.Admin.PatchAsync(OperatorKinds.Pools, new ObjectKey("node0"), body, new KubePatchOptions(KubePatchType.Apply, "a-person"), default);
        world.Arm.SetPowerState(OperatorWorld.Vm(0), "deallocated");
        await sim.Delay(TimeSpan.FromMinutes(5));
        // What the first pool left is the second one's to account for, as long as it is there.
        Assert.Equal(8, world.OnNic(0));
        await world.Admin.DeleteAsync(OperatorKinds.Pools, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        await world.UntilAsync("that pool is gone", async () => await world.PoolAsync() is null);
        // Its going tells the sweeper, not the next look at the network.
        await world.UntilAsync("its interface is clean", () => Task.FromResult(world.OnNic(0) == 0), 60);
        await UntilNothingIsLeftAsync(world);
    });

    [Fact]
    public void A_new_leader_sweeps_what_the_old_one_left() => Simulator.Run(313, async sim =>
    {
        using var world = new OperatorWorld(sim);
        var first = await DeletePoolAndClassAsync(world);
        first.Kill.Cancel();
        Assert.True(world.Arm.RemoveVm(OperatorWorld.Vm(0)));
        world.Start("b");
        await UntilNothingIsLeftAsync(world);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_VM_made_anew_with_a_new_interface_has_the_old_interface_drained(bool deletePool) => Simulator.Run(314, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        world.StartAgent("node0", 8);
        await world.UntilHeldAsync(8);
        world.Arm.Seed(new Scenario { Vms = [new ScenarioVm("vm0b")], Nics = [new ScenarioNic("nic0b", "net/pods") { Vm = "vm0b" }] });
        // A Node never gets another providerID: it registers anew.
        await world.Admin.DeleteAsync(KubeKinds.Nodes, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        world.AddNode("node0", $"azure://{OperatorWorld.Group}Microsoft.Compute/virtualMachines/vm0b");
        if (deletePool)
            await world.Admin.DeleteAsync(OperatorKinds.Pools, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        await world.UntilAsync("the new interface is in use", () => Task.FromResult(Owned(world, "nic0b") == 8), 120);

        // The old VM still runs: what is on its interface stays there and is accounted for, and it is told.
        await sim.Delay(TimeSpan.FromMinutes(10));
        Assert.Equal((8, 16), (world.OnNic(0), (await world.NetworkAsync())!.Status!.UsedByUs!.Value));
        Assert.Contains(await world.EventsAsync(), e => e.StartsWith("OrphanAddressesFound: interface nic0, which no pool is about, carries 8", StringComparison.Ordinal));
        world.Arm.AddFault(new Fault { Kind = FaultKind.Error, Method = "GET", Path = OperatorWorld.Vm(0), Status = 404, Code = "ResourceNotFound" });
        await world.UntilAsync("the old interface is clean", () => Task.FromResult(world.OnNic(0) == 0));
        await world.UntilAsync("only the new one counts", async () => (await world.NetworkAsync())!.Status is { UsedByUs: 8, Reservations: null or { Count: 0 } });
        Assert.Equal(8, Owned(world, "nic0b"));
        Assert.Contains(await world.EventsAsync(), e => e.StartsWith("AddressesReleased: released 8 addresses on interface nic0,", StringComparison.Ordinal));
    });

    private static async Task<RunningOperator> DeletePoolAndClassAsync(OperatorWorld world)
    {
        world.AddClass();
        var started = world.Start();
        world.StartAgent("node0", 8);
        await world.UntilHeldAsync(8);
        await world.Admin.DeleteAsync(OperatorKinds.Classes, new ObjectKey("default"), new KubeDeleteOptions(), default);
        await world.Admin.DeleteAsync(OperatorKinds.Pools, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        await world.UntilAsync("the pool is gone", async () => await world.PoolAsync() is null);
        AddressReservation left = Assert.Single((await world.NetworkAsync())!.Status!.Reservations!);
        Assert.Equal((8, 8, true, OperatorWorld.Nic(0).ToLowerInvariant()), (left.Base, left.Ceiling, left.Closing, left.Nic));
        return started;
    }

    private static Task UntilNothingIsLeftAsync(OperatorWorld world) => world.UntilAsync(
        "nothing is accounted for",
        async () => (await world.NetworkAsync())!.Status is { UsedByUs: 0, Reservations: null or { Count: 0 } });

    private static int Owned(OperatorWorld world, string nic) => world.Arm.Addresses.Addresses.Count(
        a => a.Nic.EndsWith("/" + nic, StringComparison.OrdinalIgnoreCase) && a.IpConfiguration.StartsWith("vnetcni-", StringComparison.Ordinal));
}
