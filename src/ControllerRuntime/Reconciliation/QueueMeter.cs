using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.Queueing;

namespace Vnetcni.ControllerRuntime.Reconciliation;

/// <summary>Reports one controller's queue to the meter.</summary>
internal sealed class QueueMeter(string controller) : IQueueMetrics
{
    private readonly KeyValuePair<string, object?> label = new("controller", controller);

    public void DepthChanged(int by) => RuntimeMetrics.QueueDepth.Add(by, label);

    public void HandedOut(TimeSpan waited) => RuntimeMetrics.QueueWait.Record(waited.TotalSeconds, label);

    public void Retried() => RuntimeMetrics.QueueRetries.Add(1, label);
}
