namespace Vnetcni.Simulation.Tests.World.Processes;

/// <summary>The time as one process has it: its machine's clock may be ahead, and its timers end with it.</summary>
internal sealed class SimClock(TimeProvider world, SimProcess process, SimPlace place) : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone => world.LocalTimeZone;

    public override long TimestampFrequency => world.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => world.GetUtcNow() + place.WallAhead;

    public override long GetTimestamp() => world.GetTimestamp() + place.MonotonicAhead.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        world.CreateTimer(_ => process.Context.Post(s => callback(s), state), null, dueTime, period);
}
