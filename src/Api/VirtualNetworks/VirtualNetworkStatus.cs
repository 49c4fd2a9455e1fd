using System.Text.Json.Serialization;
using Vnetcni.Api.Conditions;

namespace Vnetcni.Api.VirtualNetworks;

/// <summary>The count of a virtual network and the reservations in flight. Written by the operator, always conditionally.</summary>
public sealed record VirtualNetworkStatus
{
    /// <summary><c>metadata.generation</c> that this was computed from.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Pod addresses of this cluster: lengths of the pools' lists, or bases of their reservations.</summary>
    public int? UsedByUs { get; init; }

    /// <summary>Pod addresses of other clusters, as far as ARM shows them.</summary>
    public int? UsedByOthers { get; init; }

    /// <summary>limit - max(usedByOthers, reservedForOthers) - usedByUs - sum(ceiling - base) of the reservations.</summary>
    public int? Free { get; init; }

    /// <summary>Changes of pools that are in flight; atomic.</summary>
    public IReadOnlyList<AddressReservation>? Reservations { get; init; }

    /// <summary>The subnets that nodes use.</summary>
    public IReadOnlyList<SubnetStatus>? Subnets { get; init; }

    /// <summary>The subnets in one text for the SUBNETS column, such as <c>pods 12/251</c> (free/capacity).</summary>
    public string? SubnetSummary { get; init; }

    /// <summary>Address ranges of the network.</summary>
    public IReadOnlyList<string>? AddressPrefixes { get; init; }

    /// <summary>Address ranges of peered networks.</summary>
    public IReadOnlyList<string>? PeeredPrefixes { get; init; }

    /// <summary>When the budget runs out at the present rate, in words.</summary>
    public string? Runway { get; init; }

    /// <summary>One condition per type.</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }
}

/// <summary>Room that a change of one pool may take up: written before the ARM write, settled after it.</summary>
public sealed record AddressReservation
{
    /// <summary>Name of the NodeIpPool; with a slash and more behind it when the node has moved to another interface since.</summary>
    public required string Pool { get; init; }

    /// <summary><c>metadata.uid</c> of the NodeIpPool.</summary>
    [JsonPropertyName("poolUID")]
    public required string PoolUid { get; init; }

    /// <summary>Length of the pool's list when the reservation was made.</summary>
    public required int Base { get; init; }

    /// <summary>The longest that the list may become.</summary>
    public required int Ceiling { get; init; }

    /// <summary>ETag of the network interface that every write under this reservation carries as If-Match.</summary>
    public required string NicEtag { get; init; }

    /// <summary>ARM id of that interface, lower case: whoever finds the reservation without its pool can resolve it.</summary>
    public string? Nic { get; init; }

    /// <summary>Whether the pool is being deleted: nothing is granted any more, the finalizer may go. Null is false.</summary>
    public bool? Closing { get; init; }
}

/// <summary>One subnet and its room.</summary>
public sealed record SubnetStatus
{
    /// <summary>ARM id.</summary>
    public required string Id { get; init; }

    /// <summary>Address range.</summary>
    public string? Cidr { get; init; }

    /// <summary>Addresses that the subnet can give: its size without the five that Azure keeps.</summary>
    public int? Capacity { get; init; }

    /// <summary>Addresses that are not taken, as far as ARM shows.</summary>
    public int? Free { get; init; }

    /// <summary>
    /// Addresses that the pools may have of it in all: what was free and what they had when ARM was read. Fair shares are computed from
    /// what stands here, so that two operators that looked at different times tell the same ones.
    /// </summary>
    public int? ForPods { get; init; }
}
