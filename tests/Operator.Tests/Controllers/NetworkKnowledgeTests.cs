using Vnetcni.Api.Settings;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ArmSimulator.Seeding;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Azure;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

/// <summary>What is known of a virtual network, and how soon a change of it reaches every pool.</summary>
public class NetworkKnowledgeTests
{
    private const string Hub = OperatorWorld.Group + "Microsoft.Network/virtualNetworks/hub";
    private static readonly TimeSpan Period = new OperatorSettings { Identity = "x" }.UsageInterval;

    [Theory]
    [InlineData(NodeKind.Standalone)]
    [InlineData(NodeKind.Uniform)]
    public void A_new_peering_and_a_new_range_reach_every_pool_at_rest_within_one_period_without_a_look_at_its_machine(NodeKind kind) => Simulator.Run(850, async sim =>
    {
        using var world = await AtRestAsync(sim, kind);
        var reads = MachineReads(world);
        await SameAsync(world, ["10.1.0.0/16"]);

        world.Arm.ChangeVnet(OperatorWorld.NetworkId, peerings: [new ScenarioPeering("hub", Hub, ["10.200.0.0/16"])]);
        await WithinAsync(world, sim, ["10.1.0.0/16", "10.200.0.0/16"]);
        world.Arm.ChangeVnet(OperatorWorld.NetworkId, ["10.1.0.0/16", "10.7.0.0/16"]);
        await WithinAsync(world, sim, ["10.1.0.0/16", "10.200.0.0/16", "10.7.0.0/16"]);
        world.Arm.ChangeVnet(OperatorWorld.NetworkId, peerings: [new ScenarioPeering("hub", Hub, ["10.200.0.0/16", "172.20.0.0/14"])]);
        await WithinAsync(world, sim, ["10.1.0.0/16", "10.200.0.0/16", "10.7.0.0/16", "172.20.0.0/14"]);
        var status = (await world.NetworkAsync())!.Status!;
        Assert.Equal(["10.1.0.0/16", "10.7.0.0/16"], status.AddressPrefixes!);
        Assert.Equal(["10.200.0.0/16", "172.20.0.0/14"], status.PeeredPrefixes!);
        world.Arm.ChangeVnet(OperatorWorld.NetworkId, peerings: []);
        await WithinAsync(world, sim, ["10.1.0.0/16", "10.7.0.0/16"]);

        // Each pool was compared with ARM in its own time: not more often because of the ranges.
        Assert.InRange(MachineReads(world) - reads, 0, 3 * 3 * 4);
    });

    [Fact]
    public void Ranges_of_a_peering_that_is_not_connected_are_translated() => Simulator.Run(851, async sim =>
    {
        using var world = await AtRestAsync(sim, NodeKind.Standalone);
        world.Arm.ChangeVnet(OperatorWorld.NetworkId, peerings:
        [
            new ScenarioPeering("a", Hub, ["10.200.0.0/16"]) { State = "Initiated" },
            new ScenarioPeering("b", Hub, ["10.201.0.0/16"]) { State = "Disconnected" },
            new ScenarioPeering("c", Hub, ["10.202.0.0/16"]),
        ]);
        await WithinAsync(world, sim, ["10.1.0.0/16", "10.202.0.0/16"]);
    });

    [Fact]
    public void A_class_s_own_ranges_come_on_top_and_a_pool_that_meets_a_conflict_tries_again() => Simulator.Run(852, async sim =>
    {
        var refused = 0;
        var faults = new TestSupport.Kubernetes.KubeFaults
        {
            Before = (call, _) => call.IsWrite && call.Key.Name == "node1" && refused is > 0 and < 4
                ? throw new KubeApiException(409, "Conflict", $"refused {refused++}")
                : Task.CompletedTask,
        };
        using var world = await AtRestAsync(sim, NodeKind.Standalone, new SnatSettings { ExcludedCidrs = ["192.168.0.0/16"] }, faults);
        await SameAsync(world, ["10.1.0.0/16", "192.168.0.0/16"]);
        refused = 1;
        world.Arm.ChangeVnet(OperatorWorld.NetworkId, peerings: [new ScenarioPeering("hub", Hub, ["10.200.0.0/16"])]);
        await WithinAsync(world, sim, ["10.1.0.0/16", "10.200.0.0/16", "192.168.0.0/16"]);
        Assert.Equal(4, refused);
    });

    [Fact]
    public void A_pool_that_may_not_write_its_interface_follows_the_ranges_all_the_same() => Simulator.Run(853, async sim =>
    {
        using var world = await AtRestAsync(sim, NodeKind.Standalone);
        world.Arm.AddFault(new Fault { Kind = FaultKind.Error, Method = "GET", Route = "networkInterfaces/{name}", Status = 403, Code = "AuthorizationFailed" });
        await world.UntilReasonAsync(Api.Names.Reasons.Forbidden, seconds: 1_200);
        world.Arm.ChangeVnet(OperatorWorld.NetworkId, peerings: [new ScenarioPeering("hub", Hub, ["10.200.0.0/16"])]);
        await WithinAsync(world, sim, ["10.1.0.0/16", "10.200.0.0/16"]);
    });

    [Fact]
    public void How_full_a_subnet_is_follows_what_others_take_within_one_period() => Simulator.Run(854, async sim =>
    {
        using var world = await AtRestAsync(sim, NodeKind.Standalone);
        // Three machines and their pods, then twenty interfaces more.
        const int free = 251 - 3 - 12 - 20;
        world.Arm.Seed(new Scenario { Nics = [.. Enumerable.Range(0, 20).Select(i => new ScenarioNic($"others-{i}", "net/pods"))] });
        await world.UntilAsync("the room is known", async () => (await world.NetworkAsync())!.Status!.Subnets![0].Free == free, (int)Period.TotalSeconds + 10);
        Assert.Equal($"pods {free}/251", (await world.NetworkAsync())!.Status!.SubnetSummary);
    });

    private static async Task<OperatorWorld> AtRestAsync(Simulator sim, NodeKind kind, SnatSettings? snat = null, TestSupport.Kubernetes.KubeFaults? faults = null)
    {
        var world = new OperatorWorld(sim, nodes: 3, kind: kind);
        world.AddClass(snat: snat);
        world.Start(faults: faults);
        for (var i = 0; i < 3; i++)
            world.StartAgent($"node{i}", 4);
        for (var i = 0; i < 3; i++)
            await world.UntilHeldAsync(4, $"node{i}");
        await sim.Delay(TimeSpan.FromSeconds(30));
        return world;
    }

    private static async Task WithinAsync(OperatorWorld world, Simulator sim, string[] ranges)
    {
        var begin = sim.Time.Elapsed;
        for (var i = 0; i < 3; i++)
        {
            await world.UntilAsync(
                $"node{i} excludes {string.Join(' ', ranges)}",
                async () => (await world.PoolAsync($"node{i}"))!.Status!.Snat!.ExcludedCidrs!.SequenceEqual(ranges),
                (int)Period.TotalSeconds + 15);
        }

        Assert.InRange((sim.Time.Elapsed - begin).TotalSeconds, 0, Period.TotalSeconds + 15);
    }

    private static async Task SameAsync(OperatorWorld world, string[] ranges)
    {
        for (var i = 0; i < 3; i++)
            Assert.Equal(ranges, (await world.PoolAsync($"node{i}"))!.Status!.Snat!.ExcludedCidrs);
    }

    private static long MachineReads(OperatorWorld world) =>
        world.Arm.Counters.Where(c => c.Method == "GET" && !c.Route.StartsWith("virtualNetworks", StringComparison.Ordinal)).Sum(c => c.Count);
}
