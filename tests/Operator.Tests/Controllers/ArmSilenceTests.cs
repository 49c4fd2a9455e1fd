using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.ArmSimulator.Faults;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

public class ArmSilenceTests
{
    private const string NicRoute = "networkInterfaces/{name}";

    [Fact]
    public void A_pool_says_that_ARM_cannot_be_reached_since_when_and_when_it_is_tried_again() => Simulator.Run(301, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        var agent = world.StartAgent("node0", 8);
        await world.UntilHeldAsync(8);
        await world.UntilReasonAsync(Reasons.InSync);
        var down = sim.Time.GetUtcNow();
        var fault = world.Arm.AddFault(new Fault { Kind = FaultKind.DropBeforeCommit });
        agent.Desired = 12;
        await world.UntilReasonAsync(Reasons.ArmUnreachable, seconds: 30);
        var pool = (await world.PoolAsync())!;
        var ready = OperatorWorld.ReadyOf(pool)!;
        Assert.Equal(ConditionSet.False, ready.Status);
        Assert.Matches($"since {down:yyyy-MM-dd HH:mm}", ready.Message);
        Assert.Contains("next try at", ready.Message);
        Assert.InRange(pool.Status!.NextAttempt!.Value, sim.Time.GetUtcNow(), sim.Time.GetUtcNow().AddMinutes(3));
        Assert.Equal(8, pool.Status.Held);
        await sim.Delay(TimeSpan.FromMinutes(30));
        Assert.Equal(Reasons.ArmUnreachable, OperatorWorld.ReadyOf(await world.PoolAsync())!.Reason);
        Assert.Contains(await world.EventsAsync(), e => e.StartsWith("ArmUnreachable:", StringComparison.Ordinal));
        world.Arm.RemoveFault(fault);
        await world.UntilHeldAsync(12, seconds: 300);
        await world.UntilReasonAsync(Reasons.InSync);
        Assert.Contains(await world.EventsAsync(), e => e.StartsWith("Recovered:", StringComparison.Ordinal));
        Assert.Null((await world.PoolAsync())!.Status!.NextAttempt);
    });

    [Fact]
    public void A_pool_says_that_no_token_is_to_be_had() => Simulator.Run(302, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start(arm: new Mute(new ArmCredentialException("no token for management.azure.com: AZURE_FEDERATED_TOKEN_FILE is not set")));
        await world.UntilReasonAsync(Reasons.ArmUnreachable, seconds: 60);
        Assert.Contains("AZURE_FEDERATED_TOKEN_FILE is not set", OperatorWorld.Ready(await world.PoolAsync()));
    });

    [Fact]
    public void An_answer_that_is_not_ARMs_is_told_as_such() => Simulator.Run(303, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start(arm: new Mute(new ArmAnswerException("<html> is no JSON")));
        await world.UntilReasonAsync(Reasons.ArmError, seconds: 60);
        Assert.Contains("<html> is no JSON", OperatorWorld.Ready(await world.PoolAsync()));
    });

    [Fact]
    public void One_lost_answer_is_not_told() => Simulator.Run(304, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Arm.AddFault(new Fault { Kind = FaultKind.DropAfterCommit, Method = "PUT", Route = NicRoute, Count = 1 });
        world.Start();
        world.StartAgent("node0", 8);
        await world.UntilHeldAsync(8);
        await world.UntilReasonAsync(Reasons.InSync);
        Assert.DoesNotContain(await world.EventsAsync(), e => e.StartsWith("ArmUnreachable:", StringComparison.Ordinal));
    });

    [Theory]
    [InlineData(500, "InternalServerError")]
    [InlineData(503, "ServiceUnavailableOfSomeKind")]
    [InlineData(400, "SomethingNeverSeen")]
    public void An_error_that_is_no_state_of_its_own_is_told_with_its_code_and_message(int status, string code) => Simulator.Run(305, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Arm.AddFault(new Fault { Kind = FaultKind.Error, Method = "PUT", Route = NicRoute, Status = status, Code = code, Message = "the back end is on fire" });
        world.Start();
        world.StartAgent("node0", 8);
        await world.UntilReasonAsync(Reasons.ArmError);
        var pool = (await world.PoolAsync())!;
        Assert.Equal(ConditionSet.False, OperatorWorld.ReadyOf(pool)!.Status);
        Assert.False(ConditionSet.IsTrue(pool.Status!.Conditions, ConditionTypes.AzureThrottled));
        Assert.Contains($"{code}: the back end is on fire", OperatorWorld.Ready(pool));
        await sim.Delay(TimeSpan.FromSeconds(5));
        Assert.Contains(await world.EventsAsync(), e => e.StartsWith("ArmError:", StringComparison.Ordinal) && e.Contains(code));
        world.Arm.ClearFaults();
        await world.UntilHeldAsync(8, seconds: 900);
    });

    private sealed class Mute(Exception cause) : IArm
    {
        public Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken) => throw cause;
    }
}
