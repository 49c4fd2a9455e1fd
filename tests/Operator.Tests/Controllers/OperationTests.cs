using Vnetcni.Api.Conditions;
using Vnetcni.ArmSimulator.Faults;
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

    /// <summary>Operations stand at an address that is not ARM's as we know it.</summary>
    private sealed class DeafOperations(IArm inner) : IArm
    {
        public Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken) =>
            request.PathAndQuery.Contains("/operations/", StringComparison.OrdinalIgnoreCase)
                ? throw new ArmAnswerException("that is not on management.azure.com; nothing was sent there")
                : inner.SendAsync(request, cancellationToken);
    }
}
