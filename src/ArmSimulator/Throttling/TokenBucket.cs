namespace Vnetcni.ArmSimulator.Throttling;

/// <summary>A bucket that refills steadily. Times are seconds since the simulator's start.</summary>
internal sealed class TokenBucket(double size, double refillPerSecond)
{
    // How much is missing from a full bucket.
    private double _used;
    private double _at;

    public int Remaining(double now)
    {
        Refill(now);
        return Math.Max(0, (int)(size - _used + 1e-9));
    }

    public bool Has(double now)
    {
        Refill(now);
        return size - _used >= 1 - 1e-9;
    }

    public void Take() => _used += 1;

    /// <summary>Whole seconds until a token is there; at least 1.</summary>
    public int RetryAfter() => refillPerSecond <= 0 ? 3600 : Math.Max(1, (int)Math.Ceiling((1 - size + _used) / refillPerSecond));

    private void Refill(double now)
    {
        if (now <= _at)
            return;
        _used = Math.Max(0, _used - ((now - _at) * refillPerSecond));
        _at = now;
    }
}
