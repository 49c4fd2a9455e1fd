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
        };
        if (record.State == AddressState.Quarantined && record.Owner is not null)
            entry.Claimants = [record.Owner];
        if (record.State == AddressState.Cooling)
            Rest(entry, now);
        _entries[record.Address] = entry;
        if (hold && record.State == AddressState.Assigned)
            _holders.Add(record.Owner!, entry);
        return entry;
    }

    private void Rest(LedgerEntry entry, DateTimeOffset now)
    {
        // A clock that was set back must not make the rest longer than it is.
        if (entry.Since > now)
            entry.Since = now;
        entry.Until = Min(entry.Until, now + Policy.ReuseCooldown);
        if (entry.Until <= now)
            entry.State = AddressState.Free;
    }
}
