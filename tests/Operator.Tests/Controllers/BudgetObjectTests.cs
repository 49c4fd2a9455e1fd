using k8s.Models;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Ipam.VNetBudget;
using Vnetcni.Operator.Controllers.VirtualNetworks;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

public class BudgetObjectTests
{
    [Fact]
    public void A_budget_object_that_was_deleted_is_made_again_soon() => Simulator.Run(79, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        var agent = world.StartAgent("node0", 8);
        await world.UntilHeldAsync(8);
        await world.Admin.DeleteAsync(OperatorKinds.VirtualNetworks, new ObjectKey(world.NetworkName), new KubeDeleteOptions(), default);
        agent.Desired = 12;
        await world.UntilHeldAsync(12, seconds: 60);
        Assert.Equal(12, (await world.NetworkAsync())!.Status!.UsedByUs);
    });

    [Fact]
    public void A_large_network_keeps_within_the_bounds_of_the_schema()
    {
        var subnets = Enumerable.Range(0, 300).Select(i => new SubnetStatus { Id = $"{OperatorWorld.NetworkId}/subnets/pods-of-team-{i}", Capacity = 251, Free = 200 });
        var prefixes = Enumerable.Range(0, 2_000).Select(i => $"10.{i / 256}.{i % 256}.0/24").ToArray();
        var network = new VirtualNetwork { Metadata = new V1ObjectMeta { Name = "net" }, Spec = new VirtualNetworkSpec { ResourceId = OperatorWorld.NetworkId } };
        var state = new BudgetState(16_000, 0, 0, 0, []);
        var status = NetworkStatusText.Of(network, state, new NetworkObservation(prefixes, prefixes, [.. subnets]), DateTimeOffset.UnixEpoch);
        Assert.Equal((256, 512, 1024), (status.Subnets!.Count, status.AddressPrefixes!.Count, status.PeeredPrefixes!.Count));
        Assert.InRange(status.SubnetSummary!.Length, 1, 1024);
    }

    [Fact]
    public void A_pool_at_the_budget_does_not_ask_ARM_again_and_again() => Simulator.Run(81, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start(change: s => s with { PerVirtualNetwork = 6 });
        world.StartAgent("node0", 8);
        await world.UntilHeldAsync(6);
        await sim.Delay(TimeSpan.FromMinutes(1));
        var before = world.Arm.Journal.Count(e => e.PathAndQuery.StartsWith(OperatorWorld.Nic(0), StringComparison.OrdinalIgnoreCase));
        await sim.Delay(TimeSpan.FromHours(1));
        var after = world.Arm.Journal.Count(e => e.PathAndQuery.StartsWith(OperatorWorld.Nic(0), StringComparison.OrdinalIgnoreCase));
        Assert.InRange(after - before, 1, 30);
    });

    [Fact]
    public void A_pool_that_the_budget_refused_is_woken_when_another_gives_back() => Simulator.Run(82, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 2);
        world.AddClass();
        world.Start(change: s => s with { PerVirtualNetwork = 12 });
        var first = world.StartAgent("node0", 8);
        await world.UntilHeldAsync(8);
        world.StartAgent("node1", 8);
        await world.UntilHeldAsync(4, "node1");
        await sim.Delay(TimeSpan.FromMinutes(30));
        first.Desired = 4;
        await world.UntilHeldAsync(8, "node1", 30);
    });
}
