using Microsoft.Extensions.Logging;

namespace Vnetcni.NodeAgent;

public sealed partial class Agent
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Checkpoint: {Finding}")]
    private static partial void Checkpoint(ILogger logger, string finding);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "Start: {Finding}")]
    private static partial void Found(ILogger logger, string finding);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "The ledger stands: {Links} links in the kernel, {InUse} addresses in use, {Quarantined} quarantined")]
    private static partial void Ready(ILogger logger, int links, int inUse, int quarantined);

    [LoggerMessage(EventId = 4, Level = LogLevel.Information, Message = "Stopped; pods keep their network")]
    private static partial void Stopped(ILogger logger);
}
