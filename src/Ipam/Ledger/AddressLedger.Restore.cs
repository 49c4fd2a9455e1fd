namespace Vnetcni.Ipam.Ledger;

// The way back from a checkpoint.
public sealed partial class AddressLedger
{
    /// <summary>Puts a recorded address back, as far as it can be known after a restart. Nothing is listed yet.</summary>
    internal LedgerEntry Restore(LedgerRecord record, DateTimeOffset now, bool hold)
    {
        var entry = new LedgerEntry(record.Address)
        {
            // Whether a withdrawal won is not known any more: the offer stands.
            State = record.State == AddressState.Withdrawing ? AddressState.Offered : record.State,
            Owner = record.Owner,
            HostInterface = record.HostInterface,
            NamespaceInode = record.NamespaceInode,
            Plumbed = record.Plumbed,
            Since = record.Since,
            Until = record.Until,
            Reason = record.Reason,
            Promised = record.Promised,
        };
        // Format 1 of the checkpoint knew one claimant only: the owner.
        if (record.State == AddressState.Quarantined)
            entry.Claimants = record.Claimants.Count > 0 || record.Owner is null ? record.Claimants : [record.Owner];
        if (record.State == AddressState.Assigned)
            entry.Attachment = ++_attachments;
        if (record.State == AddressState.Cooling)
            GoOnResting(entry, now);
        _entries[record.Address] = entry;
        if (hold && record.State == AddressState.Assigned)
            _holders.Add(record.Owner!, entry);
        return entry;
    }

    private void GoOnResting(LedgerEntry entry, DateTimeOffset now)
    {
        NeverRestLonger(entry, now);
        entry.Until = Min(entry.Until, now + Policy.ReuseCooldown);
        if (entry.Until <= now)
            EndRest(entry);
    }

    // A clock that was set back must not make a rest longer than it is.
    private void NeverRestLonger(LedgerEntry entry, DateTimeOffset now)
    {
        if (entry.Since <= now)
            return;
        entry.Since = now;
        entry.Until = Min(entry.Until, now + Policy.ReuseCooldown);
    }
}
