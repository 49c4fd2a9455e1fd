using System.Collections.Immutable;
using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Ipam.Planning;

/// <summary>The one next step about a reservation that has no pool.</summary>
public abstract record LeftoverStep;

/// <summary>Nothing can be done now; what it accounts for stays accounted for.</summary>
public sealed record LeaveReservation : LeftoverStep;

/// <summary>The interface carries nothing of ours and never will under this reservation.</summary>
public sealed record DropReservation : LeftoverStep;

/// <summary>The interface has moved: the reservation is written with its ETag before anything is taken off.</summary>
/// <param name="Next">What shall stand instead.</param>
public sealed record MoveReservation(Reservation Next) : LeftoverStep;

/// <summary>A PUT without our ipConfigurations; without any slot it only moves the ETag, so that no PUT in flight can land.</summary>
/// <param name="Slots">Names to leave out.</param>
/// <param name="IfMatch">The reservation's ETag.</param>
public sealed record CleanInterface(ImmutableArray<string> Slots, string IfMatch) : LeftoverStep;
