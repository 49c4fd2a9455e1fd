using System.Collections.Immutable;
using Vnetcni.Ipam.Addressing;

namespace Vnetcni.Ipam.Planning;

/// <summary>A pool as one consistent read showed it.</summary>
public sealed record PoolSnapshot
{
    /// <summary>Name of the pool.</summary>
    public required string Name { get; init; }

    /// <summary>Which object of that name.</summary>
    public required string Uid { get; init; }

    /// <summary>resourceGuid of the interface that the list is about; empty before the first publication.</summary>
    public string Incarnation { get; init; } = string.Empty;

    /// <summary>ARM id of that interface, lower case; empty before it was described.</summary>
    public string NicId { get; init; } = string.Empty;

    /// <summary>The published list.</summary>
    public ImmutableArray<PublishedAddress> Addresses { get; init; } = [];

    /// <summary>ETag of the reservation whose outcome the list shows; empty for none.</summary>
    public string SettledReservation { get; init; } = string.Empty;

    /// <summary>Addresses that the node wants; null before its agent reported.</summary>
    public int? Desired { get; init; }

    /// <summary>Pods without an address.</summary>
    public int Waiting { get; init; }

    /// <summary>Addresses that the agent consents to release.</summary>
    public ImmutableHashSet<IpAddress> Releasable { get; init; } = [];

    /// <summary>Addresses that pods hold and that the agent does not find on the list: they are put back, however many the node wants.</summary>
    public ImmutableHashSet<IpAddress> Missing { get; init; } = [];

    /// <summary>Whether the object is being deleted.</summary>
    public bool Deleting { get; init; }

    /// <summary>Whether the Node exists.</summary>
    public bool NodePresent { get; init; } = true;

    /// <summary>Whether all addresses may be taken back without the agent: the VM is gone, or the Node long absent and without pods.</summary>
    public bool DrainConsented { get; init; }
}
