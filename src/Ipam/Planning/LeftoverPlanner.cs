using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Ipam.Planning;

/// <summary>
/// Decides about a reservation whose pool is gone, or has moved to another interface (rule 14: whoever finds it resolves it). It takes
/// addresses off only under the reservation's own ETag: a pool that is made meanwhile writes under the same one, and one of the two loses.
/// </summary>
/// <remarks>
/// The order of the reads matters: the virtual network, then the interface by id, then that there is no pool. A pool that was made between the
/// first two may have moved the interface, and needs the reservation to account for what it has not listed yet.
/// </remarks>
public static class LeftoverPlanner
{
    /// <summary>The next step.</summary>
    /// <param name="reservation">The reservation; its interface is known.</param>
    /// <param name="nic">The interface.</param>
    /// <param name="consented">Whether nobody can use addresses on it: it is on no running VM, or its Node is gone for long and without pods.</param>
    /// <param name="claimed">Whether another pool is about this interface and accounts for what is on it: then its addresses are that pool's.</param>
    public static LeftoverStep Next(Reservation reservation, NicSnapshot nic, bool consented, bool claimed)
    {
        ArgumentNullException.ThrowIfNull(reservation);
        ArgumentNullException.ThrowIfNull(nic);
        if (nic.Updating)
            return new LeaveReservation();
        var moved = nic.IsGone || nic.Etag != reservation.NicEtag;
        if (claimed || nic.Owned.IsEmpty)
            return moved ? new DropReservation() : claimed ? new LeaveReservation() : new CleanInterface([], reservation.NicEtag);
        if (!consented)
            return new LeaveReservation();
        return moved
            ? new MoveReservation(reservation with { NicEtag = nic.Etag, Ceiling = Math.Max(reservation.Base, nic.Owned.Length), Closing = true })
            : new CleanInterface([.. nic.Owned.Select(static a => a.Slot)], reservation.NicEtag);
    }
}
