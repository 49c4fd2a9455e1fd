namespace Vnetcni.ControllerRuntime.Reconciliation;

/// <summary>What is to happen to the key after a reconcile that did not throw.</summary>
public sealed record ReconcileResult
{
    /// <summary>Nothing until the next change.</summary>
    public static ReconcileResult Done { get; } = new();

    /// <summary>Reconcile again after this; null = only after a change. A change in between brings it forward.</summary>
    public TimeSpan? RequeueAfter { get; init; }

    /// <summary>Priority of that reconcile; the higher the sooner.</summary>
    public int Priority { get; init; }

    /// <summary>Reconcile again after <paramref name="delay"/>.</summary>
    public static ReconcileResult After(TimeSpan delay, int priority = 0) => new() { RequeueAfter = delay, Priority = priority };
}
