using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Reconciliation;

namespace Vnetcni.ControllerRuntime.Diagnostics;

/// <summary>
/// What the runtime tells its host, for logs and traces. Nothing happens unless a host overrides. Calls come from the
/// loops of the runtime: an override returns soon and does not throw.
/// </summary>
public class RuntimeObserver
{
    /// <summary>An observer that keeps still.</summary>
    public static RuntimeObserver None { get; } = new();

    /// <summary>A cache read the whole list.</summary>
    public virtual void Listed(string cache, int objects, string resourceVersion)
    {
    }

    /// <summary>A list or a watch ended early; the cache tries again after <paramref name="delay"/>.</summary>
    public virtual void WatchInterrupted(string cache, Exception cause, TimeSpan delay)
    {
    }

    /// <summary>A handler of cache changes threw: a fault of the program. The cache goes on.</summary>
    public virtual void HandlerFailed(string cache, ObjectKey key, Exception cause)
    {
    }

    /// <summary>A reconcile failed and is tried again after <paramref name="delay"/>.</summary>
    public virtual void ReconcileFailed(string controller, ObjectKey key, Exception cause, int failures, TimeSpan delay)
    {
    }

    /// <summary>A reconcile failed for good: it waits for the next change of its object.</summary>
    public virtual void ReconcileGaveUp(string controller, ObjectKey key, TerminalException cause)
    {
    }

    /// <summary>This process leads, in the given term (the lease's count of transitions).</summary>
    public virtual void LeadershipGained(string lease, string identity, int term)
    {
    }

    /// <summary>This process leads no more.</summary>
    public virtual void LeadershipEnded(string lease, string identity, string reason)
    {
    }

    /// <summary>A call on the lease failed; it is tried again.</summary>
    public virtual void LeaseCallFailed(string lease, Exception cause)
    {
    }

    /// <summary>An event was not written to the API server.</summary>
    public virtual void EventDropped(string reason, ObjectKey about, string cause)
    {
    }
}
