using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Operations;

/// <summary>Draws durations: lognormal from a median and a 99th percentile.</summary>
internal sealed class Latency(LatencySettings settings, SimRandom random)
{
    // The standard normal's 99th percentile.
    private const double Z99 = 2.3263478740408408;

    /// <summary>How long an operation runs; at least a millisecond, so that its answer leaves first.</summary>
    public TimeSpan OfOperation(bool attached, int changedAddresses)
    {
        var (median, p99) = attached
            ? (settings.AttachedMedianSeconds, settings.AttachedP99Seconds)
            : (settings.DetachedMedianSeconds, settings.DetachedP99Seconds);
        var seconds = Lognormal(median, p99) + (settings.PerAddressSeconds * changedAddresses);
        return AtLeastOneMillisecond(seconds * settings.Scale);
    }

    /// <summary>How long a PUT of a Uniform scale set's VM runs.</summary>
    public TimeSpan OfScaleSetVm(int changedAddresses) =>
        AtLeastOneMillisecond((Lognormal(settings.ScaleSetMedianSeconds, settings.ScaleSetP99Seconds) + (settings.PerAddressSeconds * changedAddresses)) * settings.Scale);

    /// <summary>How long interfaces lag behind a model.</summary>
    public TimeSpan OfLag() => AtLeastOneMillisecond(settings.ScaleSetLagSeconds * settings.Scale);

    public TimeSpan OfRequest() => settings.RequestSeconds * settings.Scale <= 0
        ? TimeSpan.Zero
        : TimeSpan.FromSeconds(settings.RequestSeconds * settings.Scale * (0.5 + random.NextDouble()));

    private double Lognormal(double median, double p99)
    {
        var normal = random.NextNormal();
        if (median <= 0)
            return 0;
        var sigma = p99 > median ? Math.Log(p99 / median) / Z99 : 0;
        return median * Math.Exp(sigma * normal);
    }

    private static TimeSpan AtLeastOneMillisecond(double seconds) =>
        TimeSpan.FromMilliseconds(Math.Clamp(seconds * 1000, 1, TimeSpan.FromHours(6).TotalMilliseconds));
}
