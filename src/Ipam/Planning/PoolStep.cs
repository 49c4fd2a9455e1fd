using System.Collections.Immutable;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Ipam.Planning;

/// <summary>The one next step of a pool.</summary>
public abstract record PoolStep;

/// <summary>Nothing to do.</summary>
/// <param name="Bound">What keeps the pool from having more, if it wants more.</param>
public sealed record Idle(Bound Bound) : PoolStep;

/// <summary>Wait and read again.</summary>
/// <param name="For">What for.</param>
public sealed record Wait(WaitCause For) : PoolStep;

/// <summary>Why a pool waits.</summary>
public enum WaitCause
{
    /// <summary>An operation runs on the interface.</summary>
    Operation,

    /// <summary>The agent still lists, as releasable, an address that is on the interface but not in the list (rule 7).</summary>
    Agent,

    /// <summary>The read of the interface is older than what has been published.</summary>
    FreshRead,

    /// <summary>The pool is being deleted and nobody has consented to take its addresses back.</summary>
    Consent,
}

/// <summary>A conditional status write: these addresses become Releasing (rule 4). Then plan again from its answer.</summary>
/// <param name="Addresses">Available so far, on the interface, and given up by the agent.</param>
public sealed record MarkReleasing(ImmutableArray<IpAddress> Addresses) : PoolStep;

/// <summary>A request to the budget (rule 11). Then plan again with the reservation.</summary>
/// <param name="Request">The request.</param>
/// <param name="Bound">What kept the node from asking for more.</param>
/// <param name="Drift">Whether the interface and the list differ without a reservation: somebody else changed it.</param>
public sealed record Reserve(ReserveRequest Request, Bound Bound, bool Drift) : PoolStep;

/// <summary>A PUT of the interface (rules 2, 12, 14).</summary>
/// <param name="Add">Slots to add, with dynamic addresses.</param>
/// <param name="Remove">Slots to leave out; all of them Releasing.</param>
/// <param name="IfMatch">The reservation's ETag.</param>
/// <param name="Bound">What kept the node from asking for more.</param>
public sealed record Put(ImmutableArray<string> Add, ImmutableArray<string> Remove, string IfMatch, Bound Bound) : PoolStep
{
    /// <summary>Slots to add with the addresses that somebody else took off the interface, without the agent's consent.</summary>
    public ImmutableArray<StaticSlot> PutBack { get; init; } = [];

    /// <summary>Whether it changes nothing and is sent to move the ETag, so that the reservation can be settled (rule 14).</summary>
    public bool IsFence => Add.IsEmpty && Remove.IsEmpty && PutBack.IsEmpty;
}

/// <summary>An ipConfiguration to add with an address of our choice.</summary>
/// <param name="Slot">Its name.</param>
/// <param name="Address">The address.</param>
public sealed record StaticSlot(string Slot, IpAddress Address);

/// <summary>A conditional status write of the list that a reservation led to (rules 6, 7, 13). Then plan again from its answer.</summary>
/// <param name="Addresses">The list, ordered by address.</param>
/// <param name="Reservation">ETag of the reservation, to be recorded in the same write.</param>
/// <param name="Incarnation">resourceGuid of the interface; empty when it is gone.</param>
/// <param name="Vanished">Available addresses that are no longer on the interface: somebody else removed them.</param>
public sealed record Publish(
    ImmutableArray<PublishedAddress> Addresses, string Reservation, string Incarnation, ImmutableArray<IpAddress> Vanished)
    : PoolStep;

/// <summary>A request to the budget: the list shows the reservation's outcome (rule 13).</summary>
/// <param name="Request">The request.</param>
public sealed record Settle(SettleRequest Request) : PoolStep;

/// <summary>A request to the budget: nobody reserves for this pool any more (rule 10).</summary>
/// <param name="Request">The request.</param>
public sealed record Close(CloseRequest Request) : PoolStep;

/// <summary>A conditional write that lets the pool object go (rule 10).</summary>
public sealed record RemoveFinalizer : PoolStep;
