using System.Text.Json.Serialization;

namespace Vnetcni.Api.NodeIpPools;

/// <summary>The agent's report, the only part of the object that it writes.</summary>
public sealed record NodeIpPoolUsage
{
    /// <summary><c>metadata.uid</c> of the pool that this was computed from.</summary>
    [JsonPropertyName("poolUID")]
    public string? PoolUid { get; init; }

    /// <summary>The node's boot id: a reboot voids all allocations.</summary>
    [JsonPropertyName("bootID")]
    public string? BootId { get; init; }

    /// <summary>Grows with every write of <see cref="Releasable"/>; only the agent compares it, to know its own write.</summary>
    public long? Revision { get; init; }

    /// <summary>Addresses wanted on the node.</summary>
    public int? Desired { get; init; }

    /// <summary>Addresses that sandboxes hold.</summary>
    public int? InUse { get; init; }

    /// <summary>Addresses that an ADD would get now.</summary>
    public int? Free { get; init; }

    /// <summary>Freed addresses that still rest.</summary>
    public int? Cooling { get; init; }

    /// <summary>ADDs and bound pods without an address.</summary>
    public int? Waiting { get; init; }

    /// <summary>Addresses that the agent has taken out of use and consents to release.</summary>
    public IReadOnlyList<string>? Releasable { get; init; }

    /// <summary>Addresses that sandboxes hold and that the status does not list: somebody else took them off the interface. Null for none.</summary>
    public IReadOnlyList<string>? Missing { get; init; }

    /// <summary>When the agent counted, by its own clock.</summary>
    public DateTimeOffset? ObservedAt { get; init; }
}
