using System.Text.Json.Nodes;
using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Seeding;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Azure;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

/// <summary>Nodes of a uniform scale set: what is theirs alone.</summary>
public class UniformTests
{
    private const string VmRoute = "virtualMachineScaleSets/{name}/virtualMachines/{id}";

    [Theory]
    [InlineData(ModelFollowing.AtOnce)]
    [InlineData(ModelFollowing.AtEnd)]
    [InlineData(ModelFollowing.Later)]
    public void A_pool_grows_by_one_write_of_the_model_whenever_its_interface_follows(ModelFollowing following) => Simulator.Run(801, async sim =>
    {
        using var world = Make(sim, new SimSettings { ModelFollowing = following });
        var agent = world.StartAgent("node0", 16);
        await world.UntilHeldAsync(16);
        Assert.Equal(1, world.Puts);
        var pool = (await world.PoolAsync())!;
        Assert.Equal((world.NicId(0), "nic0"), (pool.Status!.NetworkInterfaces![0].Id, pool.Status.NetworkInterfaces[0].Name));
        Assert.Matches("^\"[0-9]+\"@[0-9a-f-]{36}$", pool.Status.SettledReservation);
        agent.Pods = 5;
        await world.UntilAsync("five pods have addresses", () => Task.FromResult(agent.InUse.Count == 5));
        agent.Desired = 6;
        await world.UntilHeldAsync(6);
        await world.UntilReasonAsync(Reasons.InSync);
        Assert.Equal(2, world.Puts);
        Assert.DoesNotContain(world.Arm.Journal, e => e.Status >= 400);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_write_that_is_called_done_and_did_nothing_is_seen_told_and_sent_again_later_and_later(bool withoutEffect) => Simulator.Run(802, async sim =>
    {
        using var world = Make(sim);
        world.Arm.AddFault(new Fault { Kind = FaultKind.NoEffect, Route = VmRoute, WithoutEffect = withoutEffect });
        var agent = world.StartAgent("node0", 8);
        await world.UntilReasonAsync(Reasons.ArmError);
        Assert.Contains("WriteWithoutEffect: Azure accepted the change and calls it done, yet 8 changes are not on the interface", OperatorWorld.Ready(await world.PoolAsync()));
        Assert.Equal(0, (await world.PoolAsync())!.Status!.Held ?? 0);
        await sim.Delay(TimeSpan.FromMinutes(30));
        // Not a storm: the pause doubles up to five minutes.
        Assert.InRange(world.Puts, 4, 20);
        // What the model asks for may appear at any time: it is accounted for.
        if (!withoutEffect)
            Assert.InRange((await world.NetworkAsync())!.Status!.Free!.Value, 16_000 - 16, 16_000 - 8);
        world.Arm.ClearFaults();
        await world.UntilHeldAsync(8, seconds: 1_200);
        agent.Desired = 9;
        await world.UntilHeldAsync(9, seconds: 1_200);
        await world.UntilReasonAsync(Reasons.InSync);
        Assert.Contains(await world.EventsAsync(), e => e.StartsWith("Recovered", StringComparison.Ordinal));
    });

    [Fact]
    public void A_model_that_wants_more_than_its_subnet_has_room_for_is_cut_back_to_what_fits() => Simulator.Run(810, async sim =>
    {
        // A /28 gives 11 addresses, and the node has one.
        using var world = new OperatorWorld(sim, subnet: "10.1.0.0/28", kind: NodeKind.Uniform);
        world.AddClass();
        world.Start();
        world.Arm.AddFault(new Fault { Kind = FaultKind.NoEffect, Route = VmRoute });
        var agent = world.StartAgent("node0", 6);
        agent.Pods = 6;
        await world.UntilReasonAsync(Reasons.ArmError);
        // The model asks for six; now somebody else takes seven of the ten that are left.
        world.Arm.Seed(new Scenario
        {
            Nics = [new ScenarioNic("others", "net/pods") { Secondary = Enumerable.Range(1, 6).ToDictionary(i => $"other-{i}", _ => (string?)null, StringComparer.Ordinal) }],
        });
        world.Arm.ClearFaults();
        await world.UntilAsync("three pods have the rest", () => Task.FromResult(agent.InUse.Count == 3), 1_800);
        await world.UntilReasonAsync(Reasons.SubnetExhausted);
        await world.UntilAsync("nothing is left open", async () => (await world.NetworkAsync())!.Status is { UsedByUs: 3, Reservations: null or { Count: 0 } }, 1_800);
        Assert.Equal(3, world.OnNic(0));
    });

    [Fact]
    public void Addresses_whose_removal_did_nothing_stay_listed_as_Releasing_until_they_are_gone() => Simulator.Run(803, async sim =>
    {
        using var world = Make(sim);
        var agent = world.StartAgent("node0", 8);
        await world.UntilHeldAsync(8);
        world.Arm.AddFault(new Fault { Kind = FaultKind.NoEffect, Route = VmRoute });
        agent.Desired = 3;
        await world.UntilAsync("a removal was sent", () => Task.FromResult(world.Puts >= 2));
        await sim.Delay(TimeSpan.FromMinutes(3));
        var list = (await world.PoolAsync())!.Status!.NetworkInterfaces![0].Addresses!;
        Assert.Equal((8, 5), (list.Count, list.Count(a => a.State == AddressStates.Releasing)));
        Assert.Equal(8, (await world.NetworkAsync())!.Status!.UsedByUs);
        world.Arm.ClearFaults();
        await world.UntilHeldAsync(3, seconds: 1_200);
        Assert.Equal(3, world.OnNic(0));
    });

    [Fact]
    public void A_model_that_is_reset_loses_addresses_which_is_told_and_those_that_pods_need_are_made_anew() => Simulator.Run(804, async sim =>
    {
        using var world = Make(sim, change: s => s with { Resync = TimeSpan.FromMinutes(2) });
        var agent = world.StartAgent("node0", 8);
        agent.Pods = 3;
        agent.KeepsVanished = true;
        await world.UntilHeldAsync(8);
        await world.UntilAsync("three pods have addresses", () => Task.FromResult(agent.InUse.Count == 3));
        var lost = agent.InUse.ToList();
        world.Arm.ResetModel(world.VmId(0));
        Assert.Equal(0, world.OnNic(0));
        await world.UntilAsync("eight others are there", async () =>
            world.OnNic(0) == 8 && (await world.PoolAsync())!.Status!.Held == 8 && (await world.NetworkAsync())!.Status is { UsedByUs: 8, Reservations: null or { Count: 0 } });
        Assert.Contains(await world.EventsAsync(), e => e.StartsWith("DriftRepaired: somebody else removed", StringComparison.Ordinal));
        Assert.Equal(3, lost.Count);
    });

    [Fact]
    public void An_address_that_the_model_dropped_is_off_the_list_before_its_interface_drops_it() => Simulator.Run(805, async sim =>
    {
        using var world = Make(sim, new SimSettings { ModelFollowing = ModelFollowing.Later, Latency = new LatencySettings { ScaleSetLagSeconds = 200 } }, s => s with { Resync = TimeSpan.FromMinutes(1) });
        world.StartAgent("node0", 4);
        await world.UntilHeldAsync(4, seconds: 3_000);
        var list = (await world.PoolAsync())!.Status!.NetworkInterfaces![0].Addresses!;

        // As another tool does it: a whole model without one of ours.
        var path = world.VmId(0) + "?api-version=2025-04-01";
        var model = JsonNode.Parse((await world.Arm.HandleAsync(new SimRequest("GET", path), default)).Body.Span)!;
        model["properties"]!["storageProfile"]!.AsObject().Remove("imageReference");
        var all = model["properties"]!["networkProfileConfiguration"]!["networkInterfaceConfigurations"]![0]!["properties"]!["ipConfigurations"]!.AsArray();
        all.Remove(all.Single(c => (string)c!["name"]! == list[1].IpConfiguration));
        var answer = await world.Arm.HandleAsync(
            new SimRequest("PUT", path) { Body = System.Text.Encoding.UTF8.GetBytes(model.ToJsonString()), Headers = new Dictionary<string, string> { [SimRequest.WriterHeader] = "foreign" } }, default);
        Assert.Equal(200, answer.Status);
        await world.UntilAsync("it is off the list", async () => (await world.PoolAsync())!.Status!.NetworkInterfaces![0].Addresses!.All(a => a.Address != list[1].Address), 300);
        Assert.Equal(4, world.OnNic(0));
        // Still there, so still counted.
        Assert.InRange((await world.NetworkAsync())!.Status!.Free!.Value, 0, 16_000 - 4);
        await world.UntilHeldAsync(4, seconds: 3_000);
        await world.UntilAsync("the interface follows", () => Task.FromResult(world.OnNic(0) == 4), 3_000);
    });

    [Fact]
    public void A_machine_that_gets_the_number_and_the_etags_of_one_before_it_is_another_machine() => Simulator.Run(806, async sim =>
    {
        using var world = Make(sim);
        var agent = world.StartAgent("node0", 4);
        await world.UntilHeldAsync(4);
        var settled = (await world.PoolAsync())!.Status!.SettledReservation!;
        agent.Stopped = true;
        Assert.True(world.Arm.RemoveVm(world.VmId(0)));
        await world.Admin.DeleteAsync(KubeKinds.Nodes, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        world.Arm.Seed(new Scenario { Vms = [new ScenarioVm(world.VmName(0))], Nics = [new ScenarioNic("nic0", "net/pods") { Vm = world.VmName(0) }] });
        world.AddNode("node0", $"azure://{world.VmId(0)}");
        agent.Stopped = false;
        agent.BootId = "next";
        await world.UntilAsync("the new machine has its own", async () =>
            world.OnNic(0) == 4 && (await world.PoolAsync())?.Status?.Held == 4 && (await world.NetworkAsync())!.Status is { UsedByUs: 4, Reservations: null or { Count: 0 } }, 1_800);
        // The same count of writes, and not the same name.
        var next = (await world.PoolAsync())!.Status!.SettledReservation!;
        Assert.Equal(settled.Split('@')[0], next.Split('@')[0]);
        Assert.NotEqual(settled, next);
    });

    [Fact]
    public void A_deallocated_instance_whose_Node_is_gone_gives_its_addresses_back() => Simulator.Run(807, async sim =>
    {
        using var world = Make(sim);
        var agent = world.StartAgent("node0", 4);
        await world.UntilHeldAsync(4);
        agent.Stopped = true;
        world.Arm.SetPowerState(world.VmId(0), "deallocated");
        await world.Admin.DeleteAsync(KubeKinds.Nodes, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        await world.UntilAsync("the pool is gone", async () => await world.PoolAsync() is null);
        Assert.Equal(0, world.OnNic(0));
        await world.UntilAsync("the budget is free", async () => (await world.NetworkAsync())!.Status is { UsedByUs: 0, Reservations: null or { Count: 0 } });
    });

    [Fact]
    public void Compute_s_throttle_is_obeyed_and_told() => Simulator.Run(808, async sim =>
    {
        using var world = Make(sim, new SimSettings { Throttle = new ThrottleSettings { VmUpdateBucket = 1, VmUpdateRefill = 1 / 120.0 } });
        var agent = world.StartAgent("node0", 4);
        await world.UntilHeldAsync(4);
        agent.Desired = 9;
        await world.UntilAsync("it is throttled", async () => ConditionSet.IsTrue((await world.PoolAsync())!.Status!.Conditions, ConditionTypes.AzureThrottled));
        await world.UntilHeldAsync(9);
        Assert.Equal(1, world.Arm.Totals.Throttled);
    });

    [Fact]
    public void Stale_views_of_an_interface_publish_nothing_of_the_past() => Simulator.Run(809, async sim =>
    {
        using var world = Make(sim);
        var agent = world.StartAgent("node0", 6);
        agent.Pods = 2;
        await world.UntilHeldAsync(6);
        world.Arm.AddFault(new Fault { Kind = FaultKind.StaleRead, Route = "virtualMachineScaleSets/{name}/virtualMachines/{id}/networkInterfaces/{name}", Probability = 0.5 });
        foreach (var desired in (int[])[3, 9, 4, 7])
        {
            agent.Desired = desired;
            await world.UntilHeldAsync(desired, seconds: 1_200);
            var there = world.Arm.Addresses.Addresses.Select(a => a.Address).ToHashSet();
            Assert.All((await world.PoolAsync())!.Status!.NetworkInterfaces![0].Addresses!, a => Assert.Contains(a.Address, there));
        }
    });

    private static OperatorWorld Make(Simulator sim, SimSettings? arm = null, Func<OperatorSettings, OperatorSettings>? change = null)
    {
        var world = new OperatorWorld(sim, arm: arm, kind: NodeKind.Uniform);
        world.AddClass();
        world.Start(change: change);
        return world;
    }
}
