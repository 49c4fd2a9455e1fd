using Microsoft.Extensions.Logging;
using Vnetcni.Ipam.Addressing;

namespace Vnetcni.NodeAgent.Allocation;

internal sealed partial class AddressBook
{
    [LoggerMessage(EventId = 110, Level = LogLevel.Error, Message = "The record of {Address} can't be kept: {Error}. It is tried again with the next report")]
    private static partial void CheckpointFailed(ILogger logger, IpAddress address, string error);

    [LoggerMessage(EventId = 111, Level = LogLevel.Warning, Message = "{Address} is in use by {Owner} and no longer listed in the pool's status: it stays with its owner and is not reused")]
    private static partial void AddressMissing(ILogger logger, IpAddress address, string owner);
}
