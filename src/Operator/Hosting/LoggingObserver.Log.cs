using Microsoft.Extensions.Logging;

namespace Vnetcni.Operator.Hosting;

internal sealed partial class LoggingObserver
{
    [LoggerMessage(EventId = 201, Level = LogLevel.Information, Message = "Cache of {Cache} holds {Objects} objects at version {Version}")]
    private static partial void CacheListed(ILogger logger, string cache, int objects, string version);

    [LoggerMessage(EventId = 202, Level = LogLevel.Warning, Message = "Reading {Cache} was interrupted, it is tried again in {Seconds:0.0} s: {Cause}")]
    private static partial void Interrupted(ILogger logger, string cache, double seconds, string cause);

    [LoggerMessage(EventId = 203, Level = LogLevel.Error, Message = "A handler of {Cache} failed for {Key}")]
    private static partial void Handler(ILogger logger, Exception cause, string cache, string key);

    [LoggerMessage(EventId = 204, Level = LogLevel.Warning, Message = "{Controller} {Key} failed {Failures} times, it is tried again in {Seconds:0.0} s: {Kind}: {Cause}")]
    private static partial void Failed(ILogger logger, string controller, string key, int failures, double seconds, string kind, string cause);

    [LoggerMessage(EventId = 205, Level = LogLevel.Error, Message = "{Controller} {Key} waits for a change: {Cause}")]
    private static partial void GaveUp(ILogger logger, string controller, string key, string cause);

    [LoggerMessage(EventId = 206, Level = LogLevel.Information, Message = "{Identity} leads by {Lease}, term {Term}")]
    private static partial void Gained(ILogger logger, string lease, string identity, int term);

    [LoggerMessage(EventId = 207, Level = LogLevel.Information, Message = "{Identity} leads no more by {Lease}: {Reason}")]
    private static partial void Ended(ILogger logger, string lease, string identity, string reason);

    [LoggerMessage(EventId = 208, Level = LogLevel.Warning, Message = "Lease {Lease}: {Cause}")]
    private static partial void Lease(ILogger logger, string lease, string cause);

    [LoggerMessage(EventId = 209, Level = LogLevel.Warning, Message = "An event {Reason} about {About} was dropped: {Cause}")]
    private static partial void Dropped(ILogger logger, string reason, string about, string cause);
}
