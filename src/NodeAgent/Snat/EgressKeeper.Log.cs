using Microsoft.Extensions.Logging;

namespace Vnetcni.NodeAgent.Snat;

internal sealed partial class EgressKeeper
{
    [LoggerMessage(EventId = 401, Level = LogLevel.Information, Message = "Egress rules applied: translation {Translate}, {Ranges} ranges without, metadata service closed to pods {Closed} (nft list table ip vnetcni)")]
    private static partial void Applied(ILogger logger, bool translate, int ranges, bool closed);

    [LoggerMessage(EventId = 402, Level = LogLevel.Warning, Message = "Pods' traffic is not translated: the prefixes of the virtual network are not known. The operator puts them into the pool's status.snat.excludedCidrs; in a pool file list them under snat.excludedCidrs, or set snat.mode to Disabled")]
    private static partial void Unknown(ILogger logger);

    [LoggerMessage(EventId = 403, Level = LogLevel.Warning, Message = "{Count} of the CIDRs without translation can't be read and are left out: {Texts}. Correct snat.excludedCidrs")]
    private static partial void Refused(ILogger logger, int count, string texts);

    [LoggerMessage(EventId = 404, Level = LogLevel.Warning, Message = "The egress rules were changed by somebody else and are restored: {Faults}. {Unlogged} repairs before were not logged. Find out who flushes nftables (nft monitor shows the process)")]
    private static partial void Repaired(ILogger logger, string faults, int unlogged);

    [LoggerMessage(EventId = 405, Level = LogLevel.Error, Message = "The egress rules could not be checked or restored, it is tried again: {Error}. {Unlogged} failures before were not logged")]
    private static partial void RepairFailed(ILogger logger, string error, int unlogged);
}
