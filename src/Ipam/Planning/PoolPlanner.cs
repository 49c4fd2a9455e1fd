using System.Collections.Immutable;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Ipam.Planning;

/// <summary>
/// Decides the next step of one pool. Safe with two operators at once, stale reads, lost replies and a crash between any two
/// steps, as long as every write is conditional on what was read here.
/// </summary>
/// <remarks>
/// The order of the reads matters. Without a reservation: virtual network, then pool. With one: pool, then virtual network
/// again; if the reservation is gone by then, start over. The interface comes last, by id.
/// </remarks>
public static class PoolPlanner
{
    /// <summary>The next step.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="nic">Its interface.</param>
    /// <param name="reservation">The reservation under the pool's name, or null.</param>
    /// <param name="settings">Bounds.</param>
    public static PoolStep Next(PoolSnapshot pool, NicSnapshot nic, Reservation? reservation, PlanSettings settings)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(nic);
        ArgumentNullException.ThrowIfNull(settings);
        if (nic.Updating)
            return new Wait(WaitCause.Operation);
        var gone = nic.IsGone || (pool.Incarnation.Length != 0 && pool.Incarnation != nic.Incarnation);
        var owned = gone ? [] : nic.Owned;

        if (reservation is not null && reservation.NicEtag == pool.SettledReservation)
            return new Settle(SettleOf(pool, nic, owned, reservation));
        // What a reservation accounts for on this very interface stays accounted for, whatever another leader wrote about another one.
        if (gone && !nic.IsGone && reservation is { IsOfGone: false } && reservation.Nic == nic.Id)
            (gone, owned) = (false, nic.Owned);
        if (pool.Deleting && Deletion(pool, nic, owned, gone, reservation) is { } step)
            return step;
        if (reservation is null && !gone && nic.Etag == pool.SettledReservation)
            return new Wait(WaitCause.FreshRead);

