using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

/// <summary>An interface that somebody edits by hand: the list follows what is there, and says so.</summary>
public class DriftTests
{
    [Fact]
    public void An_ipConfiguration_of_ours_that_a_person_adds_is_counted_published_and_taken_back_when_it_is_too_much() => Simulator.Run(361, async sim =>
    {
        using var world = Start(sim, out var drifted);
        var agent = world.StartAgent("node0", 4);
        agent.Pods = 2;
        await world.UntilHeldAsync(4);
        var slot = Prefix(await ListAsync(world)) + "200";
        agent.Desired = 5;
        await world.AddAsync(sim, 0, slot);
        await world.UntilHeldAsync(5);
        await world.UntilAsync("it is listed by its name", async () => (await ListAsync(world)).Any(a => a.IpConfiguration == slot));
        Assert.Equal(5, (await world.NetworkAsync())!.Status!.UsedByUs);
        agent.Desired = 4;
        await world.UntilHeldAsync(4);
        await RepairedAsync(world, drifted, "somebody else added " + slot);
    });

    [Fact]
    public void A_free_address_that_a_person_removes_leaves_the_list_and_is_replaced() => Simulator.Run(362, async sim =>
    {
        using var world = Start(sim, out var drifted);
        var agent = world.StartAgent("node0", 4);
        agent.Pods = 2;
        await world.UntilHeldAsync(4);
        var victim = (await ListAsync(world)).First(a => !agent.InUse.Contains(a.Address));
        await world.RemoveAsync(sim, 0, victim.IpConfiguration!);
        await world.UntilAsync("it is off the list", async () => drifted.Count > 0 && (await ListAsync(world)).Count == 4);
        await RepairedAsync(world, drifted, $"somebody else removed {victim.IpConfiguration} ({victim.Address})");
        Assert.Equal((4, 4), (world.OnNic(0), (await world.NetworkAsync())!.Status!.UsedByUs));
    });

    [Fact]
    public void An_ipConfiguration_of_ours_that_a_person_renames_keeps_its_address_under_the_new_name() => Simulator.Run(363, async sim =>
    {
        using var world = Start(sim, out var drifted);
        var agent = world.StartAgent("node0", 4);
        agent.Pods = 4;
        await world.UntilHeldAsync(4);
        var victim = (await ListAsync(world))[1];
        var name = Prefix([victim]) + "77";
        await world.EditAsync(sim, 0, list =>
        {
            // Renamed with its address, as a person would do it.
            var one = list.First(c => c!["name"]!.GetValue<string>() == victim.IpConfiguration)!;
            one["name"] = name;
            one.AsObject().Remove("id");
            one["properties"]!["privateIPAllocationMethod"] = "Static";
        });
        await world.UntilAsync("the new name is listed", async () => (await ListAsync(world)).Any(a => a.IpConfiguration == name && a.Address == victim.Address));
        await RepairedAsync(world, drifted, $"somebody else renamed {victim.IpConfiguration} to {name}");
        Assert.Equal(4, agent.InUse.Count);
        agent.Pods = agent.Desired = 0;
        await world.UntilHeldAsync(0);
        Assert.Equal(0, world.OnNic(0));
    });

    [Fact]
    public void An_address_in_use_that_a_person_removes_is_put_back_as_it_was() => Simulator.Run(364, async sim =>
    {
        using var world = Start(sim, out var drifted);
        var agent = world.StartAgent("node0", 3);
        agent.Pods = 3;
        await world.UntilHeldAsync(3);
        await sim.Delay(TimeSpan.FromSeconds(10));
        var before = await ListAsync(world);
        var victim = before[1];
        await world.RemoveAsync(sim, 0, victim.IpConfiguration!);
        await world.UntilAsync("it is seen", () => Task.FromResult(drifted.Count > 0));
        await RepairedAsync(world, drifted, $"somebody else removed {victim.IpConfiguration} ({victim.Address})");
        // The agent's own assertion: what its pods use never left the list.
        Assert.Equal(before.Select(a => (a.Address, a.State)), (await ListAsync(world)).Select(a => (a.Address, a.State)));
        Assert.Equal((3, 3), (world.OnNic(0), (await world.NetworkAsync())!.Status!.UsedByUs));
        Assert.Contains(world.Arm.Addresses.Addresses, a => a.Address == victim.Address && a.Nic.Equals(OperatorWorld.Nic(0), StringComparison.OrdinalIgnoreCase));
    });

    [Fact]
    public void An_address_in_use_that_is_removed_while_a_change_runs_is_put_back_too() => Simulator.Run(366, async sim =>
    {
        using var world = Start(sim, out _);
        var agent = world.StartAgent("node0", 2);
        agent.KeepsVanished = true;
        agent.Pods = 2;
        await world.UntilHeldAsync(2);
        var victim = (await ListAsync(world))[0];
        // A person removes it in the same second in which the operator adds another: whoever comes first, it is there again in the end.
        agent.Desired = 3;
        await world.RemoveAsync(sim, 0, victim.IpConfiguration!);
        await world.UntilAsync("it is listed again", async () => (await ListAsync(world)) is { Count: 3 } list && list.Any(a => a.Address == victim.Address));
        await world.UntilHeldAsync(3);
        Assert.Contains(victim.Address, agent.InUse);
        Assert.Equal(3, world.OnNic(0));
    });

