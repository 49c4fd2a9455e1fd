using Vnetcni.AgentProtocol;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;

namespace Vnetcni.NodeAgent.Allocation;

// From DEL to the end of the rest.
internal sealed partial class AddressBook
{
    private readonly SortedDictionary<IpAddress, LinkState> _leaving = [];

    // Links that have to go and that no entry stands for, by name.
    private readonly SortedDictionary<string, LooseLink> _loose = new(StringComparer.Ordinal);
    private TaskCompletionSource _round = new();
    private bool _sweepWanted;

    private readonly record struct LooseLink(IpAddress Address, LinkState State);

    private enum LinkState
    {
        /// <summary>To be detached by the reaper.</summary>
        Present,

        /// <summary>Somebody works on it: an ADD that plumbs, or a DEL that detaches.</summary>
        Busy,

        /// <summary>Detached: gone with the next sweep.</summary>
        Detached,
    }

    /// <summary>
    /// Frees what the owner holds and ends its ADD. Returns the links that the caller has to detach, at most one in all but
    /// quarantined cases. Throws Io when it could not be kept; it has happened nevertheless.
    /// </summary>
    public IReadOnlyList<LeavingLink> Free(Owner owner) => Free(owner, _ => true);

    /// <summary>
    /// The same for one attachment: nothing happens when its owner holds another by now, or another ADD of it runs. Who looked
    /// at the ledger a while ago frees by this.
    /// </summary>
    public IReadOnlyList<LeavingLink> Free(MadeAttachment made) => Free(made.Owner, owner => IsThere(made));

    private List<LeavingLink> Free(Owner owner, Func<Owner, bool> applies)
    {
        PendingAdd? ended = null;
        List<LeavingLink> links = [];
        try
        {
            lock (_gate)
            {
                if (!applies(owner))
                    return links;
                if (_adds.Remove(owner, out var add))
                {
                    add.Ended = true;
                    if (add.Place is not null)
                    {
                        _waiting.Remove(add.Place);
                        add.Place = null;
                        ended = add;
                    }
                }

                FreeHeld(owner, add, links);
            }
        }
        finally
        {
            ended?.Turn.TrySetException(Ended(owner));
        }

        return links;
    }

    /// <summary>What came of detaching a link: when it failed, the reaper tries again.</summary>
    public void Detached(LeavingLink link, bool done)
    {
        lock (_gate)
        {
            _sweepWanted = true;
            Mark(link, done ? LinkState.Detached : LinkState.Present);
        }
    }

    /// <summary>Links that nobody has detached yet; they are the caller's from now on.</summary>
    public IReadOnlyList<LeavingLink> TakeAttached()
    {
        lock (_gate)
        {
            List<LeavingLink> links = [];
            foreach (var entry in ledger.Entries)
            {
                if (entry.State != AddressState.Detaching || _leaving.GetValueOrDefault(entry.Address, LinkState.Present) != LinkState.Present)
                    continue;
                _leaving[entry.Address] = LinkState.Busy;
                links.Add(LinkOf(entry));
            }

            foreach (var (name, loose) in _loose.Where(loose => loose.Value.State == LinkState.Present).ToArray())
            {
                _loose[name] = loose with { State = LinkState.Busy };
                links.Add(new LeavingLink(name, loose.Address, IsLoose: true));
            }

            return links;
        }
    }

    /// <summary>
    /// A link that the kernel has and nobody here stands for: the reaper takes it away. False when an ADD, a holder, a claimant
    /// or a DEL stands for it by now.
    /// </summary>
    public bool Loosen(string hostInterface, IpAddress address, Owner? owner)
    {
        lock (_gate)
        {
            if (_adds.Values.Any(add => add.HostInterface == hostInterface || add.Owner == owner)
                || ledger.Entries.Any(entry => StandsFor(entry, hostInterface, owner)))
                return false;
            _loose.TryAdd(hostInterface, new LooseLink(address, LinkState.Present));
        }

        Reaping.Set();
        return true;
    }

    /// <summary>All detached links: the next sweep deletes those. Null when there is nothing to sweep.</summary>
    public SweepBatch? BeginSweep()
    {
        lock (_gate)
        {
            var batch = new SweepBatch(
                [.. _leaving.Where(leaving => leaving.Value == LinkState.Detached).Select(leaving => leaving.Key)],
                [.. _loose.Where(loose => loose.Value.State == LinkState.Detached).Select(loose => loose.Key)]);
            var wanted = _sweepWanted;
            _sweepWanted = false;
            return wanted || batch.Count > 0 ? batch : null;
        }
    }

    /// <summary>The sweep failed and has to be done again.</summary>
    public void SweepAgain()
    {
        lock (_gate)
            _sweepWanted = true;
    }

    /// <summary>The sweep is done: the addresses rest, ADDs that waited for it go on.</summary>
    public void Swept(SweepBatch batch)
    {
        TaskCompletionSource round;
        lock (_gate)
        {
            var now = time.GetUtcNow();
            foreach (var name in batch.Loose)
                _loose.Remove(name);
            foreach (var address in batch.Addresses)
            {
                _leaving.Remove(address);
                if (!ledger.TryFind(address, out var entry) || entry.State != AddressState.Detaching)
                    continue;
                ledger.Reaped(entry, now);
                if (ledger.TryFind(address, out _))
                    TryKeep(entry);
                else
                    Forget(address);
            }

            round = _round;
            _round = new TaskCompletionSource();
        }

        round.TrySetResult();
        Usage.Set();
    }

