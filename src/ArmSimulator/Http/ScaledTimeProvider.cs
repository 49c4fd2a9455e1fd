namespace Vnetcni.ArmSimulator.Http;

/// <summary>
/// A clock that runs faster or slower than the machine's. A change of speed never moves it backwards; timers that run
/// already keep the speed at which they were started.
/// </summary>
public sealed class ScaledTimeProvider : TimeProvider
{
    private readonly TimeProvider _inner;
    private readonly Lock _gate = new();
    private DateTimeOffset _base;
    private long _innerBase;
    private double _speed;

    /// <summary>Starts at the inner clock's time. Throws <see cref="ArgumentOutOfRangeException"/> unless the speed is from 0.01 to 10,000.</summary>
    public ScaledTimeProvider(TimeProvider inner, double speed)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
        _base = inner.GetUtcNow();
        _innerBase = inner.GetTimestamp();
        _speed = Checked(speed);
    }

    /// <summary>Seconds of this clock per second of the inner one.</summary>
    public double Speed
    {
        get
        {
            lock (_gate)
                return _speed;
        }

        set
        {
            var speed = Checked(value);
            lock (_gate)
            {
                _base = Now();
                _innerBase = _inner.GetTimestamp();
                _speed = speed;
            }
        }
    }

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
            return Now();
    }

    /// <inheritdoc />
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc />
    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    /// <inheritdoc />
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var speed = Speed;
        return _inner.CreateTimer(callback, state, Scale(dueTime, speed), Scale(period, speed));
    }

    private static TimeSpan Scale(TimeSpan time, double speed) =>
        time == Timeout.InfiniteTimeSpan || time == TimeSpan.Zero ? time : TimeSpan.FromMilliseconds(Math.Max(1, time.TotalMilliseconds / speed));

    private static double Checked(double speed) =>
        speed is >= 0.01 and <= 10_000 ? speed : throw new ArgumentOutOfRangeException(nameof(speed), speed, "A clock's speed is from 0.01 to 10000.");

    private DateTimeOffset Now() => _base + (_inner.GetElapsedTime(_innerBase) * _speed);
}
