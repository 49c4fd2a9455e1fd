using Vnetcni.Simulation.Tests.World;

namespace Vnetcni.Simulation.Tests.Invariants;

/// <summary>A world in which nothing happens costs next to nothing.</summary>
internal static class Quiet
{
    /// <summary>A pool that is in order may still be rounded down.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Span = TimeSpan.FromMinutes(6);

    /// <summary>An agent's heartbeat comes every 5 min ± 20 %.</summary>
    private const int HeartbeatsPerNode = 2;

    /// <summary>Lets time pass; throws when ARM or a pool is written more than heartbeats explain.</summary>
    public static async Task CheckAsync(SimWorld world)
    {
        await world.Simulator.Delay(Settling);
        var (puts, changes) = (Puts(world), world.Pools.Changes);
        await world.Simulator.Delay(Span);
        if (Puts(world) > puts)
            throw new InvalidOperationException($"{Puts(world) - puts} ARM writes in {Span} though nothing happened");
        var most = HeartbeatsPerNode * world.Nodes.Count;
        if (world.Pools.Changes - changes > most)
            throw new InvalidOperationException($"{world.Pools.Changes - changes} writes of pools in {Span} though nothing happened, {most} are heartbeats");
    }

    private static long Puts(SimWorld world) => world.Cloud.Arm.Counters.Where(count => count.Method == "PUT").Sum(count => count.Count);
}
