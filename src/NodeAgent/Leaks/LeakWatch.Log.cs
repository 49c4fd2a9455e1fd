using Microsoft.Extensions.Logging;
using Vnetcni.Ipam.Addressing;

namespace Vnetcni.NodeAgent.Leaks;

internal sealed partial class LeakWatch
{
    [LoggerMessage(EventId = 501, Level = LogLevel.Warning, Message = "The kernel's links could not be listed, ledger and kernel are compared later: {Error}")]
    private static partial void LookFailed(ILogger logger, string error);

    [LoggerMessage(EventId = 502, Level = LogLevel.Warning, Message = "A leak could not be put right, it is tried again: {Leak}: {Error}")]
    private static partial void StepFailed(ILogger logger, string leak, string error);

    [LoggerMessage(EventId = 503, Level = LogLevel.Information, Message = "{Address} is not quarantined any more: {Reason}")]
    private static partial void Lifted(ILogger logger, IpAddress address, string reason);

    [LoggerMessage(EventId = 504, Level = LogLevel.Warning, Message = "{Fault}")]
    private static partial void Wrong(ILogger logger, string fault);

    [LoggerMessage(EventId = 505, Level = LogLevel.Debug, Message = "Put right by somebody else meanwhile: {Leak}")]
    private static partial void Overtaken(ILogger logger, string leak);
}
