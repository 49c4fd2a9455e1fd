using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Vnetcni.TestSupport.Simulation;
using Xunit;

namespace Vnetcni.Simulation.Tests.Runs;

/// <summary>Many seeds at once, each on a thread of its own from its beginning to its end: nothing is shared between two of them.</summary>
internal static class SeedBatch
{
    private const int MostFailures = 3;

    /// <summary>Runs them all, says what it cost, and fails with the first few failures.</summary>
    public static void Run(string name, IReadOnlyList<int> seeds, Func<int, Simulator> run)
    {
        var watch = Stopwatch.StartNew();
        var (ran, steps, failures) = All(seeds, run);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"simulation: {name}: {ran} seeds from {(seeds.Count > 0 ? seeds[0] : 0)} in {watch.Elapsed.TotalSeconds:F0} s on {Threads} threads, {steps / 1000} thousand steps, {failures.Count} failed; {HealingCost.Worst}");
        Console.WriteLine(text);
        if (failures.Count > 0)
            Assert.Fail($"{text}\n\n{string.Join("\n\n", failures.Select(e => e.Message))}");
    }

    /// <summary>The first seed, in their order, that fails as looked for; null when none does.</summary>
    public static (int Seed, int Ran, SimulationException Failure)? FirstFailure(
        IReadOnlyList<int> seeds, Func<int, Simulator> run, Func<SimulationException, bool> isIt)
    {
        for (var i = 0; i < seeds.Count; i++)
        {
            try
            {
                run(seeds[i]);
            }
            catch (SimulationException e) when (!isIt(e))
            {
                // Broken in another way too: that is not what is looked for.
                continue;
            }
            catch (SimulationException e)
            {
                return (seeds[i], i + 1, e);
            }
        }

        return null;
    }

    private static int Threads => Math.Max(1, Environment.ProcessorCount);

    private static (int Ran, long Steps, IReadOnlyList<Exception> Failures) All(IReadOnlyList<int> seeds, Func<int, Simulator> run)
    {
        var (next, ran, steps) = (-1, 0, 0L);
        var failures = new ConcurrentQueue<Exception>();
        void Work()
        {
            while (failures.Count < MostFailures && Interlocked.Increment(ref next) is var i && i < seeds.Count)
            {
                Interlocked.Increment(ref ran);
                try
                {
                    Interlocked.Add(ref steps, run(seeds[i]).Steps);
                }
                catch (Exception e)
                {
                    failures.Enqueue(e);
                }
            }
        }

        Thread[] threads = [.. Enumerable.Range(0, Math.Min(Threads, seeds.Count)).Select(i => new Thread(Work) { Name = $"seeds {i}", IsBackground = true })];
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        return (ran, steps, [.. failures]);
    }
}
