using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.Operator;
using Vnetcni.Simulation.Tests.Invariants;
using Vnetcni.Simulation.Tests.World.Azure;
using Vnetcni.Simulation.Tests.World.Processes;

namespace Vnetcni.Simulation.Tests.World.Operators;

/// <summary>The product's operator as one process of the world.</summary>
internal static class SimOperator
{
    public static async Task RunAsync(SimWorld world, SimProcess process)
    {
        var settings = new OperatorSettings { Identity = process.Name, Resync = world.Options.Resync, OthersInterval = world.Options.Resync };
        if (!world.Options.Elected)
            settings = settings with { LeaseName = string.Empty };
        var (build, inventory) = (world.Options.Build, new InventoryBeforeMutation(process));
        var instance = new OperatorInstance(
            build.OperatorKube(world.Api(process, inventory), process),
            build.Arm(new SimArm(world.Cloud.Arm, process, world.Weather, world.Copies, world.Timeline, inventory), process),
            process.Time,
            settings,
            new Jitter(world.Simulator.NextSeed()),
            new OperatorLog(world.Timeline, process, inventory));
        var end = await instance.RunAsync(process.Stopping);
        world.Timeline.Add($"{process.Name}: leadership ended: {end}");
    }
}
