using System.Globalization;
using Vnetcni.Simulation.Tests.Invariants;
using Vnetcni.Simulation.Tests.World;

namespace Vnetcni.Simulation.Tests.Runs;

/// <summary>What it took to get well after the last fault: time and calls to Azure, which are bounded.</summary>
internal sealed class HealingCost
{
    // An operation takes seconds, a fault's wait minutes: nobody needs more than a few tries for each of a few changes.
    private const int WritesPerNode = 40;
    private const int ReadsPerNode = 400;

    private static readonly Lock Gate = new();
    private static (TimeSpan Time, long Writes, long Reads) worst;

    private readonly SimWorld world;
    private readonly TimeSpan start;
    private readonly (long Writes, long Reads) before;

    /// <summary>To be made at the end of the faults.</summary>
    public HealingCost(SimWorld world)
    {
        (this.world, start) = (world, world.Simulator.Time.Elapsed);
        before = Calls();
    }

    /// <summary>The worst of all runs so far, in words.</summary>
    public static string Worst
    {
        get
        {
            lock (Gate)
                return string.Create(CultureInfo.InvariantCulture, $"well again within {worst.Time.TotalMinutes:F1} virtual min, {worst.Writes} ARM writes and {worst.Reads} reads a node at most");
        }
    }

    /// <summary>All is well now. Throws when that took more calls than it may.</summary>
    public void Check()
    {
        var now = Calls();
        var nodes = world.Nodes.Count;
        var (writes, reads) = (now.Writes - before.Writes, now.Reads - before.Reads);
        lock (Gate)
        {
            var time = world.Simulator.Time.Elapsed - start;
            worst = (time > worst.Time ? time : worst.Time, Math.Max(worst.Writes, writes / nodes), Math.Max(worst.Reads, reads / nodes));
        }

        if (writes > WritesPerNode * nodes || reads > ReadsPerNode * nodes)
            throw new InvariantException(Convergence.Number, $"{writes} ARM writes and {reads} reads since the last fault for {nodes} nodes; {WritesPerNode} and {ReadsPerNode} a node are the bounds");
    }

    private (long Writes, long Reads) Calls()
    {
        var all = world.Cloud.Arm.Counters;
        return (all.Where(count => count.Method != "GET").Sum(count => count.Count), all.Where(count => count.Method == "GET").Sum(count => count.Count));
    }
}
