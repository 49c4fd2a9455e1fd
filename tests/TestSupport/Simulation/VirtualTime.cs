namespace Vnetcni.TestSupport.Simulation;

/// <summary>
/// A clock that stands still until it is moved to the next timer. Timers fire in the order of their time, then of their
/// setting, one at a time, on the thread that moves the clock.
/// </summary>
public sealed class VirtualTime : TimeProvider
{
    private readonly SortedSet<VirtualTimer> armed = new(Comparer<VirtualTimer>.Create(VirtualTimer.ByDue));
    private readonly DateTimeOffset start;
    private readonly Action check;
    private TimeSpan elapsed;
    private long sequence;

    internal VirtualTime(DateTimeOffset start, Action check)
    {
        this.start = start;
        this.check = check;
    }

    /// <summary>Time since the start.</summary>
    public TimeSpan Elapsed => elapsed;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>When the next timer fires, or null when none is armed.</summary>
    internal TimeSpan? NextDue => armed.Min?.Due;

    internal int Armed => armed.Count;

    public override DateTimeOffset GetUtcNow() => start + elapsed;

    public override long GetTimestamp() => elapsed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        check();
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock to the next timer and fires it.</summary>
    internal void FireNext()
    {
        var timer = armed.Min ?? throw new InvalidOperationException("no timer is armed");
        armed.Remove(timer);
        elapsed = timer.Due > elapsed ? timer.Due : elapsed;
        timer.Fire();
    }

    internal void MoveTo(TimeSpan at) => elapsed = at > elapsed ? at : elapsed;

    private sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan period = Timeout.InfiniteTimeSpan;
        private long order;
        private bool disposed;

        public TimeSpan Due { get; private set; }

        public static int ByDue(VirtualTimer a, VirtualTimer b)
        {
            var byDue = a.Due.CompareTo(b.Due);
            return byDue != 0 ? byDue : a.order.CompareTo(b.order);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            time.check();
            if (disposed)
                return false;
            time.armed.Remove(this);
            this.period = period;
            if (dueTime != Timeout.InfiniteTimeSpan)
                Arm(dueTime);
            return true;
        }

        public void Fire()
        {
            if (period > TimeSpan.Zero)
                Arm(period);
            callback(state);
        }

        public void Dispose()
        {
            disposed = true;
            time.armed.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Arm(TimeSpan after)
        {
            (Due, order) = (time.elapsed + after, ++time.sequence);
            time.armed.Add(this);
        }
    }
}
