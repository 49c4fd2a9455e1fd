using Vnetcni.AgentProtocol;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;

namespace Vnetcni.NodeAgent.Allocation;

// From DEL to the end of the rest.
internal sealed partial class AddressBook
{
    private readonly SortedDictionary<IpAddress, LinkState> _leaving = [];
    private TaskCompletionSource _round = new();
    private bool _sweepWanted;

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
    public IReadOnlyList<LeavingLink> Free(Owner owner)
    {
        PendingAdd? ended = null;
        List<LeavingLink> links = [];
        try
        {
            lock (_gate)
            {
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
            if (_leaving.ContainsKey(link.Address))
                _leaving[link.Address] = done ? LinkState.Detached : LinkState.Present;
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

            return links;
        }
    }

    /// <summary>The addresses of all detached links: the next sweep deletes those. Null when there is nothing to sweep.</summary>
    public IReadOnlyList<IpAddress>? BeginSweep()
    {
        lock (_gate)
        {
            List<IpAddress> batch = [.. _leaving.Where(leaving => leaving.Value == LinkState.Detached).Select(leaving => leaving.Key)];
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
    public void Swept(IReadOnlyList<IpAddress> batch)
    {
        TaskCompletionSource round;
        lock (_gate)
        {
            var now = time.GetUtcNow();
            foreach (var address in batch)
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
            if (add?.Entry != entry)
                links.Add(new LeavingLink(NameOf(entry, owner), entry.Address));
            failure = TryKeep(entry) ?? failure;
        }

        if (failure is null)
            return;
        // The caller won't detach: the reaper will.
        foreach (var link in links.Where(link => _leaving.ContainsKey(link.Address)))
            _leaving[link.Address] = LinkState.Present;
        throw failure;
    }

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
internal readonly record struct LeavingLink(string HostInterface, IpAddress Address);
