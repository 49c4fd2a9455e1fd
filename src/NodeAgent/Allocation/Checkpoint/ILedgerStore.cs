using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;

namespace Vnetcni.NodeAgent.Allocation.Checkpoint;

/// <summary>
/// Keeps the ledger over a restart of the agent. A method that returned has kept its record, even if the process is killed the
/// next moment. Called by one caller at a time. Every method but <see cref="Load"/> throws <see cref="IOException"/> when the
/// record could not be kept.
/// </summary>
public interface ILedgerStore
{
    /// <summary>Rewrites that failed since the start; what was kept before them is kept still.</summary>
    long FailedCompactions => 0;

    /// <summary>What was kept on this boot.</summary>
    LedgerImage Load();

    /// <summary>Keeps an address's record; the last one of an address counts.</summary>
    void Append(in LedgerRecord record);

    /// <summary>Forgets an address.</summary>
    void Drop(IpAddress address);

    /// <summary>Keeps what is not about one address.</summary>
    void Append(LedgerMeta meta);

    /// <summary>Replaces all that was kept, at once or not at all.</summary>
    void Replace(IReadOnlyCollection<LedgerRecord> records, LedgerMeta meta);
}

/// <summary>What is kept besides the addresses.</summary>
/// <param name="Fenced">See <see cref="AddressLedger.Fenced"/>.</param>
/// <param name="Revision">The highest usage revision that may have been sent.</param>
public sealed record LedgerMeta(bool Fenced, long Revision)
{
    /// <summary>The rest in effect: what is freed at the next start, before the pool is read, rests for as long.</summary>
    public TimeSpan ReuseCooldown { get; init; } = new LedgerPolicy().ReuseCooldown;

    /// <summary>Of a node that never reported on this boot.</summary>
    public static LedgerMeta None { get; } = new(false, 0);
}

/// <summary>What a store holds.</summary>
/// <param name="Valid">
/// False when there is nothing of this boot, or when it could not be read whole: then the kernel's links are the only witness.
/// </param>
/// <param name="Records">One per address, in the order of the addresses.</param>
/// <param name="Meta">The rest.</param>
/// <param name="Finding">For people: why it is not valid, or what was cut off; empty when all is well.</param>
public sealed record LedgerImage(bool Valid, IReadOnlyList<LedgerRecord> Records, LedgerMeta Meta, string Finding)
{
    /// <summary>Whether an address was quarantined already.</summary>
    public bool IsQuarantined(IpAddress address) => Records.Any(record => record.Address == address && record.State == AddressState.Quarantined);

    /// <summary>Nothing kept.</summary>
    public static LedgerImage Nothing(string finding) => new(false, [], LedgerMeta.None, finding);
}
