using Vnetcni.Simulation.Tests.World;

namespace Vnetcni.Simulation.Tests.Invariants;

/// <summary>A world in which nothing happens costs next to nothing.</summary>
internal static class Quiet
{
    /// <summary>
    /// A pool that is in order may still be rounded down, and one that ARM refused to enlarge tries again by itself: after 3 min
    /// and a fifth at most. What others put into the virtual network is counted within two looks, five minutes apart; then shares change.
    /// </summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(12.5);

    /// <summary>Where there is room for every pod and for what others take, nothing is refused, and nobody has a share that could change.</summary>
    private static readonly TimeSpan SettlingWithRoom = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Span = TimeSpan.FromMinutes(6);

    /// <summary>An agent's heartbeat comes every 5 min ± 20 %.</summary>
    private const int HeartbeatsPerNode = 2;

    /// <summary>A write that ARM refused, for a subnet is full of others' addresses, is tried again after 3 min.</summary>
    private const int RefusalsPerNode = 2;

    /// <summary>Lets time pass; throws when ARM or a pool is written more than heartbeats explain.</summary>
    public static async Task CheckAsync(SimWorld world)
    {
        await world.Simulator.Delay(world.Options.HasRoom ? SettlingWithRoom : Settling);
        var (puts, refused, changes) = (Puts(world), Refused(world), world.Pools.Changes);
        await world.Simulator.Delay(Span);
        if (Puts(world) > puts)
            throw new InvalidOperationException($"{Puts(world) - puts} ARM writes in {Span} though nothing happened");
        if (Refused(world) - refused > RefusalsPerNode * world.Nodes.Count)
            throw new InvalidOperationException($"{Refused(world) - refused} refused ARM writes in {Span} though nothing happened");
        // Two that both lead for ever may tell a condition that only one of them knows of; an overlap of leaders ends.
        if (!world.Options.Elected)
            return;
        var most = HeartbeatsPerNode * world.Nodes.Count;
        if (world.Pools.Changes - changes > most)
            throw new InvalidOperationException($"{world.Pools.Changes - changes} writes of pools in {Span} though nothing happened, {most} are heartbeats");
    }

    private static long Puts(SimWorld world) => world.Cloud.Arm.Counters.Where(count => count.Method == "PUT").Sum(count => count.Count - count.Refused);

    private static long Refused(SimWorld world) => world.Cloud.Arm.Counters.Where(count => count.Method == "PUT").Sum(count => count.Refused);
}
