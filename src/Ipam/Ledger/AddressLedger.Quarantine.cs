using Vnetcni.Ipam.Addressing;

namespace Vnetcni.Ipam.Ledger;

// Contradictions: an address that ledger and kernel disagree about is out of use, and only that one.
public sealed partial class AddressLedger
{
    /// <summary>Takes an address out of use, whatever its state, for the reason given.</summary>
    /// <param name="entry">Its entry.</param>
    /// <param name="claimants">Owners of which each has to be freed before the address is used again.</param>
    /// <param name="reason">For people: what contradicts what.</param>
    /// <param name="now">The time.</param>
    public void Quarantine(LedgerEntry entry, IReadOnlyList<Owner> claimants, string reason, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (entry.Owner is not null && _holders.TryGetValue(entry.Owner, out var held) && ReferenceEquals(held, entry))
            _holders.Remove(entry.Owner);
        entry.Promised |= entry.State is AddressState.Offered or AddressState.Withdrawing;
        entry.State = AddressState.Quarantined;
        entry.Claimants = [.. claimants.Distinct()];
        // The link's name is one owner's. With several claimants nobody can say whose.
        if (entry.Claimants.Count != 1)
            entry.HostInterface = string.Empty;
        entry.Attachment = 0;
        entry.Plumbed = false;
        entry.Owner = entry.Claimants.Count > 0 ? entry.Claimants[0] : null;
        entry.Reason = reason;
        entry.Since = now;
    }

    /// <summary>
    /// The same for an address that may not be in the ledger yet; gives its entry. <paramref name="hostInterface"/> is the link of the
    /// only claimant: empty where the entry's own stands.
    /// </summary>
    public LedgerEntry Quarantine(IpAddress address, IReadOnlyList<Owner> claimants, string reason, DateTimeOffset now, string hostInterface = "")
    {
        if (!_entries.TryGetValue(address, out var entry))
            _entries.Add(address, entry = new LedgerEntry(address));
        Quarantine(entry, claimants, reason, now);
        if (hostInterface.Length > 0)
            entry.HostInterface = hostInterface;
        return entry;
    }

    /// <summary>
    /// Ends a quarantine that nobody claims, once the kernel does not route the address any more: it rests. With claimants it
    /// ends by <see cref="Free"/> of each.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is not quarantined, or somebody claims it.</exception>
    public void Lift(LedgerEntry entry, DateTimeOffset now)
    {
        Require(entry, AddressState.Quarantined);
        if (entry.Claimants.Count > 0)
            throw new InvalidOperationException($"{entry.Address} is claimed by {entry.Claimants[0]}");
        Rest(entry, now);
    }

    private LedgerEntry? DropClaims(Owner owner, DateTimeOffset now)
    {
        LedgerEntry? last = null;
        for (var i = 0; i < _entries.Count; i++)
        {
            var entry = _entries.GetValueAtIndex(i);
            if (entry.State != AddressState.Quarantined || !entry.Claimants.Contains(owner))
                continue;
            entry.Claimants = Without(entry.Claimants, owner);
            last = entry;
            if (entry.Claimants.Count > 0)
            {
                entry.Owner = entry.Claimants[0];
                continue;
            }

            entry.State = AddressState.Detaching;
            entry.Owner = owner;
            entry.Reason = string.Empty;
            entry.Since = now;
        }

        return last;
    }

    // Apart, since a closure would be made for every DEL.
    private static Owner[] Without(IReadOnlyList<Owner> claimants, Owner owner) =>
        [.. claimants.Where(claimant => claimant != owner)];
}
