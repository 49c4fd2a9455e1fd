using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Seeding;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests;

/// <summary>What users of comparable systems reported about addresses and ARM, reproduced; docs/pains.md lists all of them.</summary>
public class PainTests
{
    private const string NicRoute = "networkInterfaces/{name}";

    [Fact]
    public void A_limit_is_told_with_its_numbers_before_a_pod_fails__aks_engine_1741() => Simulator.Run(421, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass(pool: new() { MaxAddresses = 6 });
        world.Start();
        var agent = world.StartAgent("node0", 9);
        agent.Pods = 3;
        await world.UntilHeldAsync(6);
        await world.UntilReasonAsync(Reasons.AtLimit);
        // No pod waits yet: the condition is there, and the pool is Ready.
        var pool = (await world.PoolAsync())!;
        Assert.True(ConditionSet.IsTrue(pool.Status!.Conditions, ConditionTypes.CapacityLow));
        Assert.StartsWith("True AtLimit: the node may have 6 addresses and wants 9 (pool.maxAddresses of NodeIpPoolClass default)", OperatorWorld.Ready(pool), StringComparison.Ordinal);
    });

    [Fact]
    public void Batches_shrink_to_one_where_addresses_are_few__AKS_4035() => Simulator.Run(422, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 3);
        world.AddClass();
        world.Start(change: s => s with { PerVirtualNetwork = 7 });
        foreach (var node in (string[])["node0", "node1", "node2"])
            world.StartAgent(node, 16);
        await world.UntilAsync("all that there is is shared", async () =>
            Enumerable.Range(0, 3).Select(world.OnNic).Order().SequenceEqual([2, 2, 3]) && (await world.NetworkAsync())!.Status!.Free == 0, 1_800);
    });

    [Fact]
    public void Spare_addresses_move_to_the_node_whose_pods_wait__azure_container_networking_2434() => Simulator.Run(423, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 2);
        world.AddClass();
        world.Start(change: s => s with { PerVirtualNetwork = 12 });
        var idle = world.StartAgent("node0", 12);
        idle.Pods = 2;
        await world.UntilHeldAsync(12);
        await world.UntilAsync("two are in use", () => Task.FromResult(idle.InUse.Count == 2));
        var starved = world.StartAgent("node1", 6);
        starved.Pods = 6;
        await world.UntilAsync("the starved is served", () => Task.FromResult(starved.InUse.Count == 6));
        Assert.Equal((2, 12), (idle.InUse.Count, world.OnNic(0) + world.OnNic(1)));
    });

    [Fact]
    public void Throttled_nodes_together_wait_and_do_not_hammer__cilium_16206() => Simulator.Run(424, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 10);
        world.AddClass();
        world.Arm.AddFault(new Fault { Kind = FaultKind.Error, Method = "PUT", Route = NicRoute, Status = 429, Code = "SubscriptionRequestsThrottled", RetryAfter = 60, Count = 3 });
        world.Start();
        for (var i = 0; i < 10; i++)
            world.StartAgent($"node{i}", 4);
        for (var i = 0; i < 10; i++)
            await world.UntilHeldAsync(4, $"node{i}", 1_800);
        Assert.Equal(3, world.Arm.Journal.Count(e => e.Status == 429));
        Assert.InRange(world.Puts, 13, 16);
        // At rest nothing is asked: there is no poll of every node.
        await sim.Delay(TimeSpan.FromMinutes(1));
        var asked = world.Arm.Journal.Count;
        await sim.Delay(TimeSpan.FromMinutes(4));
        Assert.InRange(world.Arm.Journal.Count - asked, 0, 4);
    });

    [Fact]
    public void A_slow_write_of_one_interface_holds_up_no_other__azure_cli_23446() => Simulator.Run(425, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 4, arm: new SimSettings { Latency = new LatencySettings { AttachedMedianSeconds = 100, AttachedP99Seconds = 110 } });
        world.AddClass();
        // One worker only: a worker that waited for an operation would hold all four.
        world.Start(change: s => s with { Workers = 1 });
        for (var i = 0; i < 4; i++)
            world.StartAgent($"node{i}", 4);
        await world.UntilAsync("all four operations run at the same time", () => Task.FromResult(
            world.Arm.Addresses.Addresses.Where(a => !a.Primary && a.State == "Updating").Select(a => a.Nic).Distinct().Count() == 4));
        for (var i = 0; i < 4; i++)
            await world.UntilHeldAsync(4, $"node{i}");
        Assert.Equal(4, world.Puts);
    });

    [Fact]
    public void Addresses_that_another_tool_put_there_are_neither_used_nor_removed__cilium_14655() => Simulator.Run(426, async sim =>
    {
        using var world = new OperatorWorld(sim);
        await world.AddAsync(sim, 0, "cilium-1", "vnetcni", "vnetcni-0badcafe-0");
        var theirs = world.Arm.Addresses.Addresses.Where(a => !a.Primary).Select(a => (a.IpConfiguration, a.Address)).ToHashSet();
        Assert.Equal(3, theirs.Count);
        world.AddClass();
        world.Start();
        var agent = world.StartAgent("node0", 4);
        agent.Pods = 4;
        await world.UntilAsync("pods have addresses", () => Task.FromResult(agent.InUse.Count == 4));
        Assert.DoesNotContain(agent.InUse, a => theirs.Any(t => t.Address == a));
        agent.Pods = agent.Desired = 0;
        await world.UntilHeldAsync(0);
        Assert.Subset(world.Arm.Addresses.Addresses.Select(a => (a.IpConfiguration, a.Address)).ToHashSet(), theirs);
    });

    [Fact]
    public void An_address_in_use_is_not_collected_whatever_a_stale_list_says__amazon_vpc_cni_k8s_3824() => Simulator.Run(427, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        var agent = world.StartAgent("node0", 6);
        agent.Pods = 4;
        world.Start("a");
        await world.UntilHeldAsync(6);
        await world.UntilAsync("pods have addresses", () => Task.FromResult(agent.InUse.Count == 4));
        string[] used = [.. agent.InUse];
        world.Always(_ => Assert.All(used, u => Assert.Contains(world.Arm.Addresses.Addresses, a => a.Address == u)));
        world.Arm.AddFault(new Fault { Kind = FaultKind.StaleRead, Method = "GET", Route = NicRoute, Probability = 0.5 });
        for (var i = 0; i < 10; i++)
        {
            agent.Desired = i % 2 == 0 ? 4 : 8;
            await sim.Delay(TimeSpan.FromSeconds(20));
        }

        world.Arm.ClearFaults();
        agent.Desired = 4;
        await world.UntilHeldAsync(4);
        Assert.Equal(used, agent.InUse);
    });

    [Fact]
    public void A_new_leader_publishes_nothing_that_ARM_has_not_confirmed__amazon_vpc_cni_k8s_3887() => Simulator.Run(428, async sim =>
    {
        using var world = new OperatorWorld(sim, arm: new SimSettings());
        world.Always(change =>
        {
            foreach (var address in change.After?["status"]?["networkInterfaces"]?[0]?["addresses"]?.AsArray() ?? [])
                Assert.Contains(world.Arm.Addresses.Addresses, a => a.Address == address!["address"]!.GetValue<string>());
        });
        world.AddClass();
        var first = world.Start("a", s => s with { LeaseName = "op" });
        var agent = world.StartAgent("node0", 4);
        await world.UntilHeldAsync(4);
        world.Arm.AddFault(new Fault { Kind = FaultKind.FailOperation, Method = "PUT", Route = NicRoute, Code = "InternalServerError", Count = 1 });
        agent.Desired = 10;
        await world.UntilAsync("a write was accepted", () => Task.FromResult(world.Puts == 2));
        first.Kill.Cancel();
        world.Start("b", s => s with { LeaseName = "op" });
        await world.UntilHeldAsync(10);
    });

    [Fact]
    public void A_machine_made_anew_under_the_same_name_inherits_no_address__azure_container_networking_4210() => Simulator.Run(429, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        var agent = world.StartAgent("node0", 3);
        await world.UntilHeldAsync(3);
        var before = (await world.PoolAsync())!.Status!;
        agent.Stopped = true;
        Assert.True(world.Arm.RemoveVm(OperatorWorld.Vm(0)));
        await world.Admin.DeleteAsync(KubeKinds.Nodes, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        world.Arm.Seed(new Scenario { Vms = [new ScenarioVm("vm0")], Nics = [new ScenarioNic("nic0", "net/pods") { Vm = "vm0" }] });
        world.AddNode("node0", $"azure://{OperatorWorld.Vm(0)}");
        (agent.Stopped, agent.BootId) = (false, "second");
        await world.UntilAsync("the new machine has its own", async () => (await world.PoolAsync())?.Status is { Held: 3 } now
            && now.Node!.NicResourceGuid != before.Node!.NicResourceGuid && now.Node.VmId != before.Node.VmId);
        await world.UntilAsync("each is counted once", async () => (await world.NetworkAsync())!.Status is { UsedByUs: 3, Reservations: null or { Count: 0 } });
    });
}
