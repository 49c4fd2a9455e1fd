namespace Vnetcni.Scale;

/// <summary>The simulator's clock; notes the longest timer that was set, which is the slowest operation that was drawn.</summary>
internal sealed class OperationClock(TimeProvider inner) : TimeProvider
{
    public TimeSpan Longest { get; private set; }

    /// <summary>The timer set last.</summary>
    public TimeSpan Last { get; private set; }

    public override long TimestampFrequency => inner.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => inner.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Last = dueTime;
        Longest = dueTime > Longest ? dueTime : Longest;
        return inner.CreateTimer(callback, state, dueTime, period);
    }
}
