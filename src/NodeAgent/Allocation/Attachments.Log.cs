using Microsoft.Extensions.Logging;
using Vnetcni.Ipam.Ledger;

namespace Vnetcni.NodeAgent.Allocation;

internal sealed partial class Attachments
{
    [LoggerMessage(EventId = 101, Level = LogLevel.Debug, Message = "ADD of {Owner} (pod {Pod}) failed with code {Code}: {Cause}: {Details}")]
    private static partial void AddFailed(ILogger logger, Owner owner, string pod, int code, string cause, string details);

    [LoggerMessage(EventId = 102, Level = LogLevel.Warning, Message = "Detaching {Link} failed, the reaper tries again: {Error}")]
    private static partial void DetachFailed(ILogger logger, string link, string error);

    [LoggerMessage(EventId = 103, Level = LogLevel.Information, Message = "GC freed what {Owner} held")]
    private static partial void Collected(ILogger logger, Owner owner);

    [LoggerMessage(EventId = 104, Level = LogLevel.Warning, Message = "GC does not name {Owner}, but its sandbox runs: what it holds stays")]
    private static partial void NotCollected(ILogger logger, Owner owner);
}
