using Vnetcni.ControllerRuntime.Diagnostics;

namespace Vnetcni.ControllerRuntime.Queueing;

/// <summary>How a queue delays failed keys.</summary>
public sealed record WorkQueueOptions
{
    /// <summary>Per-key delay after failures.</summary>
    public Backoff Backoff { get; init; } = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromMinutes(5));

    /// <summary>A failure's delay is lengthened by up to this part of itself, so that keys do not march in step.</summary>
    public double JitterFraction { get; init; } = 0.2;
}
