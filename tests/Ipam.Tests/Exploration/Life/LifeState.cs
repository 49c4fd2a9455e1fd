using Vnetcni.Ipam.Tests.Exploration.Node;

namespace Vnetcni.Ipam.Tests.Exploration.Life;

/// <summary>
/// One node whose pool object is deleted and made again, and whose machine is replaced: two interfaces (0, and 1 of the machine after it), the
/// pool object, its reservation and the one that is left of another interface, two leaders. Slot s of interface k has the address 2k + s;
/// sets of addresses are bit masks. ETags are renamed in the order in which they appear.
/// </summary>
internal struct LifeState
{
    public LifeNic Nic0;
    public LifeNic Nic1;

    /// <summary>Which interface the node's machine has.</summary>
    public int Current;

    /// <summary>The Node is there.</summary>
    public bool Node;
    public LifePool Pool;
    public LifeReservation Own;

    /// <summary>What accounts for an interface that the node no longer has.</summary>
    public LifeReservation Left;
    public int Used;

    /// <summary>Addresses that the node wants.</summary>
    public int Want;

    /// <summary>Addresses of running pods.</summary>
    public int Live;
    public LifeLeader LeaderA;
    public LifeLeader LeaderB;
}

/// <summary>An interface. A PUT on its way: bit 4 says that there is one, then slots to leave out and slots to add, two bits each.</summary>
internal struct LifeNic
{
    public bool Exists;

    /// <summary>Slots that are taken.</summary>
    public int Slots;
    public int Etag;
    public int PutA;
    public int PutB;
}

/// <summary>The pool object.</summary>
internal record struct LifePool
{
    public bool Exists;
    public int Uid;
    public bool Deleting;
    public int Available;
    public int Releasing;
    public int Settled;

    /// <summary>0: none; else the interface that the list is about, + 1.</summary>
    public int Incarnation;

    /// <summary>0: not described; else the interface + 1.</summary>
    public int NicId;

    /// <summary>0: no report yet; else the wanted size + 1.</summary>
    public int Desired;
    public int Releasable;

    public readonly int Length => NodeState.Count(Available | Releasing);
}

/// <summary>A reservation.</summary>
internal record struct LifeReservation
{
    public bool Open;
    public int Uid;
    public int Base;
    public int Ceiling;
    public int Etag;

    /// <summary>0: none; else the interface + 1.</summary>
    public int Nic;
    public bool Closing;

    public readonly int InFlight => Open ? Math.Max(0, Ceiling - Base) : 0;
}

/// <summary>What a leader is at.</summary>
internal enum LifeTask
{
    Pool,
    OwnLeftover,
    Leftover,
}

/// <summary>A leader: what it has read.</summary>
internal struct LifeLeader
{
    public At At;
    public LifeTask Task;

    /// <summary>The interface that it works on.</summary>
    public int Bound;
    public bool BudgetIsFresh;
    public LifeReservation Reservation;
    public bool PoolIsFresh;
    public LifePool Pool;
    public bool NicExists;
    public int Slots;
    public int NicEtag;

    /// <summary>A pool is about the interface, and nobody can use its addresses: as it was when a leftover was looked at.</summary>
    public bool Claimed;
    public bool Consented;
}
