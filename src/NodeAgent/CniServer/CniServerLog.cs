using Microsoft.Extensions.Logging;
using Vnetcni.AgentProtocol;
using Vnetcni.Ipam.Ledger;

namespace Vnetcni.NodeAgent.CniServer;

internal static partial class CniServerLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Serving CNI on {Socket}")]
    public static partial void Serving(this ILogger logger, string socket);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopped serving CNI; {Running} calls were running")]
    public static partial void Stopped(this ILogger logger, int running);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Command} of {Owner} failed with code {Code}: {Cause} ({Details})")]
    public static partial void CallFailed(
        this ILogger logger, CniCommand command, Owner owner, int code, string cause, string details);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Command} of {Owner} met a fault of vnetcni")]
    public static partial void CallFaulted(this ILogger logger, Exception exception, CniCommand command, Owner owner);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A request was refused with code {Code}: {Cause} ({Details})")]
    public static partial void Refused(this ILogger logger, int code, string cause, string details);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection of uid {User} was refused: only root and the agent's own user may call")]
    public static partial void PeerRefused(this ILogger logger, uint user);

    [LoggerMessage(Level = LogLevel.Warning, Message = "accept failed: {Cause}; it is tried again in {Milliseconds} ms")]
    public static partial void AcceptFailed(this ILogger logger, string cause, int milliseconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The ADD of {Owner} succeeded but its caller is gone: undone as by a DEL")]
    public static partial void ReplyLost(this ILogger logger, Owner owner);

    [LoggerMessage(Level = LogLevel.Error, Message = "Undoing the ADD of {Owner} failed")]
    public static partial void UndoFailed(this ILogger logger, Exception exception, Owner owner);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The configuration of network {Network} has fields without a meaning here: {Fields}; docs/install/migrate-azure-vnet.md says what stands in their place")]
    public static partial void FieldsUnused(this ILogger logger, string network, string fields);

    [LoggerMessage(Level = LogLevel.Information, Message = "GC of {Network} names no valid attachments: nothing touched")]
    public static partial void CollectWithoutList(this ILogger logger, string network);

    [LoggerMessage(Level = LogLevel.Information, Message = "Did the DEL of {Owner} that was recorded at {Time}")]
    public static partial void SpoolDrained(this ILogger logger, Owner owner, DateTimeOffset time);

    [LoggerMessage(Level = LogLevel.Error, Message = "The recorded DEL in {File} failed; it is tried again")]
    public static partial void SpoolFailed(this ILogger logger, Exception exception, string file);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A recorded DEL can't be read; see {File}")]
    public static partial void SpoolUnreadable(this ILogger logger, string file);

    [LoggerMessage(Level = LogLevel.Error, Message = "The round of spool and alive file failed; it is tried again")]
    public static partial void RoundFailed(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Command} of {Owner} was given up: its caller hung up, or the agent stops")]
    public static partial void CallGivenUp(this ILogger logger, CniCommand command, Owner owner);

    [LoggerMessage(Level = LogLevel.Information, Message = "ADD can't be served yet: {Cause} ({Details})")]
    public static partial void NotServingYet(this ILogger logger, string cause, string details);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The round of spool and alive file has not ended within {Seconds} s of the stop: it is left behind")]
    public static partial void RoundStillRuns(this ILogger logger, double seconds);
}