    [Fact]
    public void What_an_agent_misses_for_its_pods_is_put_back_by_a_leader_that_never_saw_it_however_many_the_node_wants() => Simulator.Run(367, async sim =>
    {
        using var world = Start(sim, out var drifted);
        await MissAsync(world, "10.1.0.200");
        await world.UntilAsync("it is listed", async () => (await ListAsync(world)).Any(a => a is { Address: "10.1.0.200", State: AddressStates.Available }));
        // One more than the node wants: the agent gives back what is free.
        await world.UntilHeldAsync(3);
        await world.UntilReasonAsync(Reasons.InSync);
        Assert.Equal((3, 3), (world.OnNic(0), (await world.NetworkAsync())!.Status!.UsedByUs));
        Assert.Null((await world.PoolAsync())!.Status!.Usage!.Missing);
        Assert.Empty(drifted);
    });

    [Fact]
    public void Nothing_is_put_back_beyond_a_limit_and_that_is_told() => Simulator.Run(368, async sim =>
    {
        using var world = Start(sim, out _, maxAddresses: 3);
        await MissAsync(world, "10.1.0.200");
        await world.UntilAsync("it is told", async () => await DriftAsync(world) is { } told
            && told.StartsWith("pods hold 10.1.0.200, which the interface does not carry: ", StringComparison.Ordinal));
        await sim.Delay(TimeSpan.FromMinutes(5));
        Assert.Equal(3, world.OnNic(0));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_address_in_use_that_somebody_else_has_now_is_out_of_use_and_told_until_its_pod_is_gone(bool namesMissing) => Simulator.Run(365, async sim =>
    {
        using var world = Start(sim, out _, nodes: 2);
        var agent = world.StartAgent("node0", 2);
        agent.NamesMissing = namesMissing;
        agent.KeepsVanished = true;
        agent.Pods = 2;
        await world.UntilHeldAsync(2);
        agent.Desired = 1;
        await sim.Delay(TimeSpan.FromSeconds(10));
        var victim = (await ListAsync(world))[0];
        await world.StealAsync(sim, 0, victim.IpConfiguration!, victim.Address, to: 1);
        await world.UntilAsync("it is told", async () => await DriftAsync(world) is { } told
            && told.Contains(namesMissing
                ? $"pods hold {victim.Address}, which the interface does not carry: somebody else removed what is in use"
                : "pods hold 2 addresses and the interface carries 1: somebody else removed 1 that are in use", StringComparison.Ordinal));
        Assert.Contains(await world.EventsAsync(), e => e.StartsWith("AddressQuarantined: somebody else removed " + victim.Address, StringComparison.Ordinal)
            && e.Contains("PrivateIPAddressIsAllocated", StringComparison.Ordinal));
        var puts = world.Puts;
        await sim.Delay(TimeSpan.FromMinutes(5));
        Assert.NotNull(await DriftAsync(world));
        Assert.Equal(puts, world.Puts);
        agent.InUse.Remove(victim.Address);
        agent.Pods = 1;
        await world.UntilAsync("it is over", async () => await DriftAsync(world) is null);
    });

    private static OperatorWorld Start(Simulator sim, out HashSet<string> drifted, int nodes = 1, int? maxAddresses = null)
    {
        var world = new OperatorWorld(sim, nodes);
        HashSet<string> seen = drifted = new(StringComparer.Ordinal);
        world.Kube.Committed += change =>
        {
            foreach (var condition in change.After?["status"]?["conditions"]?.AsArray() ?? [])
            {
                if (condition!["type"]?.GetValue<string>() == ConditionTypes.Drifted)
                    seen.Add(condition["message"]!.GetValue<string>());
            }
        };
        world.AddClass(pool: maxAddresses is null ? null : new Api.Settings.PoolSettings { MaxAddresses = maxAddresses });
        world.Start(change: s => s with { Resync = TimeSpan.FromMinutes(2) });
        return world;
    }

    // A pod holds an address that this leader never saw on the interface.
    private static async Task MissAsync(OperatorWorld world, string address)
    {
        var agent = world.StartAgent("node0", 3);
        agent.KeepsVanished = true;
        agent.Pods = 2;
        await world.UntilHeldAsync(3);
        agent.InUse.Add(address);
        agent.Pods = 3;
    }

    private static async Task<IReadOnlyList<AddressStatus>> ListAsync(OperatorWorld world) =>
        (await world.PoolAsync())!.Status!.NetworkInterfaces![0].Addresses ?? [];

    private static string Prefix(IReadOnlyList<AddressStatus> list) => list[0].IpConfiguration![..(list[0].IpConfiguration!.LastIndexOf('-') + 1)];

    private static async Task<string?> DriftAsync(OperatorWorld world) =>
        ConditionSet.Find((await world.PoolAsync())!.Status!.Conditions, ConditionTypes.Drifted)?.Message;

    private static async Task RepairedAsync(OperatorWorld world, HashSet<string> drifted, string what)
    {
        Assert.Contains(drifted, d => d.StartsWith(what, StringComparison.Ordinal));
        await world.UntilReasonAsync(Reasons.InSync);
        await world.UntilAsync("the condition is gone", async () => await DriftAsync(world) is null);
        Assert.Contains(await world.EventsAsync(), e => e.StartsWith($"DriftRepaired: {what}", StringComparison.Ordinal));
    }
}
