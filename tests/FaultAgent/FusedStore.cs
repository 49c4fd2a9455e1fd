using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation.Checkpoint;

namespace Vnetcni.FaultAgent;

/// <summary>The real checkpoint, with a half step before and after every call.</summary>
internal sealed class FusedStore(FileLedgerStore inner, Fuse fuse) : ILedgerStore
{
    public LedgerImage Load()
    {
        fuse.Half();
        var image = inner.Load();
        fuse.Half();
        return image;
    }

    public void Append(in LedgerRecord record)
    {
        fuse.Half();
        inner.Append(record);
        fuse.Half();
    }

    public void Drop(IpAddress address)
    {
        fuse.Half();
        inner.Drop(address);
        fuse.Half();
    }

    public void Append(LedgerMeta meta)
    {
        fuse.Half();
        inner.Append(meta);
        fuse.Half();
    }

    public void Replace(IReadOnlyCollection<LedgerRecord> records, LedgerMeta meta)
    {
        fuse.Half();
        inner.Replace(records, meta);
        fuse.Half();
    }
}
