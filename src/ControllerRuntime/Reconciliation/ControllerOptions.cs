using Vnetcni.ControllerRuntime.Queueing;

namespace Vnetcni.ControllerRuntime.Reconciliation;

/// <summary>How a controller works its queue.</summary>
public sealed record ControllerOptions
{
    /// <summary>How many keys are reconciled at a time.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>A reconcile that takes longer is cancelled and retried; null sets no limit.</summary>
    public TimeSpan? ReconcileTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Delays of the queue.</summary>
    public WorkQueueOptions Queue { get; init; } = new();
}