    /// <summary>Ends rests that are over and serves whoever waits. Returns when to come again; null for not before a signal.</summary>
    public DateTimeOffset? Tick()
    {
        List<PendingAdd> granted = [];
        DateTimeOffset? next;
        int changed;
        lock (_gate)
        {
            changed = ledger.Tick(time.GetUtcNow());
            Serve(granted);
            next = ledger.NextChange(wanted: _waiting.Count > 0);
        }

        Wake(granted);
        if (changed > 0 || granted.Count > 0)
            Usage.Set();
        return next;
    }

    /// <summary>
    /// Whether an ADD has to wait for the next sweep, because the same owner's link, or one in the same place of the same
    /// namespace, is still there.
    /// </summary>
    public bool IsBlocked(PendingAdd add, out Task sweep)
    {
        lock (_gate)
        {
            if (add.Ended)
                throw Ended(add.Owner);
            sweep = _round.Task;
            if (_loose.ContainsKey(add.HostInterface))
                return true;
            foreach (var entry in ledger.Entries)
            {
                if (entry.State == AddressState.Detaching && IsInTheWay(entry, add))
                    return true;
            }

            return false;
        }
    }

    private static bool IsInTheWay(LedgerEntry entry, PendingAdd add) =>
        entry.Owner == add.Owner || entry.HostInterface == add.HostInterface
        || (add.NamespaceInode != 0 && entry.NamespaceInode == add.NamespaceInode && entry.Owner?.InterfaceName == add.Owner.InterfaceName);

    private void FreeHeld(Owner owner, PendingAdd? add, List<LeavingLink> links)
    {
        LedgerEntry[] claimed = [.. ledger.Entries.Where(entry => entry.State == AddressState.Quarantined && entry.Claimants.Contains(owner))];
        if (ledger.Free(owner, time.GetUtcNow()) is null)
            return;
        CniException? failure = null;
        foreach (var entry in ledger.Entries)
        {
            var stillClaimed = entry.State == AddressState.Quarantined && claimed.Contains(entry);
            var leaves = entry.State == AddressState.Detaching && entry.Owner == owner && !_leaving.ContainsKey(entry.Address);
            if (!stillClaimed && !leaves)
                continue;
            if (leaves)
                _leaving[entry.Address] = LinkState.Busy;
            // An ADD that plumbs right now hands its link over when it is through.
            // The entry of an address that somebody else still claims says nothing about this owner's link any more.
            if (add?.Entry != entry)
                links.Add(new LeavingLink(NameOf(entry, owner), entry.Address, IsLoose: stillClaimed));
            if (stillClaimed)
                _loose[NameOf(entry, owner)] = new LooseLink(entry.Address, LinkState.Busy);
            failure = TryKeep(entry) ?? failure;
        }

        if (failure is null)
            return;
        // The caller won't detach: the reaper will.
        foreach (var link in links)
            Mark(link, LinkState.Present);
        throw failure;
    }

    private void Mark(LeavingLink link, LinkState state)
    {
        if (link.IsLoose && _loose.TryGetValue(link.HostInterface, out var loose))
            _loose[link.HostInterface] = loose with { State = state };
        else if (!link.IsLoose && _leaving.ContainsKey(link.Address))
            _leaving[link.Address] = state;
    }

    // A claim has no number: it is there as long as somebody claims, and its owner can't hold anything meanwhile.
    private bool IsThere(MadeAttachment made)
    {
        if (_adds.ContainsKey(made.Owner))
            return false;
        return ledger.TryFind(made.Owner, out var held) ? held.Attachment == made.Number : made.Number == 0;
    }

    private static bool StandsFor(LedgerEntry entry, string hostInterface, Owner? owner) =>
        entry.State is AddressState.Assigned or AddressState.Detaching or AddressState.Quarantined
        && (entry.HostInterface == hostInterface || (owner is not null && (entry.Owner == owner || entry.Claimants.Contains(owner))));

    private LeavingLink LinkOf(LedgerEntry entry) => new(NameOf(entry, entry.Owner!), entry.Address);

    private string NameOf(LedgerEntry entry, Owner owner) =>
        entry.HostInterface.Length > 0 && entry.Owner == owner ? entry.HostInterface : HostInterfaceName.Of(owner, settings.VethPrefix);

    private void Forget(IpAddress address)
    {
        try
        {
            store.Drop(address);
        }
        catch (IOException e)
        {
            CheckpointFailed(logger, address, e.Message);
        }
    }
}

/// <summary>A host link on its way out, and the address routed to it.</summary>
internal readonly record struct LeavingLink(string HostInterface, IpAddress Address, bool IsLoose = false)
{
    /// <summary>The destination of the route that goes with it; 0.0.0.0 where none is known.</summary>
    public System.Net.IPAddress Destination => Address.IsNone ? System.Net.IPAddress.Any : Address.ToIPAddress();
}

/// <summary>What one sweep deletes: links whose addresses rest from then on, and links that nobody stands for.</summary>
internal sealed record SweepBatch(IReadOnlyList<IpAddress> Addresses, IReadOnlyList<string> Loose)
{
    public int Count => Addresses.Count + Loose.Count;
}

/// <summary>An attachment as it was when somebody looked: its owner may hold another by now.</summary>
/// <param name="Owner">Whose.</param>
/// <param name="Number">See <see cref="LedgerEntry.Attachment"/>; 0 for the claim to a quarantined address.</param>
internal readonly record struct MadeAttachment(Owner Owner, long Number);
