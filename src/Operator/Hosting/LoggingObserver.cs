using Microsoft.Extensions.Logging;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.Reconciliation;

namespace Vnetcni.Operator.Hosting;

/// <summary>Writes what the runtime tells into the log. A failed reconcile has its cause, not its stack, unless it is no known one.</summary>
internal sealed partial class LoggingObserver(ILogger logger) : RuntimeObserver
{
    /// <inheritdoc/>
    public override void Listed(string cache, int objects, string resourceVersion) => CacheListed(logger, cache, objects, resourceVersion);

    /// <inheritdoc/>
    public override void WatchInterrupted(string cache, Exception cause, TimeSpan delay) =>
        CacheInterrupted(logger, cache, cause.Message, delay.TotalSeconds);

    /// <inheritdoc/>
    public override void HandlerFailed(string cache, ObjectKey key, Exception cause) => CacheHandlerFailed(logger, cause, cache, key.ToString());

    /// <inheritdoc/>
    public override void ReconcileFailed(string controller, ObjectKey key, Exception cause, int failures, TimeSpan delay)
    {
        if (cause is KubeApiException or HttpRequestException or IOException or TimeoutException)
            RetryKnown(logger, controller, key.ToString(), cause.Message, failures, delay.TotalSeconds);
        else
            RetryUnknown(logger, cause, controller, key.ToString(), failures, delay.TotalSeconds);
    }

    /// <inheritdoc/>
    public override void ReconcileGaveUp(string controller, ObjectKey key, TerminalException cause) =>
        GaveUp(logger, controller, key.ToString(), cause.Message);

    /// <inheritdoc/>
    public override void LeadershipGained(string lease, string identity, int term) => Leads(logger, identity, lease, term);

    /// <inheritdoc/>
    public override void LeadershipEnded(string lease, string identity, string reason) => LeadsNoMore(logger, identity, lease, reason);

    /// <inheritdoc/>
    public override void LeaseCallFailed(string lease, Exception cause) => LeaseFailed(logger, lease, cause.Message);

    /// <inheritdoc/>
    public override void EventDropped(string reason, ObjectKey about, string cause) => EventLost(logger, reason, about.ToString(), cause);

    [LoggerMessage(EventId = 411, Level = LogLevel.Debug, Message = "{Cache}: {Objects} objects listed at version {Version}")]
    private static partial void CacheListed(ILogger logger, string cache, int objects, string version);

    [LoggerMessage(EventId = 412, Level = LogLevel.Information, Message = "{Cache}: list or watch ended early, again in {Seconds:0.0} s: {Cause}")]
    private static partial void CacheInterrupted(ILogger logger, string cache, string cause, double seconds);

    [LoggerMessage(EventId = 413, Level = LogLevel.Error, Message = "{Cache}: the handler of {Key} failed")]
    private static partial void CacheHandlerFailed(ILogger logger, Exception cause, string cache, string key);

    [LoggerMessage(EventId = 414, Level = LogLevel.Warning, Message = "{Controller} {Key}: failed {Failures} times, again in {Seconds:0.0} s: {Cause}")]
    private static partial void RetryKnown(ILogger logger, string controller, string key, string cause, int failures, double seconds);

    [LoggerMessage(EventId = 415, Level = LogLevel.Error, Message = "{Controller} {Key}: failed {Failures} times, again in {Seconds:0.0} s")]
    private static partial void RetryUnknown(ILogger logger, Exception cause, string controller, string key, int failures, double seconds);

    [LoggerMessage(EventId = 416, Level = LogLevel.Warning, Message = "{Controller} {Key}: waits for a change: {Cause}")]
    private static partial void GaveUp(ILogger logger, string controller, string key, string cause);

    [LoggerMessage(EventId = 417, Level = LogLevel.Information, Message = "{Identity} leads (lease {Lease}, term {Term})")]
    private static partial void Leads(ILogger logger, string identity, string lease, int term);

    [LoggerMessage(EventId = 418, Level = LogLevel.Warning, Message = "{Identity} leads no more (lease {Lease}): {Reason}")]
    private static partial void LeadsNoMore(ILogger logger, string identity, string lease, string reason);

    [LoggerMessage(EventId = 419, Level = LogLevel.Warning, Message = "A call on lease {Lease} failed, it is tried again: {Cause}")]
    private static partial void LeaseFailed(ILogger logger, string lease, string cause);

    [LoggerMessage(EventId = 420, Level = LogLevel.Information, Message = "Event {Reason} about {About} was not written: {Cause}")]
    private static partial void EventLost(ILogger logger, string reason, string about, string cause);
}
