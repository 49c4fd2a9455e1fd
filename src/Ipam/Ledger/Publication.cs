using Vnetcni.Ipam.Addressing;

namespace Vnetcni.Ipam.Ledger;

/// <summary>An address as the pool's status lists it.</summary>
/// <param name="Address">The address.</param>
/// <param name="Releasing">On its way off the NIC.</param>
public readonly record struct ListedAddress(IpAddress Address, bool Releasing);

/// <summary>One version of the pool's status, as far as the ledger is concerned.</summary>
public sealed record Publication
{
    /// <summary>
    /// Addresses on the NIC that this VM has. Empty when the status speaks of another incarnation of the node.
    /// </summary>
    public required IReadOnlyList<ListedAddress> Addresses { get; init; }

    /// <summary>What <c>usage.releasable</c> holds in the same version, whoever wrote it.</summary>
    public IReadOnlyCollection<IpAddress> Releasable { get; init; } = [];

    /// <summary>The usage in this version is this agent's own latest write: nothing older of its own is in flight any more.</summary>
    public bool OwnWriteCommitted { get; init; }

    /// <summary>The pool can't grow: a resting address may be reused early.</summary>
    public bool AtLimit { get; init; }
}

/// <summary>What a publication changed.</summary>
/// <param name="Changed">Entries whose record has to be kept anew.</param>
/// <param name="Dropped">Addresses that left the ledger.</param>
/// <param name="NewlyMissing">In use, listed before and not any more.</param>
public sealed record PublicationOutcome(
    IReadOnlyList<LedgerEntry> Changed, IReadOnlyList<IpAddress> Dropped, IReadOnlyList<LedgerEntry> NewlyMissing);
