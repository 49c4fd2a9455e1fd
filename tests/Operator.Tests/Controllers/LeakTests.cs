using System.Text;
using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.ArmSimulator.Seeding;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Lab.ApiServer.Resources;
using Vnetcni.Lab.ApiServer.Store;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Kubernetes;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

/// <summary>Whatever disappears or comes back: no address of ours is lost, doubled, or taken from a pod.</summary>
public class LeakTests
{
    [Fact]
    public void A_Node_replaced_under_the_same_name_starts_anew_with_its_own_interface() => Simulator.Run(381, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        var agent = world.StartAgent("node0", 6);
        await world.UntilHeldAsync(6);
        var old = (await world.PoolAsync())!.Status!;

        // The same names everywhere: Node, VM, interface. The ids are others.
        Assert.True(world.Arm.RemoveVm(OperatorWorld.Vm(0)));
        agent.Stopped = true;
        await world.Admin.DeleteAsync(KubeKinds.Nodes, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        MakeAnew(world, new ScenarioNic("blocker", "net/pods"));
        world.AddNode("node0", $"azure://{OperatorWorld.Vm(0)}");
        world.Always(change =>
        {
            // No list has addresses of the one machine under the name of the other.
            if (change.After?["status"]?["node"]?["nicResourceGuid"]?.GetValue<string>() is { } guid && guid != old.Node!.NicResourceGuid)
                Assert.All(Addresses(change), a => Assert.Contains(a, OnNic(world)));
        });
        agent.Stopped = false;
        agent.BootId = "second";
        await world.UntilAsync("the new interface is in use", async () => (await world.PoolAsync())?.Status is { Held: 6 } status && status.Node!.NicResourceGuid != old.Node!.NicResourceGuid);
        var now = (await world.PoolAsync())!.Status!;
        Assert.NotEqual(old.Node!.VmId, now.Node!.VmId);
        Assert.NotEqual(old.NetworkInterfaces![0].MacAddress, now.NetworkInterfaces![0].MacAddress);
        await world.UntilAsync("only the new ones count", async () => (await world.NetworkAsync())!.Status is { UsedByUs: 6, Reservations: null or { Count: 0 } });
        Assert.Equal(6, world.OnNic(0));
    });

    [Fact]
    public void A_machine_of_the_past_in_a_status_takes_nothing_from_the_one_that_has_the_interface() => Simulator.Run(389, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        var agent = world.StartAgent("node0", 6);
        agent.Pods = 3;
        await world.UntilHeldAsync(6);

        // A leader that had heard nothing of a replacement wrote the machine before. Then somebody deletes the Node; the machine and its pods run on.
        const string before = "{\"status\":{\"node\":{\"vmId\":\"00000000-0000-0000-0000-00000000dead\"}}}";
        await world.Admin.PatchAsync(
            OperatorKinds.Pools, new ObjectKey("node0"), Encoding.UTF8.GetBytes(before), new KubePatchOptions(KubePatchType.Merge, "leader-of-the-past") { Subresource = "status" }, default);
        await world.Admin.DeleteAsync(KubeKinds.Nodes, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        await sim.Delay(TimeSpan.FromMinutes(8));
        Assert.Equal(6, world.OnNic(0));
        Assert.Null((await world.PoolAsync())!.Metadata.DeletionTimestamp);

        world.AddNode("node0", $"azure://{OperatorWorld.Vm(0)}");
        await world.UntilAsync("the status names the machine that is", async () => (await world.PoolAsync())?.Status is { Held: 6 } status && status.Node!.VmId != "00000000-0000-0000-0000-00000000dead");
        Assert.Equal(6, world.OnNic(0));
    });

