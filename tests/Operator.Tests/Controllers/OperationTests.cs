using System.Globalization;
using System.Text;
using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

public class OperationTests
{
    private const string NicRoute = "networkInterfaces/{name}";

    [Fact]
    public void An_operation_that_fails_with_an_unknown_code_is_not_repeated_at_once() => Simulator.Run(72, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Arm.AddFault(new Fault { Kind = FaultKind.FailOperation, Method = "PUT", Route = NicRoute, Code = "NetworkingInternalOperationError", WithoutEffect = true });
        world.Start();
        world.StartAgent("node0", 8).Waiting = 3;
        await sim.Delay(TimeSpan.FromMinutes(10));
        Assert.InRange(world.Puts, 2, 25);
        var ready = OperatorWorld.ReadyOf(await world.PoolAsync())!;
        Assert.Equal(ConditionSet.False, ready.Status);
        Assert.Contains("NetworkingInternalOperationError", ready.Message);
        world.Arm.ClearFaults();
        await world.UntilHeldAsync(8, seconds: 1_200);
    });

    [Fact]
    public void An_operation_that_cannot_be_asked_about_is_judged_by_the_interface() => Simulator.Run(73, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start(arm: new DeafOperations(world.Client));
        world.StartAgent("node0", 8);
        await world.UntilHeldAsync(8, seconds: 120);
    });

    [Fact]
    public void The_wait_before_a_repair_survives_a_leader_change() => Simulator.Run(331, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Arm.AddFault(new Fault { Kind = FaultKind.FailOperation, Method = "PUT", Route = NicRoute, Code = "NetworkingInternalOperationError" });
        var first = world.Start("a");
        world.StartAgent("node0", 8);
        DateTimeOffset until = default;
        await world.UntilAsync("a long wait is told", async () =>
            (await world.PoolAsync())?.Status?.NextAttempt is { } next && (until = next) - sim.Time.GetUtcNow() > TimeSpan.FromSeconds(40));
        Assert.Contains("NetworkingInternalOperationError", OperatorWorld.Ready(await world.PoolAsync()));
        var puts = world.Puts;
        first.Kill.Cancel();
        await first.Ended;
        world.Arm.ClearFaults();
        world.Start("b");
        while (sim.Time.GetUtcNow() < until.AddSeconds(-1))
        {
            Assert.Equal(puts, world.Puts);
            await sim.Delay(TimeSpan.FromSeconds(1));
        }

        await world.UntilHeldAsync(8, seconds: 120);
        await world.UntilReasonAsync(Reasons.InSync);
        Assert.Null((await world.PoolAsync())!.Status!.NextAttempt);
    });

    [Fact]
    public void The_wait_of_a_leader_whose_clock_was_ahead_does_not_count() => Simulator.Run(333, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Arm.AddFault(new Fault { Kind = FaultKind.FailOperation, Method = "PUT", Route = NicRoute, Code = "NetworkingInternalOperationError" });
        var first = world.Start("a");
        world.StartAgent("node0", 8);
        await world.UntilAsync("a wait is told", async () => (await world.PoolAsync())?.Status?.NextAttempt is not null);
        first.Kill.Cancel();
        await first.Ended;
        world.Arm.ClearFaults();
        var ahead = sim.Time.GetUtcNow().AddHours(1).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var patch = Encoding.UTF8.GetBytes("{\"status\":{\"nextAttempt\":\"" + ahead + "\"}}");
        await world.Kube.Client("ahead").PatchAsync(
            OperatorKinds.Pools, new ObjectKey("node0"), patch, new KubePatchOptions(KubePatchType.Merge, "ahead", Subresource: "status"), CancellationToken.None);
        world.Start("b");
        await world.UntilHeldAsync(8, seconds: 120);
    });

    [Fact]
    public void An_operation_whose_URL_is_longer_than_the_schema_takes_is_judged_by_the_interface() => Simulator.Run(332, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        var longest = 0;
        world.Kube.Committed += change => longest = Math.Max(longest, change.After?["status"]?["operation"]?["url"]?.ToString().Length ?? 0);
        world.Start(arm: new LongOperations(world.Client));
        world.StartAgent("node0", 8);
        await world.UntilHeldAsync(8, seconds: 120);
        Assert.InRange(longest, 0, 4096);
    });

    private sealed class LongOperations(IArm inner) : IArm
    {
        public async Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
        {
            var response = await inner.SendAsync(request, cancellationToken);
            return response.AsyncOperation is { } url ? response with { AsyncOperation = $"{url}&t={new string('x', 5_000)}" } : response;
        }
    }

    /// <summary>Operations stand at an address that is not ARM's as we know it.</summary>
    private sealed class DeafOperations(IArm inner) : IArm
    {
        public Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken) =>
            request.PathAndQuery.Contains("/operations/", StringComparison.OrdinalIgnoreCase)
                ? throw new ArmAnswerException("that is not on management.azure.com; nothing was sent there")
                : inner.SendAsync(request, cancellationToken);
    }
}
