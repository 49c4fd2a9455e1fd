using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation.Checkpoint;
using Vnetcni.Simulation.Tests.World.Processes;

namespace Vnetcni.Simulation.Tests.World.Nodes;

/// <summary>What a node's tmpfs holds of the ledger; a reboot brings an empty one.</summary>
internal sealed class LedgerTmpfs
{
    public SortedDictionary<IpAddress, LedgerRecord> Records { get; } = [];

    public LedgerMeta? Meta { get; set; }
}

/// <summary>The checkpoint of one agent process, which may be killed right after a record is kept.</summary>
internal sealed class MemoryLedgerStore(LedgerTmpfs tmpfs, SimProcess process, Weather weather) : ILedgerStore
{
    public LedgerImage Load()
    {
        process.RequireAlive();
        return tmpfs.Meta is { } meta
            ? new LedgerImage(true, [.. tmpfs.Records.Values], meta, string.Empty)
            : LedgerImage.Nothing(string.Empty);
    }

    public void Append(in LedgerRecord record)
    {
        RequireAlive();
        tmpfs.Records[record.Address] = record;
        AfterWrite();
    }

    public void Drop(IpAddress address)
    {
        RequireAlive();
        tmpfs.Records.Remove(address);
        AfterWrite();
    }

    public void Append(LedgerMeta meta)
    {
        RequireAlive();
        tmpfs.Meta = meta;
        AfterWrite();
    }

    public void Replace(IReadOnlyCollection<LedgerRecord> records, LedgerMeta meta)
    {
        RequireAlive();
        tmpfs.Records.Clear();
        foreach (var record in records)
            tmpfs.Records.Add(record.Address, record);
        tmpfs.Meta = meta;
        AfterWrite();
    }

    private void RequireAlive()
    {
        if (process.IsDead)
            throw new IOException($"{process.Name} was killed");
    }

    private void AfterWrite()
    {
        if (weather.Happens(weather.Rates.AgentDies))
            process.Kill();
    }
}
