using Vnetcni.Api.Conditions;

namespace Vnetcni.Api.NodeIpPools;

/// <summary>
/// What is on a node's interface. Written by the operator by server-side apply, except <see cref="Usage"/>, which is the
/// agent's. Every write carries the resourceVersion that its decision was computed from.
/// </summary>
public sealed record NodeIpPoolStatus
{
    /// <summary><c>metadata.generation</c> that this was computed from.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Which incarnation of the node this is about; the agent ignores a status of another one.</summary>
    public NodeIdentity? Node { get; init; }

    /// <summary>Availability zone, such as <c>westeurope-1</c>; empty without zones.</summary>
    public string? Zone { get; init; }

    /// <summary>The interfaces that carry pod addresses, with the addresses that ARM confirmed.</summary>
    public IReadOnlyList<NetworkInterfaceStatus>? NetworkInterfaces { get; init; }

    /// <summary>Source address translation as it is in effect.</summary>
    public SnatStatus? Snat { get; init; }

    /// <summary>Addresses that the operator works towards for this node.</summary>
    public int? Granted { get; init; }

    /// <summary>
    /// The node's fair share while the virtual network or the subnet runs dry: the agent offers what it does not use beyond it. Null
    /// when there is enough for all.
    /// </summary>
    public int? Share { get; init; }

    /// <summary>Addresses listed in <see cref="NetworkInterfaces"/> (Available and Releasing), for the HELD column.</summary>
    public int? Held { get; init; }

    /// <summary>
    /// ETag that names the reservation of the virtual network whose outcome the list of addresses shows. The list changes
    /// its length once per reservation, in the write that sets this.
    /// </summary>
    public string? SettledReservation { get; init; }

    /// <summary>The ARM operation that is running, or null.</summary>
    public OperationStatus? Operation { get; init; }

    /// <summary>When the operator tries again after a fault.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>When the list was last compared with ARM, as of the last write for another cause.</summary>
    public DateTimeOffset? SyncedAt { get; init; }

    /// <summary>One condition per type.</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }

    /// <summary>The agent's report.</summary>
    public NodeIpPoolUsage? Usage { get; init; }
}
