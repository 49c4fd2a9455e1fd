using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Azure;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

/// <summary>Three of ten calls fail for half an hour, in every way that is documented, while the nodes' wishes change.</summary>
public class ArmStormTests
{
    private const int Nodes = 6;
    private const double Share = 0.3;
    private const string Put = "PUT";
    private static readonly TimeSpan Storm = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Healing = TimeSpan.FromMinutes(5);

    // Where status and message are left out they are those that Azure gives with the code.
    private static readonly Fault[] OfWrites =
    [
        Error("SubnetIsFull"),
        Error("PrivateIPAddressIsAllocated"),
        Error("PrivateIPAddressInUse"),
        Error("PrivateIPAddressNotInSubnet"),
        Error("PrivateIPAddressInReservedRange"),
        Error("IpConfigurationsOnSameNicCannotUseDifferentSubnets"),
        Error("NetworkInterfaceIpConfigurationCountLimitExceeded", 400),
        Error("PreconditionFailed", 412) with { DetailCode = "PreconditionFailedEtagMismatch" },
        Error("PreconditionFailed", 412),
        Error("RetryableError", 429) with { DetailCode = "ReferencedResourceNotProvisioned" },
        Error("RetryableErrorDueToAnotherOperation", 429) with { RetryAfter = 3 },
        Error("AnotherOperationInProgress", 400),
        Error("AnotherOperationInProgress", 409),
        Error("AnotherOperationInProgress", 429),
        Error("NicInUse"),
        Error("NicReservedForAnotherVm"),
        Error("InvalidParameter"),
        new() { Kind = FaultKind.ErrorAfterCommit, Status = 503, Code = "ServiceUnavailable" },
        new() { Kind = FaultKind.FailOperation, WithoutEffect = true },
        new() { Kind = FaultKind.FailOperation },
        new() { Kind = FaultKind.CancelOperation },
        new() { Kind = FaultKind.ForeignWrite },
    ];

    private static readonly Fault[] OfAll =
    [
        Error("SubscriptionRequestsThrottled") with { RetryAfter = 5 },
        Error("TooManyRequests", 429),
        Error("ResourceNotFound"),
        Error("ResourceGroupNotFound"),
        Error("AuthorizationFailed"),
        Error("LinkedAuthorizationFailed"),
        Error("MethodNotAllowed"),
        Error("InternalServerError"),
        Error("ServiceUnavailable"),
        Error("GatewayTimeout"),
        new() { Kind = FaultKind.DropBeforeCommit },
        new() { Kind = FaultKind.DropAfterCommit },
    ];

    public static TheoryData<NodeKind, ConcurrentPutMode> All
    {
        get
        {
            var all = new TheoryData<NodeKind, ConcurrentPutMode>();
            foreach (var kind in Enum.GetValues<NodeKind>())
            {
                foreach (var mode in Enum.GetValues<ConcurrentPutMode>())
                    all.Add(kind, mode);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Nothing_breaks_nobody_hammers_and_all_is_well_five_minutes_later(NodeKind kind, ConcurrentPutMode mode)
    {
        var seed = 70 + ((int)kind * 3) + (int)mode;
        var calm = Run(seed, kind, mode, storm: false);
        var stormy = Run(seed, kind, mode, storm: true);
        TestContext.Current.TestOutputHelper?.WriteLine($"{kind} {mode}: {calm.Calls} calls without, {stormy.Calls} with {stormy.Faults} faults; well after {stormy.Healed.TotalSeconds:F0} s");
        Assert.True(stormy.Calls <= 3 * calm.Calls, $"{stormy.Calls} calls in the storm, {calm.Calls} without it");
        Assert.True(stormy.Faults >= 50, $"only {stormy.Faults} calls failed: this shows nothing");
    }

    private static (long Calls, int Faults, TimeSpan Healed) Run(int seed, NodeKind kind, ConcurrentPutMode mode, bool storm)
    {
        (long Calls, int Faults, TimeSpan Healed) seen = default;
        Simulator.Run(seed, async sim =>
        {
            var settings = new SimSettings { ConcurrentPut = mode, ModelFollowing = (ModelFollowing)((int)mode % 3) };
            using var world = new OperatorWorld(sim, Nodes, arm: settings, kind: kind);
            world.AddClass();
            world.Start();
            var agents = Enumerable.Range(0, Nodes).Select(i => world.StartAgent($"node{i}", desired: 4)).ToArray();
            for (var i = 0; i < Nodes; i++)
                await world.UntilHeldAsync(4, $"node{i}");
            await world.AddAsync(sim, 0, "other-tool");
            var before = Calls(world);
            if (storm)
                Begin(world.Arm, kind);
            var wishes = new Random(seed);
            for (var minute = 0; minute < Storm.TotalMinutes; minute++)
            {
                var agent = agents[wishes.Next(Nodes)];
                agent.Desired = wishes.Next(2, 25);
                agent.Pods = wishes.Next(0, agent.Desired + 1);
                await sim.Delay(TimeSpan.FromMinutes(1));
            }

            seen = (Calls(world) - before, world.Arm.Faults.Sum(static f => f.Fired), default);
            world.Arm.ClearFaults();
            var healed = sim.Time.Elapsed;
            for (var i = 0; i < Nodes; i++)
                await world.UntilHeldAsync(agents[i].Desired, $"node{i}", seconds: (int)(healed + Healing - sim.Time.Elapsed).TotalSeconds);
            await world.UntilAsync("pods have addresses", () => Task.FromResult(agents.All(static a => a.InUse.Count == a.Pods)), (int)(healed + Healing - sim.Time.Elapsed).TotalSeconds);
            seen.Healed = sim.Time.Elapsed - healed;
            for (var i = 0; i < Nodes; i++)
                Assert.Equal((await world.PoolAsync($"node{i}"))!.Status!.Held, world.OnNic(i));
            Assert.Contains(world.Arm.Addresses.Addresses, a => a.IpConfiguration == "other-tool");
        });
        return seen;
    }

    private static Fault Error(string code, int? status = null) => new() { Kind = FaultKind.Error, Code = code, Status = status };

    // The rules draw one after the other, and the first that fires wins: each gets an equal part of the share. Half of a write's are its own.
    private static void Begin(SimulatedArm arm, NodeKind kind)
    {
        var ofWrites = kind == NodeKind.Uniform
            ? [.. OfWrites, new Fault { Kind = FaultKind.NoEffect }, new Fault { Kind = FaultKind.NoEffect, WithoutEffect = true }]
            : OfWrites;
        foreach (var fault in ofWrites)
            arm.AddFault(fault with { Method = Put, Probability = Share / 2 / ofWrites.Length });
        foreach (var fault in OfAll)
        {
            arm.AddFault(fault with { Method = Put, Probability = Share / 2 / OfAll.Length });
            arm.AddFault(fault with { Method = "GET", Probability = Share / OfAll.Length });
        }
    }

    private static long Calls(OperatorWorld world) => world.Arm.Counters.Sum(static c => c.Count);
}
