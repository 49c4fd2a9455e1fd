using Microsoft.Extensions.Logging;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.Reconciliation;

namespace Vnetcni.Operator.Hosting;

/// <summary>Writes what the controller runtime tells to the log.</summary>
internal sealed partial class LoggingObserver(ILogger logger) : RuntimeObserver
{
    /// <inheritdoc/>
    public override void Listed(string cache, int objects, string resourceVersion) => CacheListed(logger, cache, objects, resourceVersion);

    /// <inheritdoc/>
    public override void WatchInterrupted(string cache, Exception cause, TimeSpan delay) =>
        Interrupted(logger, cache, delay.TotalSeconds, cause.Message);

    /// <inheritdoc/>
    public override void HandlerFailed(string cache, ObjectKey key, Exception cause) => Handler(logger, cause, cache, key.ToString());

    /// <inheritdoc/>
    public override void ReconcileFailed(string controller, ObjectKey key, Exception cause, int failures, TimeSpan delay) =>
        Failed(logger, controller, key.ToString(), failures, delay.TotalSeconds, cause.GetType().Name, cause.Message);

    /// <inheritdoc/>
    public override void ReconcileGaveUp(string controller, ObjectKey key, TerminalException cause) =>
        GaveUp(logger, controller, key.ToString(), cause.Message);

    /// <inheritdoc/>
    public override void LeadershipGained(string lease, string identity, int term) => Gained(logger, lease, identity, term);

    /// <inheritdoc/>
    public override void LeadershipEnded(string lease, string identity, string reason) => Ended(logger, lease, identity, reason);

    /// <inheritdoc/>
    public override void LeaseCallFailed(string lease, Exception cause) => Lease(logger, lease, cause.Message);

    /// <inheritdoc/>
    public override void EventDropped(string reason, ObjectKey about, string cause) => Dropped(logger, reason, about.ToString(), cause);
}
