using System.Diagnostics.CodeAnalysis;
using Vnetcni.Ipam.Addressing;

namespace Vnetcni.Ipam.Ledger;

/// <summary>What came of asking for an address.</summary>
public enum AssignOutcome
{
    /// <summary>The owner holds the address now.</summary>
    Assigned,

    /// <summary>The owner held one before; nothing changed.</summary>
    AlreadyHeld,

    /// <summary>There is none to give; nothing changed.</summary>
    NoAddress,
}

/// <summary>
/// Who holds which address of this node. A state machine without clock or storage: every method takes the time and changes
/// memory only; the caller keeps the records of what changed before it acts on them. Not safe for concurrent use.
/// </summary>
/// <remarks>
/// An address is assigned only when it is Free, Available in the newest status, and the ledger is fenced: either restored from
/// a valid checkpoint, or one own usage write was committed since. A DEL frees only what its own owner holds.
/// A node has at most 256 addresses, so every search is a scan in the order of the addresses: the same input gives the same answer.
/// </remarks>
public sealed partial class AddressLedger
{
    private readonly SortedList<IpAddress, LedgerEntry> _entries = [];
    private readonly Dictionary<Owner, LedgerEntry> _holders = [];
    private long _attachments;
    private bool _published;

    /// <summary>An empty ledger.</summary>
    /// <param name="policy">The times it keeps.</param>
    /// <param name="fenced">True only for a ledger restored from a valid checkpoint that was fenced.</param>
    public AddressLedger(LedgerPolicy policy, bool fenced = false)
    {
        ArgumentNullException.ThrowIfNull(policy);
        Policy = policy;
        Fenced = fenced;
    }

    /// <summary>The times it keeps; a change counts from the next free on.</summary>
    public LedgerPolicy Policy { get; set; }

    /// <summary>No older usage write of this node can take an address away behind the ledger's back.</summary>
    public bool Fenced { get; private set; }

    /// <summary>The pool can't grow, says the newest status.</summary>
    public bool AtLimit { get; private set; }

    /// <summary>All entries in the order of their addresses.</summary>
    public IReadOnlyList<LedgerEntry> Entries => _entries.Values.AsReadOnly();

    /// <summary>The entry that an owner holds, quarantined ones not included.</summary>
    public bool TryFind(Owner owner, [NotNullWhen(true)] out LedgerEntry? entry) => _holders.TryGetValue(owner, out entry);

    /// <summary>The entry of an address.</summary>
    public bool TryFind(IpAddress address, [NotNullWhen(true)] out LedgerEntry? entry) => _entries.TryGetValue(address, out entry);

    /// <summary>Counts by state.</summary>
    public LedgerCounts Count()
    {
        int listed = 0, assignable = 0, inUse = 0, cooling = 0, offered = 0, withdrawable = 0, quarantined = 0, missing = 0, unavailable = 0;
        foreach (var entry in _entries.Values)
        {
            listed += entry.Listing == Listing.Available ? 1 : 0;
            missing += entry.IsMissing ? 1 : 0;
            unavailable += entry is { Listing: Listing.Available, State: AddressState.Detaching or AddressState.Cooling or AddressState.Quarantined } ? 1 : 0;
            switch (entry.State)
            {
                case AddressState.Free: assignable += IsAssignable(entry) ? 1 : 0; break;
                case AddressState.Assigned: inUse++; break;
                case AddressState.Detaching or AddressState.Cooling: cooling++; break;
                case AddressState.Offered or AddressState.Withdrawing:
                    offered++;
                    withdrawable += entry.State == AddressState.Offered && entry.Listing == Listing.Available ? 1 : 0;
                    break;
                default: quarantined++; break;
            }
        }

        return new LedgerCounts(listed, assignable, inUse, cooling, offered, withdrawable, quarantined, missing, unavailable);
    }

    /// <summary>
    /// Gives an owner the address that has been free for longest. At the limit, the one that has rested for longest, once that
    /// is <see cref="LedgerPolicy.ReuseAtLimit"/>. The caller keeps the record before it plumbs.
    /// </summary>
    public AssignOutcome TryAssign(
        Owner owner, string hostInterface, ulong namespaceInode, DateTimeOffset now, out LedgerEntry? entry)
    {
        ArgumentNullException.ThrowIfNull(owner);
        if (_holders.TryGetValue(owner, out entry))
            return AssignOutcome.AlreadyHeld;
        Tick(now);
        entry = Oldest(AddressState.Free) ?? Rested(now);
        if (entry is null)
            return AssignOutcome.NoAddress;

        entry.State = AddressState.Assigned;
        entry.Owner = owner;
        entry.HostInterface = hostInterface;
        entry.NamespaceInode = namespaceInode;
        entry.Plumbed = false;
        entry.Attachment = ++_attachments;
        entry.Since = now;
        _holders.Add(owner, entry);
        return AssignOutcome.Assigned;
    }

