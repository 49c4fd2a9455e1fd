using Vnetcni.Api.NodeIpPools;
using Vnetcni.Operator.Azure.Resources;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>Which interface of which machine a pool is about, and where that lies.</summary>
internal sealed record NodeBinding
{
    /// <summary>metadata.uid of the Node; null when the Node is gone and this comes from the pool's status.</summary>
    public string? NodeUid { get; init; }

    public required string ProviderId { get; init; }

    public string? VmId { get; init; }

    public string? Zone { get; init; }

    public required ResourceId Nic { get; init; }

    /// <summary>resourceGuid of the interface when it was found; null = not looked at.</summary>
    public string? Incarnation { get; init; }

    public required ResourceId Network { get; init; }

    /// <summary>Name of the VirtualNetwork object.</summary>
    public required string NetworkName { get; init; }

    public required SubnetReference Subnet { get; init; }

    /// <summary>Destinations without address translation: the class's, and the virtual network's and its peerings' ranges.</summary>
    public IReadOnlyList<string> ExcludedCidrs { get; init; } = [];

    /// <summary>Ranges for which <see cref="ExcludedCidrs"/> had no room.</summary>
    public int ExcludedCidrsLeftOut { get; init; }

    /// <summary>
    /// What the status says of the machine and what its interface is, where these two and this binding differ; null where all agree. One
    /// of them is of the past then, and may be this.
    /// </summary>
    public string? Contradicts(NodeIdentity? said, string incarnation)
    {
        var agrees = Same(Incarnation, incarnation) && Same(said?.Uid, NodeUid) && Same(said?.VmId, VmId) && Same(said?.NicResourceGuid, incarnation);
        return agrees ? null : $"{said?.Uid}/{said?.VmId}/{said?.NicResourceGuid}/{incarnation}";

        static bool Same(string? a, string? b) => string.IsNullOrEmpty(a) || string.IsNullOrEmpty(b) || a.Equals(b, StringComparison.OrdinalIgnoreCase);
    }
}
