using Vnetcni.Ipam.Addressing;

namespace Vnetcni.Ipam.Ledger;

// The side towards the operator: what the status lists, what the node offers to give back.
public sealed partial class AddressLedger
{
    /// <summary>Takes in the newest version of the pool's status.</summary>
    /// <remarks>
    /// An address that the usage in that version lists is out of use, even when this ledger does not know why: an older self may
    /// have offered it. A withdrawal counts only when the own latest write is committed and the same version lists the address
    /// as Available.
    /// </remarks>
    public PublicationOutcome Publish(Publication publication, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(publication);
        _published = true;
        Fenced |= publication.OwnWriteCommitted;
        AtLimit = publication.AtLimit;
        var listings = new SortedDictionary<IpAddress, Listing>();
        foreach (var listed in publication.Addresses)
            listings[listed.Address] = listed.Releasing ? Listing.Releasing : Listing.Available;

        List<LedgerEntry> changed = [], missing = [];
        List<IpAddress> dropped = [];
        foreach (var entry in _entries.Values.ToArray())
        {
            var wasMissing = entry.IsMissing;
            var before = (entry.State, entry.Promised);
            entry.Listing = listings.GetValueOrDefault(entry.Address, Listing.Absent);
            listings.Remove(entry.Address);
            if (!Follow(entry, publication))
                dropped.Add(entry.Address);
            else if ((entry.State, entry.Promised) != before)
                changed.Add(entry);
            if (entry.IsMissing && !wasMissing)
                missing.Add(entry);
        }

        foreach (var address in dropped)
            _entries.Remove(address);
        if (Fenced)
            Enter(listings, publication, changed);
        return new PublicationOutcome(changed, dropped, missing);
    }

    /// <summary>Takes free addresses out of use, to be listed as releasable. The caller keeps the records first.</summary>
    /// <exception cref="InvalidOperationException">One of them is not Free.</exception>
    public void Offer(IReadOnlyCollection<LedgerEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach (var entry in entries)
        {
            Require(entry, AddressState.Free);
            entry.State = AddressState.Offered;
        }
    }

    /// <summary>
    /// Begins to take back up to <paramref name="count"/> offers whose addresses are still listed as Available. They stay out of
    /// use until a publication shows that the withdrawal won.
    /// </summary>
    public IReadOnlyList<LedgerEntry> Withdraw(int count)
    {
        List<LedgerEntry> taken = [];
        foreach (var entry in _entries.Values)
        {
            if (taken.Count >= count)
                break;
            if (entry.State != AddressState.Offered || entry.Listing != Listing.Available)
                continue;
            entry.State = AddressState.Withdrawing;
            taken.Add(entry);
        }

        return taken;
    }

    /// <summary>Free addresses that may be offered, the one that has been free for longest first.</summary>
    public IReadOnlyList<LedgerEntry> Releasable() =>
        [.. _entries.Values.Where(IsAssignable).OrderBy(entry => entry.Since).ThenBy(entry => entry.Address)];

    /// <summary>What belongs into <c>usage.releasable</c>: every address offered and not being withdrawn.</summary>
    public IReadOnlyList<IpAddress> Offers() =>
        [.. _entries.Values.Where(entry => entry.State == AddressState.Offered).Select(entry => entry.Address)];

    /// <summary>What belongs into <c>usage.missing</c>: addresses in use that the newest status does not list, in their order.</summary>
    public IReadOnlyList<IpAddress> Missing() =>
        [.. _entries.Values.Where(static entry => entry is { State: AddressState.Assigned, Listing: Listing.Absent }).Select(entry => entry.Address)];

    // False when the entry has to go.
    private static bool Follow(LedgerEntry entry, Publication publication)
    {
        var listing = entry.Listing;
        var usageListsIt = publication.Releasable.Contains(entry.Address);
        switch (entry.State)
        {
            case AddressState.Free or AddressState.Offered or AddressState.Withdrawing when listing == Listing.Absent:
                return false;
            case AddressState.Free when listing == Listing.Releasing || usageListsIt:
            case AddressState.Withdrawing when listing == Listing.Releasing:
                entry.State = AddressState.Offered;
                return true;
            case AddressState.Withdrawing when !usageListsIt && publication.OwnWriteCommitted:
                entry.State = AddressState.Free;
                return true;
            default:
                // A quarantined address stays so, listed or not: what contradicts the ledger is still in the kernel. Of one that nobody
                // can have now it is remembered whether an offer of it may still be taken.
                if (entry.State is AddressState.Detaching or AddressState.Cooling or AddressState.Quarantined)
                    entry.Promised = usageListsIt || (entry.Promised && !publication.OwnWriteCommitted);
                return true;
        }
    }

    private void Enter(SortedDictionary<IpAddress, Listing> listings, Publication publication, List<LedgerEntry> changed)
    {
        foreach (var (address, listing) in listings)
        {
            if (listing == Listing.Releasing)
                continue;
            var usageListsIt = publication.Releasable.Contains(address);
            var entry = new LedgerEntry(address) { Listing = listing };
            _entries.Add(address, entry);
            if (!usageListsIt)
                continue;
            entry.State = AddressState.Offered;
            changed.Add(entry);
        }
    }
}