    /// <summary>The link of an assigned address is made in full.</summary>
    public void MarkPlumbed(LedgerEntry entry)
    {
        Require(entry, AddressState.Assigned);
        entry.Plumbed = true;
    }

    /// <summary>Takes back an assignment whose link was never made: the address is free at once.</summary>
    public void Return(LedgerEntry entry, DateTimeOffset now)
    {
        Require(entry, AddressState.Assigned);
        _holders.Remove(entry.Owner!);
        entry.ForgetOwner();
        entry.Since = now;
        entry.State = AddressState.Free;
        Settle(entry, now);
    }

    /// <summary>
    /// Takes the address from its owner: Assigned → Detaching. Null when the owner holds none, which is no error. A claimant of a
    /// quarantined address gives up its claim; the last one sets it to Detaching.
    /// </summary>
    public LedgerEntry? Free(Owner owner, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(owner);
        var claimed = DropClaims(owner, now);
        if (!_holders.Remove(owner, out var entry))
            return claimed;
        entry.State = AddressState.Detaching;
        entry.Since = now;
        return entry;
    }

    /// <summary>The link is gone from the kernel: the address rests.</summary>
    public void Reaped(LedgerEntry entry, DateTimeOffset now)
    {
        Require(entry, AddressState.Detaching);
        Rest(entry, now);
    }

    /// <summary>Ends the rest of the addresses whose time has come. Returns how many changed.</summary>
    public int Tick(DateTimeOffset now)
    {
        var changed = 0;
        for (var i = _entries.Count - 1; i >= 0; i--)
        {
            var entry = _entries.GetValueAtIndex(i);
            if (entry.State != AddressState.Cooling)
                continue;
            NeverRestLonger(entry, now);
            if (entry.Until > now)
                continue;
            Settle(entry, now);
            changed++;
        }

        return changed;
    }

    /// <summary>When <see cref="Tick"/> next finds something; null when nothing rests.</summary>
    /// <param name="wanted">
    /// Somebody waits for an address: at the limit also when the next one may be reused early by <see cref="TryAssign"/>.
    /// </param>
    public DateTimeOffset? NextChange(bool wanted)
    {
        DateTimeOffset? next = null;
        foreach (var entry in _entries.Values)
        {
            if (entry.State != AddressState.Cooling)
                continue;
            var early = wanted && AtLimit && Fenced && !entry.Promised && entry.Listing == Listing.Available;
            var due = early ? Min(entry.Until, entry.Since + Policy.ReuseAtLimit) : entry.Until;
            next = next is null ? due : Min(next.Value, due);
        }

        return next;
    }

    private void Rest(LedgerEntry entry, DateTimeOffset now)
    {
        entry.ForgetOwner();
        entry.State = AddressState.Cooling;
        entry.Since = now;
        entry.Until = now + Policy.ReuseCooldown;
        Settle(entry, now);
    }

    private bool IsAssignable(LedgerEntry entry) =>
        Fenced && entry.State == AddressState.Free && entry.Listing == Listing.Available;

    private LedgerEntry? Oldest(AddressState state)
    {
        if (!Fenced)
            return null;
        LedgerEntry? oldest = null;
        for (var i = 0; i < _entries.Count; i++)
        {
            var entry = _entries.GetValueAtIndex(i);
            if (entry.State == state && !entry.Promised && entry.Listing == Listing.Available && (oldest is null || entry.Since < oldest.Since))
                oldest = entry;
        }

        return oldest;
    }

    private LedgerEntry? Rested(DateTimeOffset now)
    {
        var oldest = AtLimit ? Oldest(AddressState.Cooling) : null;
        return oldest is not null && oldest.Since + Policy.ReuseAtLimit <= now ? oldest : null;
    }

    // What becomes of an address that nobody holds and that has rested, by the word of the newest status.
    private void Settle(LedgerEntry entry, DateTimeOffset now)
    {
        if (entry.State == AddressState.Cooling && entry.Until > now)
            return;
        EndRest(entry);
        // Before the first status nothing is listed: that says nothing about the address.
        if (entry.Listing == Listing.Absent && _published)
            _entries.Remove(entry.Address);
    }

    private static void EndRest(LedgerEntry entry)
    {
        entry.State = entry.Promised || entry.Listing == Listing.Releasing ? AddressState.Offered : AddressState.Free;
        entry.Promised = false;
    }

    private static DateTimeOffset Min(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;

    private void Require(LedgerEntry entry, AddressState state)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (!_entries.TryGetValue(entry.Address, out var own) || !ReferenceEquals(own, entry))
            throw new InvalidOperationException($"{entry.Address} is not in this ledger any more");
        if (entry.State != state)
            throw new InvalidOperationException($"{entry.Address} is {entry.State}, not {state}");
    }
}
