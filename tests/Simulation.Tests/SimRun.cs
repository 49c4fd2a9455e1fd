using System.Globalization;
using System.Runtime.CompilerServices;
using Vnetcni.Simulation.Tests.Invariants;
using Vnetcni.Simulation.Tests.Workload;
using Vnetcni.Simulation.Tests.World;
using Vnetcni.TestSupport.Simulation;
using Xunit;

namespace Vnetcni.Simulation.Tests;

/// <summary>One seed, from the first pod to the check that all is in order after the last fault.</summary>
internal static class SimRun
{
    /// <summary>Environment variable with the one seed to run.</summary>
    public const string SeedVariable = "VNETCNI_SIM_SEED";

    /// <summary>Environment variable with the number of seeds per theory, for a long search.</summary>
    public const string CountVariable = "VNETCNI_SIM_COUNT";

    /// <summary>Environment variable with a folder that gets the whole trace of every run.</summary>
    public const string TraceVariable = "VNETCNI_SIM_TRACES";

    private const int Shown = 60;

    /// <summary>The seeds of a theory: so many in a row, or the one that was asked for.</summary>
    public static TheoryData<int> SeedsFrom(int first, int count) =>
        int.TryParse(Environment.GetEnvironmentVariable(SeedVariable), CultureInfo.InvariantCulture, out var seed)
            ? [seed]
            : [.. Enumerable.Range(first, int.TryParse(Environment.GetEnvironmentVariable(CountVariable), CultureInfo.InvariantCulture, out var asked) ? asked : count)];

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
                    var world = new SimWorld(simulator, options ?? SimOptions.Of(seed));
                    var workload = new SimWorkload(world);
                    world.Start();
                    await (rough?.Invoke(world, workload) ?? workload.RunAsync(world.Options.Rough));
                    world.Heal();
                    workload.Trim();
                    await Convergence.WaitAsync(world, workload);
                    await Quiet.CheckAsync(world);
                    new WorldInvariants(world).CheckAzure();
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
                again: {SeedVariable}={seed} dotnet run --project tests/Simulation.Tests -- --filter-method '*{test}*'
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
}
