using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Vnetcni.ControllerRuntime.Diagnostics;

/// <summary>
/// The instruments of meter and activity source <c>Vnetcni.ControllerRuntime</c>. Labels are bounded: the names of
/// controllers and of kinds, and a few results; never an object.
/// </summary>
public static class RuntimeMetrics
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "Vnetcni.ControllerRuntime";

    private static readonly Meter Meter = new(Name);
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    };

    internal static ActivitySource Activities { get; } = new(Name);

    internal static Counter<long> Reconciles { get; } =
        Meter.CreateCounter<long>("vnetcni.controller.reconcile", "{reconcile}", "Reconciles by controller and result.");

    internal static Counter<long> ReconcileErrors { get; } =
        Meter.CreateCounter<long>("vnetcni.controller.reconcile.errors", "{error}", "Reconciles that threw, by controller.");

    internal static Histogram<double> ReconcileDuration { get; } =
        Meter.CreateHistogram("vnetcni.controller.reconcile.duration", "s", "Time of one reconcile.", null, Seconds);

    internal static UpDownCounter<long> QueueDepth { get; } =
        Meter.CreateUpDownCounter<long>("vnetcni.controller.queue.depth", "{key}", "Keys ready to be reconciled.");

    internal static Histogram<double> QueueWait { get; } =
        Meter.CreateHistogram("vnetcni.controller.queue.wait", "s", "Time that a key was ready before its reconcile began.", null, Seconds);

    internal static Counter<long> QueueRetries { get; } =
        Meter.CreateCounter<long>("vnetcni.controller.queue.retries", "{retry}", "Keys queued again after a failure.");

    internal static UpDownCounter<long> ActiveWorkers { get; } =
        Meter.CreateUpDownCounter<long>("vnetcni.controller.workers.active", "{worker}", "Reconciles under way.");

    internal static Counter<long> WatchInterruptions { get; } =
        Meter.CreateCounter<long>("vnetcni.cache.watch.interruptions", "{interruption}", "Lists and watches that ended early, by kind.");

    internal static Counter<long> EventsDropped { get; } =
        Meter.CreateCounter<long>("vnetcni.events.dropped", "{event}", "Kubernetes events not written, by cause.");
}
