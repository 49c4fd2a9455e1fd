using Vnetcni.AgentProtocol;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation.Checkpoint;

namespace Vnetcni.NodeAgent.Allocation;

// The side towards the pool: what it lists, what is given back.
internal sealed partial class AddressBook
{
    /// <summary>No usage write of an older self can take an address away any more.</summary>
    public bool Fenced
    {
        get
        {
            lock (_gate)
                return ledger.Fenced;
        }
    }

    /// <summary>The highest usage revision that may have been sent.</summary>
    public long Revision
    {
        get
        {
            lock (_gate)
                return _meta.Revision;
        }
    }

    /// <summary>Takes in a version of the pool's status and serves whoever waits.</summary>
    public void Publish(Publication publication, LedgerPolicy policy)
    {
        List<PendingAdd> granted = [];
        lock (_gate)
        {
            ledger.Policy = policy;
            var fenced = ledger.Fenced;
            var outcome = ledger.Publish(publication, time.GetUtcNow());
            foreach (var address in outcome.Dropped)
                Forget(address);
            foreach (var entry in outcome.Changed)
                TryKeep(entry);
            foreach (var entry in outcome.NewlyMissing)
                AddressMissing(logger, entry.Address, entry.Owner?.ToString() ?? string.Empty);
            var latest = _meta with { Fenced = fenced || ledger.Fenced, ReuseCooldown = policy.ReuseCooldown };
            if (latest != _meta)
                KeepMeta(latest);
            Serve(granted);
        }

        Wake(granted);
        Reaping.Set();
    }

    /// <summary>Addresses of the ledger, in use or not.</summary>
    public IReadOnlyList<IpAddress> Addresses()
    {
        lock (_gate)
            return [.. ledger.Entries.Select(entry => entry.Address)];
    }

    /// <summary>See <see cref="AddressLedger.Missing"/>.</summary>
    public IReadOnlyList<IpAddress> Missing()
    {
        lock (_gate)
            return ledger.Missing();
    }

    /// <summary>Addresses that may be another node's at any moment: offers, those included whose withdrawal is not known to have won.</summary>
    public IReadOnlyList<IpAddress> Offered()
    {
        lock (_gate)
            return [.. ledger.Entries.Where(entry => entry.State is AddressState.Offered or AddressState.Withdrawing).Select(entry => entry.Address)];
    }

    /// <summary>
    /// Takes addresses out of use, or begins to take offers back, and gives what usage has to list. Nothing may be reported
    /// when it throws: an offer that is not kept must not be seen.
    /// </summary>
    /// <param name="release">Free addresses to offer.</param>
    /// <param name="withdraw">Offers to take back.</param>
    public IReadOnlyList<IpAddress> Offer(int release, int withdraw)
    {
        lock (_gate)
        {
            foreach (var address in _unkept.ToArray())
            {
                if (ledger.TryFind(address, out var entry))
                    Keep(entry);
                else
                    _unkept.Remove(address);
            }

            var latest = _meta with { Fenced = ledger.Fenced, ReuseCooldown = ledger.Policy.ReuseCooldown };
            if (latest != _meta)
                KeepMeta(latest);
            var offered = release > 0 ? ledger.Releasable().Take(release).ToArray() : [];
            ledger.Offer(offered);
            foreach (var entry in offered)
                Keep(entry);
            if (withdraw > 0)
                ledger.Withdraw(withdraw);
            return ledger.Offers();
        }
    }

    /// <summary>A revision that no write of this node has had, kept before it is given. Throws Io.</summary>
    public long NextRevision(long seen)
    {
        lock (_gate)
        {
            var next = _meta with { Revision = Math.Max(_meta.Revision, seen) + 1 };
            try
            {
                store.Append(next);
            }
            catch (IOException e)
            {
                throw new CniException(CniErrorCode.Io, "the ledger's checkpoint can't be written", e.Message);
            }

            _meta = next;
            return next.Revision;
        }
    }

    private void KeepMeta(LedgerMeta next)
    {
        try
        {
            store.Append(next);
            _meta = next;
        }
        catch (IOException e)
        {
            CheckpointFailed(logger, default, e.Message);
        }
    }
}