        if (reservation is not null && (gone || reservation.NicEtag != nic.Etag))
            return Outcome(pool, nic, owned, reservation);
        return Change(pool, nic, owned, gone, reservation, settings);
    }

    private static SettleRequest SettleOf(PoolSnapshot pool, NicSnapshot nic, ImmutableArray<NicAddress> owned, Reservation reservation)
    {
        var length = pool.Addresses.Length;
        // What was reserved on another interface may be there still.
        var leftover = IsElsewhere(reservation, pool.NicId) && reservation.Ceiling > 0 ? reservation.AsLeftover() : null;
        // Addresses that ARM has not confirmed are not in the list, yet they are on the interface: they stay accounted for, once.
        var reopen = owned.Length > length && nic.Etag != reservation.NicEtag && leftover?.Nic != nic.Id
            ? new Reservation(pool.Name, pool.Uid, length, owned.Length, nic.Etag) { Nic = nic.Id }
            : null;
        return new SettleRequest(pool.Name, reservation.NicEtag, length, reopen) { Leftover = leftover };
    }

    private static bool IsDraining(PoolSnapshot pool) => pool.Deleting && pool.DrainConsented;

    private static bool IsElsewhere(Reservation reservation, string nic) =>
        reservation.Nic.Length != 0 && nic.Length != 0 && reservation.Nic != nic;

    /// <summary>The step of a deletion, or null when the addresses are to be taken back first, by the ordinary steps.</summary>
    private static PoolStep? Deletion(PoolSnapshot pool, NicSnapshot nic, ImmutableArray<NicAddress> owned, bool gone, Reservation? reservation)
    {
        if (pool.DrainConsented)
        {
            var drained = pool.Addresses.IsEmpty && owned.IsEmpty && reservation is null or { Base: 0, InFlight: 0, Closing: true };
            if (!drained)
                return null;
        }
        else if (!pool.NodePresent)
        {
            return new Wait(WaitCause.Consent);
        }

        // A node that lives keeps its addresses: the accounting stays in the reservation, the next pool object adopts them.
        if (reservation is { Closing: true })
            return new RemoveFinalizer();
        var length = pool.Addresses.Length;
        var closing = reservation ?? new Reservation(
            pool.Name, pool.Uid, length, Math.Max(length, owned.Length), gone ? Reservation.GoneEtag(pool.Incarnation) : nic.Etag)
        {
            Nic = gone ? pool.NicId : nic.Id,
        };
        return new Close(new CloseRequest(pool.Name, reservation, closing with { Closing = true }));
    }

    /// <summary>The interface has moved past the reservation: the list becomes what is there (rules 6, 7, 13).</summary>
    private static PoolStep Outcome(PoolSnapshot pool, NicSnapshot nic, ImmutableArray<NicAddress> owned, Reservation reservation)
    {
        // A reservation that another object of this name left for another interface says nothing about what is on this one.
        if (pool.Addresses.IsEmpty && IsElsewhere(reservation, nic.Id))
            owned = [];
        var listed = pool.Addresses.ToDictionary(static a => a.Address);
        var list = ImmutableArray.CreateBuilder<PublishedAddress>(owned.Length);
        var present = new HashSet<IpAddress>();
        foreach (var address in owned)
        {
            if (address.Address.IsNone)
                continue;
            var isListed = listed.TryGetValue(address.Address, out var before);
            // What is released stays on the list until it is gone; anything else that is about to go has gone for whoever would assign it.
            if (address.Leaving && before is not { Releasing: true })
                continue;
            // ARM may give a new configuration the address of one that leaves. The old one is gone: its address leaves the list, and may
            // come back to it like any other new one.
            if (before is { Releasing: true } && !IsSameSlot(before.Slot, address.Slot))
                continue;
            present.Add(address.Address);
            var given = pool.Releasable.Contains(address.Address);
            if (!isListed)
            {
                // What was confirmed once stays: an operation that failed later leaves everything on the interface unconfirmed.
                // A reservation for an interface that was gone holds no PUT off: nothing is new under it.
                if (!address.Confirmed || reservation.IsOfGone)
                    continue;
                // Of a machine that is gone nobody will clear the agent's list, and all of it is taken back.
                if (given && !IsDraining(pool))
                    return new Wait(WaitCause.Agent);
                list.Add(new PublishedAddress(address.Slot, address.Address, Releasing: given));
            }
            else
            {
                list.Add(new PublishedAddress(address.Slot, address.Address, before!.Releasing || (given && !pool.Deleting)));
            }
        }

        var vanished = pool.Addresses.Where(a => !a.Releasing && !present.Contains(a.Address)).Select(static a => a.Address);
        return new Publish(
            [.. list.OrderBy(static a => a.Address)], reservation.NicEtag, nic.Incarnation, [.. vanished]);
    }

    /// <summary>The interface is as the list says, or as the open reservation found it: what shall change?</summary>
    private static PoolStep Change(
        PoolSnapshot pool, NicSnapshot nic, ImmutableArray<NicAddress> owned, bool gone, Reservation? reservation, PlanSettings settings)
    {
        var draining = IsDraining(pool);
        var onNic = owned.Where(static a => !a.Address.IsNone).Select(static a => a.Address).ToHashSet();
        var marks = pool.Addresses
            .Where(a => !a.Releasing && onNic.Contains(a.Address) && (draining || pool.Releasable.Contains(a.Address)))
            .Select(static a => a.Address)
            .ToImmutableArray();
        if (!marks.IsEmpty)
            return new MarkReleasing(marks);

        var length = pool.Addresses.Length;
        if (reservation is null && IsDrift(pool, owned, gone))
        {
            var etag = gone ? Reservation.GoneEtag(pool.Incarnation) : nic.Etag;
            var found = new ReserveRequest(
                pool.Name, pool.Uid, length, owned.Length, Math.Max(length, owned.Length), etag, pool.Waiting, settings.Subnet, Essential: true)
            {
                Nic = gone ? pool.NicId : nic.Id,
            };
            return new Reserve(found, Bound.None, Drift: !gone);
        }

        if (gone)
            return new Idle(Bound.None);
        var releasing = pool.Addresses.Where(static a => a.Releasing).Select(static a => a.Address).ToHashSet();
        var removed = owned
            .Where(a => a.Address.IsNone ? settings.DropsUnplaced && IsUnplaced(pool, a) : releasing.Contains(a.Address))
            .Select(static a => a.Slot).ToImmutableArray();
        var keep = owned.Length - removed.Length;
        var absent = new AbsentAddresses(pool, onNic, settings);
        var (add, bound) = Growth(pool, nic, keep, absent.Missing.Length, draining, reservation, settings);
        if (reservation is not null)
        {
            var back = absent.PutBack(nic, keep, add, reservation);
            var slots = settings.Slots.Free(owned.Select(static a => a.Slot).Concat(nic.Foreign), Math.Max(add, back.Length));
            return new Put([.. slots.Skip(back.Length)], removed, reservation.NicEtag, bound)
            {
                PutBack = [.. back.Zip(slots, static (address, slot) => new StaticSlot(slot, address))],
            };
        }

        if (add == 0 && removed.IsEmpty)
            return new Idle(bound);
        var request = new ReserveRequest(
            pool.Name, pool.Uid, length, owned.Length, keep + add, nic.Etag, pool.Waiting, settings.Subnet, Essential: !removed.IsEmpty)
        {
            Nic = nic.Id,
        };
        return new Reserve(request, bound, Drift: false);
    }

    // An address that comes before the PUT does is not lost: it is leaving then, and is never listed.
    private static bool IsUnplaced(PoolSnapshot pool, NicAddress address) =>
        address is { Confirmed: false, Leaving: false } && !pool.Addresses.Any(listed => IsSameSlot(listed.Slot, address.Slot));

    private static bool IsDrift(PoolSnapshot pool, ImmutableArray<NicAddress> owned, bool gone)
    {
        if (gone)
            return !pool.Addresses.IsEmpty || pool.Incarnation.Length != 0;
        if (owned.Length != pool.Addresses.Length)
            return true;
        // Not ToDictionary: a list that names an address twice is somebody's tampering, and no reason to stop.
        var listed = new Dictionary<IpAddress, string>();
        foreach (var address in pool.Addresses)
            listed[address.Address] = address.Slot;
        return owned.Any(a => !a.Confirmed || !listed.TryGetValue(a.Address, out var slot) || !IsSameSlot(slot, a.Slot));
    }

    /// <summary>Whether two names are the same ipConfiguration's: Azure compares them without case.</summary>
    public static bool IsSameSlot(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);

    private static (int Add, Bound Bound) Growth(
        PoolSnapshot pool, NicSnapshot nic, int keep, int missing, bool draining, Reservation? reservation, PlanSettings settings)
    {
        if (draining)
            return (0, Bound.None);
        // All that is kept counts as held, published or not.
        var desired = pool.Desired ?? settings.WarmUp;
        var room = new NodeRoom(settings.NodeLimit, settings.NicLimit, nic.Foreign.Length);
        var (total, bound) = room.Clamp(desired);
        if (settings.Share is { } share && share.Addresses < total)
            (total, bound) = (share.Addresses, share.Bound);
        // A pod whose address is gone has no use for others that are free.
        total = Math.Max(total, Math.Min(room.Clamp(keep + missing).Total, settings.Share?.Addresses ?? int.MaxValue));
        var add = Math.Min(total - keep, settings.MaxGrowth);
        if (reservation is not null)
            add = Math.Min(add, reservation.Ceiling - keep);
        return (Math.Max(0, add), bound);
    }
}
