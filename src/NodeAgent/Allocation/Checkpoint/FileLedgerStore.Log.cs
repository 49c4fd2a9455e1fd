using Microsoft.Extensions.Logging;

namespace Vnetcni.NodeAgent.Allocation.Checkpoint;

public sealed partial class FileLedgerStore
{
    [LoggerMessage(EventId = 130, Level = LogLevel.Warning, Message = "The checkpoint {Path} of {Length} bytes could not be rewritten: {Error}. The old file stays in use; it is tried again after {Growth} more bytes. Look at free descriptors and at the space of its file system")]
    private static partial void CompactionFailed(ILogger logger, string path, long length, string error, int growth);

    [LoggerMessage(EventId = 131, Level = LogLevel.Warning, Message = "{Path}, of a rewrite that failed, could not be removed: {Error}. The next rewrite removes it first")]
    private static partial void LeftBehind(ILogger logger, string path, string error);
}
