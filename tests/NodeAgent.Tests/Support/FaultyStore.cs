using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation.Checkpoint;

namespace Vnetcni.NodeAgent.Tests.Support;

/// <summary>A real store that the process can be killed at, and whose disk can be full.</summary>
internal sealed class FaultyStore(FileLedgerStore inner, FaultPoints faults) : ILedgerStore
{
    public bool Full { get; set; }

    public LedgerImage Load() => inner.Load();

    public void Append(in LedgerRecord record)
    {
        Enter();
        inner.Append(record);
        faults.After();
    }

    public void Drop(IpAddress address)
    {
        Enter();
        inner.Drop(address);
        faults.After();
    }

    public void Append(LedgerMeta meta)
    {
        Enter();
        inner.Append(meta);
        faults.After();
    }

    public void Replace(IReadOnlyCollection<LedgerRecord> records, LedgerMeta meta)
    {
        Enter();
        inner.Replace(records, meta);
        faults.After();
    }

    private void Enter()
    {
        faults.Before();
        if (Full)
            throw new IOException("No space left on device");
    }
}
