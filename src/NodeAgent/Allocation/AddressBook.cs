using Microsoft.Extensions.Logging;
using Vnetcni.AgentProtocol;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation.Checkpoint;

namespace Vnetcni.NodeAgent.Allocation;

/// <summary>
/// The ledger with its checkpoint and its queue of waiting ADDs, as one thing under one lock. Each method changes the ledger and
/// keeps the records, then returns; nothing is awaited and nobody is woken under the lock.
/// </summary>
internal sealed partial class AddressBook(
    AddressLedger ledger, ILedgerStore store, LedgerMeta meta, AgentSettings settings, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<PendingAdd> _waiting = new();
    private readonly Dictionary<Owner, PendingAdd> _adds = [];
    private readonly SortedSet<IpAddress> _unkept = [];
    private LedgerMeta _meta = meta;
    private bool _closed;

    /// <summary>Given when links wait for the reaper, or addresses rest.</summary>
    public AsyncSignal Reaping { get; } = new(time);

    /// <summary>Given when what the pool's owner should know may have changed.</summary>
    public AsyncSignal Usage { get; } = new(time);

    /// <summary>ADDs that wait for an address.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Counts by state.</summary>
    public LedgerCounts Count()
    {
        lock (_gate)
            return ledger.Count();
    }

    /// <summary>The record of what an owner holds, or null.</summary>
    public LedgerRecord? Find(Owner owner)
    {
        lock (_gate)
            return ledger.TryFind(owner, out var entry) ? entry.ToRecord() : null;
    }

    /// <summary>
    /// Everyone of a network who holds or claims an address, as of now. An ADD that is not through is not among them: it holds
    /// what nobody outside may free but a DEL of its owner.
    /// </summary>
    public IReadOnlyList<MadeAttachment> AttachmentsOf(string network)
    {
        lock (_gate)
        {
            var holders = ledger.Entries.Where(entry => entry.State == AddressState.Assigned && !_adds.ContainsKey(entry.Owner!))
                .Select(entry => new MadeAttachment(entry.Owner!, entry.Attachment));
            var claimants = ledger.Entries.SelectMany(entry => entry.Claimants).Select(owner => new MadeAttachment(owner, 0));
            return [.. holders.Concat(claimants).Where(made => made.Owner.Network == network).DistinctBy(made => made.Owner)
                .OrderBy(made => made.Owner.ToString(), StringComparer.Ordinal)];
        }
    }

    /// <summary>Every record, for a look from outside.</summary>
    public IReadOnlyList<LedgerRecord> Records()
    {
        lock (_gate)
            return [.. ledger.Entries.Select(entry => entry.ToRecord())];
    }

    /// <summary>Registers an ADD. Throws when the owner has its address, or another ADD of it runs.</summary>
    public PendingAdd Begin(Owner owner, string hostInterface, ulong namespaceInode)
    {
        lock (_gate)
        {
            if (ledger.TryFind(owner, out var held) && held.Plumbed)
            {
                throw new CniException(
                    CniErrorCode.InterfaceExists,
                    $"{owner.InterfaceName} of container {owner.ContainerId} is attached already",
                    $"it holds {held.Address}, nothing was changed; DEL comes before another ADD");
            }

            if (ledger.Entries.FirstOrDefault(entry => entry.Claimants.Contains(owner)) is { } claimed)
            {
                throw new CniException(
                    CniErrorCode.InterfaceExists, $"{owner} claims {claimed.Address}, which is quarantined", $"{claimed.Reason}; DEL frees it");
            }

            var add = new PendingAdd(owner, hostInterface, namespaceInode);
            if (!_adds.TryAdd(owner, add))
            {
                throw new CniException(
                    CniErrorCode.TryAgainLater, $"another ADD of {owner} is running", "wait for its answer, or DEL first");
            }

            return add;
        }
    }

    /// <summary>
    /// An address for the ADD: at once, or when its turn comes. Throws NoAddress after the time, TryAgainLater when the queue is
    /// full or a DEL ended the ADD, <see cref="OperationCanceledException"/> when the caller is gone.
    /// </summary>
    public async Task<LedgerEntry> TakeAsync(PendingAdd add, TimeSpan timeout, Func<CniException> timedOut, CancellationToken callerGone)
    {
        lock (_gate)
        {
            if (add.Ended)
                throw Ended(add.Owner);
            if (_closed)
                throw Closed();
            if (_waiting.Count == 0 && TryAssign(add))
                return add.Entry!;
            if (_waiting.Count >= settings.MaxWaitingAdds)
            {
                throw new CniException(
                    CniErrorCode.TryAgainLater,
                    $"{_waiting.Count} ADDs wait for an address already",
                    $"the node {settings.NodeName} lets no more wait; kubectl describe nodeippool {settings.NodeName} says why it has no address");
            }

            add.Place = _waiting.AddLast(add);
        }

        // At the limit a resting address may do, now that somebody waits.
        Reaping.Set();
        Usage.Set();
        using var timer = time.CreateTimer(_ => GiveUp(add, timedOut()), null, timeout, Timeout.InfiniteTimeSpan);
        using var gone = callerGone.Register(() => GiveUp(add, new OperationCanceledException(callerGone)));
        return await add.Turn.Task;
    }

    /// <summary>
    /// The link is whole: keeps that. False when a DEL came meanwhile; the address is freed and its link left to the reaper.
    /// </summary>
    public bool Complete(PendingAdd add, out long attachment)
    {
        lock (_gate)
        {
            attachment = add.Entry?.Attachment ?? 0;
            if (add.Ended)
                return false;
            ledger.MarkPlumbed(add.Entry!);
            Keep(add.Entry!);
            _adds.Remove(add.Owner);
            return true;
        }
    }

    /// <summary>The ADD failed or was ended. What it holds goes back: at once when no link was made, else by the reaper.</summary>
    public void Abandon(PendingAdd add, bool linkMade)
    {
        List<PendingAdd> granted = [];
        lock (_gate)
        {
            if (!add.Ended)
                _adds.Remove(add.Owner);
            if (add.Entry is { } entry)
                GiveBack(add, entry, linkMade);
            Serve(granted);
        }

        Wake(granted);
        Reaping.Set();
        Usage.Set();
    }

    /// <summary>
    /// Ends the queue: ADDs that wait are told to try again, and none is served any more. The ledger is another process's from here
    /// on; one address assigned later would be assigned behind its back.
    /// </summary>
    public void Close()
    {
        List<PendingAdd> ended;
        lock (_gate)
        {
            _closed = true;
            ended = [.. _waiting];
            _waiting.Clear();
            foreach (var add in ended)
                add.Place = null;
        }

        foreach (var add in ended)
            add.Turn.TrySetException(Closed());
    }

    private void GiveBack(PendingAdd add, LedgerEntry entry, bool linkMade)
    {
        if (add.Ended)
        {
            // The DEL has freed it and left the link to whoever plumbs.
            _leaving[entry.Address] = LinkState.Present;
        }
        else if (linkMade)
        {
            ledger.Free(add.Owner, time.GetUtcNow());
            _leaving[entry.Address] = LinkState.Present;
            TryKeep(entry);
        }
        else
        {
            ledger.Return(entry, time.GetUtcNow());
            TryKeep(entry);
        }
    }

    private void GiveUp(PendingAdd add, Exception reason)
    {
        lock (_gate)
        {
            if (add.Place is null)
                return;
            _waiting.Remove(add.Place);
            add.Place = null;
        }

        add.Turn.TrySetException(reason);
        Usage.Set();
    }

    // Whoever has waited for longest first. Completed outside the lock by Wake.
    private void Serve(List<PendingAdd> granted)
    {
        while (_waiting.First is { } first)
        {
            try
            {
                if (!TryAssign(first.Value))
                    return;
            }
            catch (CniException e)
            {
                first.Value.Failure = e;
            }

            _waiting.Remove(first);
            first.Value.Place = null;
            granted.Add(first.Value);
        }
    }

    private static void Wake(List<PendingAdd> granted)
    {
        foreach (var add in granted)
        {
            if (add.Failure is { } failure)
                add.Turn.TrySetException(failure);
            else
                add.Turn.TrySetResult(add.Entry!);
        }
    }

    private bool TryAssign(PendingAdd add)
    {
        var now = time.GetUtcNow();
        var outcome = ledger.TryAssign(add.Owner, add.HostInterface, add.NamespaceInode, now, out var entry);
        if (outcome == AssignOutcome.NoAddress)
            return false;
        if (outcome == AssignOutcome.AlreadyHeld)
            throw new CniException(CniErrorCode.Internal, $"{add.Owner} holds {entry!.Address} without a link", "DEL, then ADD again");
        try
        {
            Keep(entry!);
        }
        catch (CniException)
        {
            ledger.Return(entry!, now);
            throw;
        }

        add.Entry = entry;
        return true;
    }

    // Throws Io: what is not kept is not done.
    private void Keep(LedgerEntry entry)
    {
        try
        {
            store.Append(entry.ToRecord());
            _unkept.Remove(entry.Address);
        }
        catch (IOException e)
        {
            _unkept.Add(entry.Address);
            throw new CniException(CniErrorCode.Io, "the ledger's checkpoint can't be written", e.Message);
        }
    }

    // For what has happened anyway: kept with the next report at the latest.
    private CniException? TryKeep(LedgerEntry entry)
    {
        try
        {
            Keep(entry);
            return null;
        }
        catch (CniException e)
        {
            CheckpointFailed(logger, entry.Address, e.Details);
            return e;
        }
    }

    private static CniException Closed() =>
        new(CniErrorCode.TryAgainLater, "the agent is stopping", "the runtime tries again; the next agent goes on from the ledger");

    private static CniException Ended(Owner owner) =>
        new(CniErrorCode.TryAgainLater, $"a DEL of {owner} ended this ADD", "the address was freed");
}
