using Vnetcni.Ipam.Addressing;

namespace Vnetcni.Ipam.Ledger;

/// <summary>What outlives the agent's process of one address: the whole of it, so the last record of an address is its state.</summary>
/// <param name="Address">The address.</param>
/// <param name="State">What the node does with it.</param>
/// <param name="Owner">Holder or last holder, or null.</param>
/// <param name="HostInterface">Name of the owner's host link, or empty.</param>
/// <param name="NamespaceInode">Inode of the owner's namespace, or 0.</param>
/// <param name="Plumbed">The link was made in full.</param>
/// <param name="Since">When it was freed, or when the state began.</param>
/// <param name="Until">End of the rest (Cooling).</param>
/// <param name="Reason">Why it is quarantined, or empty.</param>
public readonly record struct LedgerRecord(
    IpAddress Address,
    AddressState State,
    Owner? Owner,
    string HostInterface,
    ulong NamespaceInode,
    bool Plumbed,
    DateTimeOffset Since,
    DateTimeOffset Until,
    string Reason)
{
    private static readonly Owner[] Nobody = [];
    private readonly IReadOnlyList<Owner>? _claimants;

    /// <summary>Owners that claim a quarantined address; the same in order and number counts as equal.</summary>
    public IReadOnlyList<Owner> Claimants
    {
        get => _claimants ?? Nobody;
        init => _claimants = value;
    }

    /// <summary>See <see cref="LedgerEntry.Promised"/>.</summary>
    public bool Promised { get; init; }

    /// <inheritdoc/>
    public bool Equals(LedgerRecord other) =>
        Address == other.Address && State == other.State && Owner == other.Owner && HostInterface == other.HostInterface
        && NamespaceInode == other.NamespaceInode && Plumbed == other.Plumbed && Since == other.Since && Until == other.Until
        && Reason == other.Reason && Promised == other.Promised && Claimants.SequenceEqual(other.Claimants);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Address, State, Owner, HostInterface, Since, Claimants.Count);
}
