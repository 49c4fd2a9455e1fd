using System.Numerics;

namespace Vnetcni.Ipam.Tests.Exploration.Node;

/// <summary>
/// One node with its interface, the pool object, the budget object, two leaders and an agent. Addresses are numbers from 0,
/// sets of them bit masks; an interface is a number with two bits per slot (0: empty, else the address + 1). ETags and versions
/// are never compared but for equality: ETags are renamed in the order in which they appear, of a version it counts whether
/// it is still the present one.
/// </summary>
internal struct NodeState
{
    public const int Addresses = 3;
    public const int Slots = 4;

    public int Nic;
    public int Etag;

    /// <summary>An operation runs; before it the interface was <see cref="Before"/>.</summary>
    public bool Busy;
    public int Before;
    public int BeforeEtag;

    public PoolState Pool;

    /// <summary>The usage in the pool is the agent's latest write.</summary>
    public bool UsageIsLatest;

    public ReservationState Reservation;
    public int Used;

    public LeaderState LeaderA;
    public LeaderState LeaderB;

    /// <summary>
    /// PUTs on their way, whoever sent them, under the ETag that the interface has: bit 8 says that there is one, then slots to
    /// leave out and slots to add, four bits each. The same twice is the same as once: ARM takes one of them at most.
    /// </summary>
    public int PutA;
    public int PutB;
    public AgentState Agent;

    /// <summary>Addresses of running pods, and of host links in the kernel.</summary>
    public int Live;
    public int Links;

    /// <summary>Pods that are bound to the node.</summary>
    public int Pods;

    public readonly int OnNic => NicAddresses(Nic);

    public static int NicAddresses(int nic)
    {
        var mask = 0;
        for (var slot = 0; slot < Slots; slot++)
        {
            if (At(nic, slot) is >= 0 and var address)
                mask |= 1 << address;
        }

        return mask;
    }

    /// <summary>The address at a slot; -1 for none.</summary>
    public static int At(int nic, int slot) => ((nic >> (2 * slot)) & 3) - 1;

    public static int With(int nic, int slot, int address) => (nic & ~(3 << (2 * slot))) | ((address + 1) << (2 * slot));

    public static int Count(int mask) => BitOperations.PopCount((uint)mask);
}

/// <summary>The pool object.</summary>
internal struct PoolState : IEquatable<PoolState>
{
    public const int NoEtag = 15;

    /// <summary>Two bits per address: 0 not listed, 1 Available, 2 Releasing.</summary>
    public int Listed;

    /// <summary>Two bits per address: the slot that the list names.</summary>
    public int SlotOf;

    public int Settled;

    /// <summary>0: no report yet; else the wanted size + 1.</summary>
    public int Desired;

    public int Releasable;

    public readonly int State(int address) => (Listed >> (2 * address)) & 3;

    public readonly int Available => Mask(1);

    public readonly int Releasing => Mask(2);

    public readonly bool Equals(PoolState other) =>
        Listed == other.Listed && SlotOf == other.SlotOf && Settled == other.Settled && Desired == other.Desired && Releasable == other.Releasable;

    public override readonly bool Equals(object? obj) => obj is PoolState other && Equals(other);

    public override readonly int GetHashCode() => Listed | (SlotOf << 6) | (Settled << 12) | (Desired << 16) | (Releasable << 18);

    private readonly int Mask(int state)
    {
        var mask = 0;
        for (var address = 0; address < NodeState.Addresses; address++)
            mask |= State(address) == state ? 1 << address : 0;
        return mask;
    }
}

/// <summary>The pool's reservation in the budget object.</summary>
internal record struct ReservationState
{
    public bool Open;
    public int Base;
    public int Ceiling;
    public int Etag;
}

/// <summary>Where a leader is in its step.</summary>
internal enum At
{
    Rest,
    ReadBudget,
    ReadPool,
    ReadAll,
    Write,
}

/// <summary>A leader: what it has read.</summary>
internal struct LeaderState
{
    public At At;
    public bool BudgetIsFresh;
    public ReservationState Reservation;
    public bool PoolIsFresh;
    public PoolState Pool;
    public int Nic;
    public int NicEtag;
}

/// <summary>The agent: its ledger as <see cref="LedgerMoves"/> writes it, and usage writes on their way.</summary>
internal struct AgentState
{
    public int Ledger;

    /// <summary>What it saw last is the pool's present version. Of an older one it only matters that a write by it fails.</summary>
    public bool ViewIsFresh;

    public UsageWrite Older;
    public UsageWrite Newer;
}

/// <summary>A usage write on its way.</summary>
internal struct UsageWrite
{
    public bool Flies;
    public int Desired;
    public int Releasable;

    /// <summary>It is what the agent of today wrote last.</summary>
    public bool IsLatest;

    /// <summary>What it says, as a number.</summary>
    public readonly int Word => (Desired << 3) | Releasable;
}
