using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

public class ArmFaultTests
{
    private const string NicRoute = "networkInterfaces/{name}";

    [Fact]
    public void NIC_404_says_so_and_takes_nothing_off_the_list() => Simulator.Run(21, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        var agent = world.StartAgent("node0", desired: 8);
        await world.UntilHeldAsync(8);
        var fault = world.Arm.AddFault(new Fault { Kind = FaultKind.Error, Method = "GET", Route = NicRoute, Status = 404, Code = "ResourceNotFound" });
        agent.Desired = 12;
        await world.UntilReasonAsync(Reasons.NicNotFound);
        var pool = (await world.PoolAsync())!;
        Assert.Equal(8, pool.Status!.Held);
        Assert.NotNull(pool.Status.NextAttempt);
        Assert.Contains("ResourceNotFound", OperatorWorld.Ready(pool));
        Assert.Contains(await world.EventsAsync(), e => e.StartsWith("NicNotFound:", StringComparison.Ordinal));
        world.Arm.RemoveFault(fault);
        await world.UntilHeldAsync(12);
        await world.UntilReasonAsync(Reasons.InSync);
    });

    [Fact]
    public void A_403_stops_and_names_the_missing_right() => Simulator.Run(22, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Arm.AddFault(new Fault
        {
            Kind = FaultKind.Error,
            Method = "PUT",
            Route = NicRoute,
            Status = 403,
            Code = "LinkedAuthorizationFailed",
            Message = "The client has permission to perform action 'Microsoft.Network/networkInterfaces/write' on scope '/nic'; however, it does not have permission to perform action(s) 'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope(s) '/subnet' (respectively) or the linked scope(s) are invalid.",
        });
        world.Start();
        world.StartAgent("node0", desired: 8);
        await world.UntilReasonAsync(Reasons.Forbidden);
        await sim.Delay(TimeSpan.FromMinutes(10));
        var pool = (await world.PoolAsync())!;
        Assert.Contains("Grant Microsoft.Network/virtualNetworks/subnets/join/action on /subnet", OperatorWorld.Ready(pool));
        Assert.True(ConditionSet.IsTrue(pool.Status!.Conditions, ConditionTypes.Stalled));
        // At first soon, in case it was a passing fault; then every few minutes.
        Assert.InRange(world.Puts, 4, 8);
        Assert.Contains(await world.EventsAsync(), e => e.StartsWith("ArmForbidden:", StringComparison.Ordinal));
        world.Arm.ClearFaults();
        await world.UntilHeldAsync(8, seconds: 300);
    });

    [Fact]
    public void A_412_is_read_again_and_the_foreign_configuration_stays() => Simulator.Run(23, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Arm.AddFault(new Fault { Kind = FaultKind.ForeignWrite, Method = "PUT", Route = NicRoute, Count = 2 });
        world.Start();
        var agent = world.StartAgent("node0", desired: 8);
        await world.UntilHeldAsync(8);
        Assert.Equal(3, world.Puts);
        Assert.Equal(2, world.Arm.Addresses.Addresses.Count(a => !a.Primary && !a.IpConfiguration.StartsWith("vnetcni-", StringComparison.Ordinal)));
        Assert.Contains(await world.EventsAsync(), e => e.StartsWith("NicUpdateConflict:", StringComparison.Ordinal));
        agent.Desired = 0;
        await world.UntilHeldAsync(0);
        Assert.Equal(2, world.Arm.Addresses.Addresses.Count(a => !a.Primary));
    });

    [Fact]
    public void A_429_pauses_everything_for_the_time_that_ARM_names() => Simulator.Run(24, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 2);
        world.AddClass();
        world.Start();
        var agents = new[] { world.StartAgent("node0", 4), world.StartAgent("node1", 4) };
        await world.UntilHeldAsync(4);
        await world.UntilHeldAsync(4, "node1");
        world.Arm.AddFault(new Fault
        {
            Kind = FaultKind.Error,
            Method = "PUT",
            Route = NicRoute,
            Status = 429,
            Code = "SubscriptionRequestsThrottled",
            RetryAfter = 90,
            Count = 1,
        });
        agents[0].Desired = 8;
        await world.UntilReasonAsync(Reasons.Throttled);
        Assert.True(ConditionSet.IsTrue((await world.PoolAsync())!.Status!.Conditions, ConditionTypes.AzureThrottled));
        var before = world.Arm.Journal.Count;
        agents[1].Desired = 8;
        await sim.Delay(TimeSpan.FromSeconds(80));
        Assert.Equal(before, world.Arm.Journal.Count);
        await world.UntilHeldAsync(8);
        await world.UntilHeldAsync(8, "node1");
        await world.UntilReasonAsync(Reasons.InSync);
        Assert.False(ConditionSet.IsTrue((await world.PoolAsync())!.Status!.Conditions, ConditionTypes.AzureThrottled));
    });

    [Fact]
    public void A_full_subnet_is_told_with_its_numbers_and_releases_go_through() => Simulator.Run(25, async sim =>
    {
        // A /28 gives 11 addresses; the two nodes have one each.
        using var world = new OperatorWorld(sim, nodes: 2, subnet: "10.1.0.0/28");
        world.AddClass();
        world.Start();
        var first = world.StartAgent("node0", 6);
        first.Pods = 6;
        await world.UntilHeldAsync(6);
        var second = world.StartAgent("node1", 16);
        second.Pods = 5;
        await world.UntilReasonAsync(Reasons.SubnetExhausted, "node1", 1_200);
        await world.UntilHeldAsync(3, "node1");
        await world.UntilAsync("it tells its numbers", async () => OperatorWorld.Ready(await world.PoolAsync("node1")).Contains(
            "2 pods wait: subnet pods (10.1.0.0/28) has 0 of 11 addresses free and 16 are wanted", StringComparison.Ordinal));
        Assert.Equal(9, (await world.NetworkAsync())!.Status!.UsedByUs);
        await world.UntilAsync("the subnet's room is told", async () => (await world.NetworkAsync())!.Status!.SubnetSummary == "pods 0/11");
        first.Pods = first.Desired = 2;
        await world.UntilHeldAsync(2);
        second.Desired = 7;
        await world.UntilHeldAsync(7, "node1", 1_200);
    });

    [Fact]
    public void A_subnet_that_turns_out_full_at_the_PUT_leaves_no_reservation_behind() => Simulator.Run(26, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Arm.AddFault(new Fault
        {
            Kind = FaultKind.Error,
            Method = "PUT",
            Route = NicRoute,
            Status = 400,
            Code = "SubnetIsFull",
            Count = 1,
            Message = "Subnet pods with address prefix 10.1.0.0/24 does not have enough capacity for 8 IP addresses.",
        });
        world.Start();
        world.StartAgent("node0", 8);
        await world.UntilAsync("it tells", async () => (await world.PoolAsync())?.Status?.Conditions?.Any(c => c.Type == ConditionTypes.CapacityLow) == true);
        await world.UntilAsync("the reservation is settled", async () => (await world.NetworkAsync())!.Status!.Reservations is null or { Count: 0 });
        await world.UntilHeldAsync(8);
        await world.UntilReasonAsync(Reasons.InSync);
    });

    [Theory]
    [InlineData(FaultKind.FailOperation, false)]
    [InlineData(FaultKind.FailOperation, true)]
    [InlineData(FaultKind.CancelOperation, true)]
    [InlineData(FaultKind.DropAfterCommit, false)]
    [InlineData(FaultKind.DropBeforeCommit, false)]
    [InlineData(FaultKind.ErrorAfterCommit, false)]
    public void A_PUT_that_goes_wrong_is_read_again_and_nothing_is_counted_twice(FaultKind kind, bool withoutEffect) => Simulator.Run(27, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Arm.AddFault(new Fault { Kind = kind, Method = "PUT", Route = NicRoute, Count = 1, WithoutEffect = withoutEffect });
        world.Start();
        var agent = world.StartAgent("node0", 8);
        await world.UntilHeldAsync(8);
        Assert.Equal((8, 8), (world.OnNic(0), (await world.NetworkAsync())!.Status!.UsedByUs!.Value));
        agent.Desired = 3;
        await world.UntilHeldAsync(3);
        Assert.Equal((3, 3), (world.OnNic(0), (await world.NetworkAsync())!.Status!.UsedByUs!.Value));
    });

    [Theory]
    [InlineData(ConcurrentPutMode.Reject429)]
    [InlineData(ConcurrentPutMode.Supersede)]
    [InlineData(ConcurrentPutMode.Conflict409)]
    public void A_random_mix_of_faults_heals(ConcurrentPutMode mode)
    {
        for (var seed = 100; seed < 104; seed++)
        {
            Simulator.Run(seed, async sim =>
            {
                using var world = new OperatorWorld(sim, nodes: 2, arm: new SimSettings { ConcurrentPut = mode });
                world.AddClass();
                foreach (var kind in new[] { FaultKind.StaleRead, FaultKind.DropAfterCommit, FaultKind.DropBeforeCommit, FaultKind.ForeignWrite, FaultKind.FailOperation, FaultKind.ChangeIdCase, FaultKind.NoRetryAfter })
                    world.Arm.AddFault(new Fault { Kind = kind, Probability = 0.15, UntilSeconds = 600, Status = 503 });
                world.Start();
                var agents = new[] { world.StartAgent("node0"), world.StartAgent("node1") };
                for (var i = 0; i < 20; i++)
                {
                    var agent = agents[sim.Random.Next(2)];
                    agent.Desired = sim.Random.Next(20);
                    agent.Pods = Math.Min(agent.Desired, sim.Random.Next(20));
                    await sim.Delay(TimeSpan.FromSeconds(sim.Random.Next(40)));
                }

                agents[0].Pods = agents[1].Pods = 2;
                agents[0].Desired = 9;
                agents[1].Desired = 4;
                await world.UntilHeldAsync(9, "node0", 7_200);
                await world.UntilHeldAsync(4, "node1", 7_200);
                Assert.Equal((9, 4), (world.OnNic(0), world.OnNic(1)));
                Assert.Equal(13, (await world.NetworkAsync())!.Status!.UsedByUs);
            });
        }
    }
}
