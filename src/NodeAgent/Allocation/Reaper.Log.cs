using Microsoft.Extensions.Logging;

namespace Vnetcni.NodeAgent.Allocation;

internal sealed partial class Reaper
{
    [LoggerMessage(EventId = 120, Level = LogLevel.Warning, Message = "Detaching {Link} failed, it is tried again: {Error}")]
    private static partial void DetachFailed(ILogger logger, string link, string error);

    [LoggerMessage(EventId = 121, Level = LogLevel.Warning, Message = "Deleting {Count} detached links failed, it is tried again: {Error}")]
    private static partial void SweepFailed(ILogger logger, int count, string error);
}
