namespace Vnetcni.ArmSimulator.Throttling;

/// <summary>Counts requests in windows of fixed length; the first request opens a window.</summary>
internal sealed class WindowCounter(int limit, double seconds)
{
    private double _opened = double.NegativeInfinity;
    private int _count;

    public int Limit => limit;

    public bool Has(double now)
    {
        if (now - _opened >= seconds)
        {
            _opened = now;
            _count = 0;
        }

        return _count < limit;
    }

    public void Take() => _count++;

    public int RetryAfter(double now) => Math.Max(1, (int)Math.Ceiling(_opened + seconds - now));
}
