namespace Vnetcni.ArmSimulator.Journal;

/// <summary>
/// The simulator's clock as its insides see it: it stands still while one event is worked on, and its timers have numbers, so that a
/// replay can say which one fired. Timers and events meet under the simulator's lock.
/// </summary>
internal sealed class JournalTime : TimeProvider
{
    private readonly TimeProvider? _inner;
    private readonly Action<long, Action>? _fire;
    private readonly Dictionary<long, Action> _timers = [];
    private long _created;
    private DateTimeOffset? _now;

    /// <summary>Of a simulator that runs. <paramref name="fire"/> gets a timer's number and its work when it is due.</summary>
    public JournalTime(TimeProvider inner, Action<long, Action> fire)
    {
        _inner = inner;
        _fire = fire;
    }

    /// <summary>Of a replay: nothing fires by itself.</summary>
    public JournalTime(DateTimeOffset start) => _now = start;

    public DateTimeOffset Now => _now ?? _inner!.GetUtcNow();

    /// <summary>Holds the clock at an event's time; null lets it go.</summary>
    public void Hold(DateTimeOffset? now) => _now = now;

    /// <summary>Does what the timer of that number does; false if there was never one.</summary>
    public bool Fire(long number)
    {
        if (!_timers.TryGetValue(number, out var work))
            return false;
        work();
        return true;
    }

    public override DateTimeOffset GetUtcNow() => Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var number = ++_created;
        if (_inner is not null)
            return _inner.CreateTimer(_ => _fire!(number, () => callback(state)), null, dueTime, period);
        // Also one that is disposed stays: a live timer may be past the point where that stops it.
        _timers.Add(number, () => callback(state));
        return new Stopped();
    }

    private sealed class Stopped : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