    [Fact]
    public void The_interface_of_another_machine_is_never_told_beside_the_machine_before() => Simulator.Run(390, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        var agent = world.StartAgent("node0", 6);
        await world.UntilHeldAsync(6);
        var old = (await world.PoolAsync())!.Status!.Node!;
        NeverBesideAnother(world, old);

        // So quickly that the Node is never missed.
        Assert.True(world.Arm.RemoveVm(OperatorWorld.Vm(0)));
        MakeAnew(world);
        agent.BootId = "second";
        agent.Desired = 8;
        await UntilAnotherAsync(world, old, 8);
    });

    [Fact]
    public void A_LIST_from_before_a_machine_was_made_anew_puts_the_old_machine_beside_no_new_interface() => Simulator.Run(391, async sim =>
    {
        // So many that machines and interfaces are listed.
        using var world = new OperatorWorld(sim, nodes: 12);
        world.AddClass();
        world.Start();
        var agents = Enumerable.Range(0, 12).Select(i => world.StartAgent($"node{i}", 2)).ToArray();
        for (var i = 0; i < 12; i++)
            await world.UntilHeldAsync(2, $"node{i}");
        Assert.Contains(world.Arm.Journal, e => e.Method == "GET" && e.PathAndQuery.Contains("/virtualMachines?", StringComparison.Ordinal));
        var old = (await world.PoolAsync())!.Status!.Node!;
        NeverBesideAnother(world, old);

        // Before a minute is over, which a list is good for.
        agents[0].Stopped = true;
        Assert.True(world.Arm.RemoveVm(OperatorWorld.Vm(0)));
        await world.Admin.DeleteAsync(KubeKinds.Nodes, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        await world.UntilAsync("the old pool is gone", async () => await world.PoolAsync() is null, seconds: 30);
        MakeAnew(world);
        world.AddNode("node0", $"azure://{OperatorWorld.Vm(0)}");
        agents[0].Stopped = false;
        agents[0].BootId = "second";
        await UntilAnotherAsync(world, old, 2, seconds: 60);
    });

    [Fact]
    public void A_deallocated_VM_keeps_its_addresses_while_its_Node_is_there_and_loses_them_with_it() => Simulator.Run(382, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        var agent = world.StartAgent("node0", 6);
        agent.Pods = 3;
        await world.UntilHeldAsync(6);
        agent.Stopped = true;
        world.Arm.SetPowerState(OperatorWorld.Vm(0), "deallocated");
        await world.UntilReasonAsync(Reasons.AgentNotReporting, seconds: 3_600);
        Assert.Equal(6, world.OnNic(0));
        await world.Admin.DeleteAsync(KubeKinds.Nodes, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        await UntilNothingIsLeftAsync(world, 300);
        Assert.Equal(0, world.OnNic(0));
    });

    [Fact]
    public void A_machine_that_starts_while_an_operator_is_slow_to_take_its_addresses_back_keeps_those_of_its_new_pods() => Simulator.Run(388, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        // From when the pool's controller has seen that the machine is off, after the Node's has, reads of the budget hang.
        var (slow, looks) = (false, 0);
        int Looks() => world.Arm.Journal.Count(e => e.Method == "GET" && e.PathAndQuery.Contains("/virtualMachines/", StringComparison.Ordinal));
        world.Start(faults: new KubeFaults
        {
            Before = async (call, token) =>
            {
                while (slow && Looks() >= looks + 2 && call is { Verb: "get", Resource: VirtualNetwork.Plural })
                    await sim.Delay(TimeSpan.FromMilliseconds(100), token);
            },
        });
        var agent = world.StartAgent("node0", 6);
        // Its pool is made anew, and lists nothing for a moment.
        agent.KeepsVanished = true;
        await world.UntilHeldAsync(6);
        agent.Stopped = true;
        world.Arm.SetPowerState(OperatorWorld.Vm(0), "deallocated");
        (slow, looks) = (true, Looks());
        await world.Admin.DeleteAsync(KubeKinds.Nodes, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        await world.UntilAsync("it was seen to be off", () => Task.FromResult(Looks() >= looks + 2));
        world.Arm.SetPowerState(OperatorWorld.Vm(0), "running");
        world.AddNode("node0", $"azure://{OperatorWorld.Vm(0)}");
        (agent.BootId, agent.Stopped) = ("second", false);
        await sim.Delay(TimeSpan.FromSeconds(3));
        agent.Pods = 2;
        await sim.Delay(TimeSpan.FromSeconds(3));
        slow = false;
        for (var i = 0; i < 600; i++)
        {
            await sim.Delay(TimeSpan.FromMilliseconds(200));
            Assert.All(agent.InUse, address => Assert.Contains(address, OnNic(world)));
        }

        Assert.Equal(2, agent.InUse.Count);
    });

    [Fact]
    public void A_pool_deleted_while_pods_run_loses_none_of_their_addresses() => Simulator.Run(383, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        var agent = world.StartAgent("node0", 6);
        agent.Pods = 4;
        agent.KeepsVanished = true;
        await world.UntilHeldAsync(6);
        await world.UntilAsync("pods have addresses", () => Task.FromResult(agent.InUse.Count == 4));
        var used = agent.InUse.ToArray();
        var uid = (await world.PoolAsync())!.Metadata.Uid;
        world.Always(_ => Assert.All(used, a => Assert.Contains(a, OnNic(world))));
        await world.Admin.DeleteAsync(OperatorKinds.Pools, new ObjectKey("node0"), new KubeDeleteOptions(), default);
        await world.UntilAsync("another object lists them", async () => await world.PoolAsync() is { Status.Held: 6 } pool && pool.Metadata.Uid != uid);
        var list = ListOf((await world.PoolAsync())!);
        Assert.All(used, a => Assert.Contains(a, (IEnumerable<string>)list));
        await world.UntilAsync("all is counted once", async () => (await world.NetworkAsync())!.Status is { UsedByUs: 6, Reservations: null or { Count: 0 } });
        Assert.Equal(used, agent.InUse);
    });

    [Fact]
    public void Without_its_class_a_pool_keeps_its_settings_and_goes_on() => Simulator.Run(384, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass(pool: new() { MaxAddresses = 10 });
        world.Start();
        var agent = world.StartAgent("node0", 6);
        agent.Pods = 4;
        await world.UntilHeldAsync(6);
        await world.Admin.DeleteAsync(OperatorKinds.Classes, new ObjectKey("default"), new KubeDeleteOptions(), default);
        await sim.Delay(TimeSpan.FromMinutes(5));
        Assert.Equal((6, 4), (world.OnNic(0), agent.InUse.Count));
        agent.Desired = 40;
        await world.UntilHeldAsync(10);
        Assert.Equal(10, (await world.PoolAsync())!.Spec!.Pool!.MaxAddresses);
        agent.Pods = 0;
        agent.Desired = 2;
        await world.UntilHeldAsync(2);
    });

    [Theory]
    [InlineData("nodeippools.vnetcni.dev")]
    [InlineData("virtualnetworks.vnetcni.dev")]
    public void A_definition_that_is_deleted_and_made_again_loses_no_address(string name) => Simulator.Run(385, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        var agent = world.StartAgent("node0", 6);
        agent.Pods = 4;
        agent.KeepsVanished = true;
        await world.UntilHeldAsync(6);
        await world.UntilAsync("pods have addresses", () => Task.FromResult(agent.InUse.Count == 4));
        var used = agent.InUse.ToArray();
        world.Always(_ => Assert.All(used, a => Assert.Contains(a, OnNic(world))));
        var definitions = BuiltInResources.CustomResourceDefinitions;
        world.Kube.Store.Delete(definitions, new ObjectName(string.Empty, name), new DeleteQuery(), sim.Time.GetUtcNow());
        for (var i = 0; i < 240 && world.Kube.Store.Find(definitions, new ObjectName(string.Empty, name)) is not null; i++)
        {
            world.Kube.CollectGarbage();
            await sim.Delay(TimeSpan.FromSeconds(5));
        }

        Assert.Null(world.Kube.Store.Find(definitions, new ObjectName(string.Empty, name)));
        await sim.Delay(TimeSpan.FromMinutes(10));
        var crd = RepositoryCrds.All.Single(c => c["metadata"]!["name"]!.GetValue<string>() == name);
        world.Kube.Store.Create(definitions, string.Empty, crd, new WriteQuery { FieldManager = "setup" }, sim.Time.GetUtcNow());
        await world.UntilAsync(
            "all is listed and counted",
            async () => await world.PoolAsync() is { Status.Held: 6 } && (await world.NetworkAsync())?.Status is { UsedByUs: 6, Reservations: null or { Count: 0 } },
            3_600);
        Assert.Equal(6, world.OnNic(0));
        agent.Desired = 9;
        await world.UntilHeldAsync(9, seconds: 1_800);
    });

    [Fact]
    public void After_hours_without_an_operator_the_next_one_finds_its_way() => Simulator.Run(386, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 3);
        world.AddClass();
        var first = world.Start("a", s => s with { PerVirtualNetwork = 30 });
        var agents = Enumerable.Range(0, 3).Select(i => world.StartAgent($"node{i}", 6)).ToArray();
        agents[0].Pods = 4;
        for (var i = 0; i < 3; i++)
            await world.UntilHeldAsync(6, $"node{i}");
        first.Kill.Cancel();
        await first.Ended;

        // Meanwhile: one wants more and one less, one is gone, and somebody edits an interface.
        agents[0].Desired = 12;
        agents[1].Desired = 2;
        agents[2].Stopped = true;
        Assert.True(world.Arm.RemoveVm(OperatorWorld.Vm(2)));
        await world.Admin.DeleteAsync(KubeKinds.Nodes, new ObjectKey("node2"), new KubeDeleteOptions(), default);
        await world.AddAsync(sim, 1, "other-1");
        await sim.Delay(TimeSpan.FromHours(6));
        Assert.Equal((6, 6), (world.OnNic(0), world.OnNic(1)));
        world.Start("b", s => s with { PerVirtualNetwork = 30 });
        await world.UntilHeldAsync(12, "node0");
        await world.UntilHeldAsync(2, "node1");
        await world.UntilAsync("the pool of the one that is gone goes", async () => await world.PoolAsync("node2") is null);
        await world.UntilAsync("all is counted", async () => (await world.NetworkAsync())!.Status is { UsedByUs: 14, Reservations: null or { Count: 0 } });
        Assert.Equal(4, agents[0].InUse.Count);
        Assert.False(ConditionSet.IsTrue((await world.PoolAsync("node1"))!.Status!.Conditions, ConditionTypes.Drifted));
    });

    // The same names, another machine.
    private static void MakeAnew(OperatorWorld world, params ScenarioNic[] more) =>
        world.Arm.Seed(new Scenario { Vms = [new ScenarioVm("vm0")], Nics = [new ScenarioNic("nic0", "net/pods") { Vm = "vm0" }, .. more] });

    // No status has the machine before beside another interface.
    private static void NeverBesideAnother(OperatorWorld world, NodeIdentity old) => world.Always(change =>
    {
        if (change.After?["status"]?["node"] is { } node && node["nicResourceGuid"]?.GetValue<string>() is { } guid && guid != old.NicResourceGuid)
            Assert.NotEqual(old.VmId, node["vmId"]!.GetValue<string>());
    });

    private static async Task UntilAnotherAsync(OperatorWorld world, NodeIdentity old, int held, int seconds = 600)
    {
        await world.UntilAsync(
            "the new interface is in use",
            async () => (await world.PoolAsync())?.Status is { } status && status.Held == held && status.Node!.NicResourceGuid != old.NicResourceGuid,
            seconds);
        Assert.NotEqual(old.VmId, (await world.PoolAsync())!.Status!.Node!.VmId);
    }

    private static IEnumerable<string> Addresses(KubeChange change) =>
        (change.After?["status"]?["networkInterfaces"]?[0]?["addresses"]?.AsArray() ?? []).Select(a => a!["address"]!.GetValue<string>());

    private static List<string> ListOf(NodeIpPool pool) => [.. pool.Status!.NetworkInterfaces![0].Addresses!.Select(a => a.Address)];

    private static HashSet<string> OnNic(OperatorWorld world) =>
    [
        .. world.Arm.Addresses.Addresses
            .Where(a => a.Nic.Equals(OperatorWorld.Nic(0), StringComparison.OrdinalIgnoreCase))
            .Select(a => a.Address.ToString()),
    ];

    private static async Task UntilNothingIsLeftAsync(OperatorWorld world, int seconds)
    {
        await world.UntilAsync("the pool is gone", async () => await world.PoolAsync() is null, seconds);
        await world.UntilAsync("nothing is accounted for", async () => (await world.NetworkAsync())!.Status is { UsedByUs: 0, Reservations: null or { Count: 0 } });
    }
}
