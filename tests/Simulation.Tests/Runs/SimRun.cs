using System.Globalization;
using System.Runtime.CompilerServices;
using Vnetcni.Simulation.Tests.Invariants;
using Vnetcni.Simulation.Tests.Workload;
using Vnetcni.Simulation.Tests.World;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Simulation.Tests.Runs;

/// <summary>One seed, from the first pod to the check that all is in order after the last fault.</summary>
internal static class SimRun
{
    /// <summary>Environment variable with a folder that gets the whole trace of every run.</summary>
    public const string TraceVariable = "SIMULATION_TRACES";

    private const int Shown = 60;

    /// <summary>Runs a seed. A failure tells the command that repeats it and the end of the timeline.</summary>
    public static Simulator Seed(
        int seed,
        SimOptions? options = null,
        Func<SimWorld, SimWorkload, Task>? rough = null,
        [CallerMemberName] string test = "")
    {
        Simulator? simulation = null;
        try
        {
            return Simulator.Run(
                seed,
                async simulator =>
                {
                    simulation = simulator;
                    using var world = new SimWorld(simulator, options ?? SimOptions.Of(seed));
                    var workload = new SimWorkload(world);
                    world.Start();
                    await (rough?.Invoke(world, workload) ?? workload.RunAsync(world.Options.Rough));
                    world.Heal();
                    workload.Trim();
                    var cost = new HealingCost(world);
                    await Convergence.WaitAsync(world, workload);
                    cost.Check();
                    await Quiet.CheckAsync(world);
                    new WorldInvariants(world).Check();
                    world.Timeline.Add($"{workload.Kubelets.Sum(kubelet => kubelet.Adds)} ADDs, ARM {world.Cloud.Arm.Totals}");
                },
                new SimulationOptions { Limit = TimeSpan.FromHours(2), MaxSteps = 5_000_000 });
        }
        catch (SimulationException e)
        {
            throw new SimulationException(string.Create(
                CultureInfo.InvariantCulture,
                $"""
                {e.Message.Split("\n---")[0]}
                again: {Again(seed, test)}
                --- the timeline ends with
                {SimTimeline.Readable(simulation?.Trace.Lines ?? [], Shown)}
                """),
                e.InnerException);
        }
        finally
        {
            if (Environment.GetEnvironmentVariable(TraceVariable) is { Length: > 0 } folder && simulation is not null)
                File.WriteAllLines(Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{test}-{seed}.txt")), simulation.Trace.Lines);
        }
    }

    private static string Again(int seed, string test) => test == nameof(SeedTests.Fresh_seeds_keep_every_invariant_and_heal)
        ? string.Create(CultureInfo.InvariantCulture, $"make simulate SEED={seed}")
        : string.Create(CultureInfo.InvariantCulture, $"make simulate SEED={seed} TEST={test}");
}
