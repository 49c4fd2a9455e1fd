using System.Collections.Immutable;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Planning;
using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Ipam.Tests.Exploration.Life;

/// <summary>The leaders' decisions, made by the product's planners and budget. Every question is asked once.</summary>
internal sealed class LifeMoves(int limit)
{
    /// <summary>No ETag. Those from <see cref="FirstFixed"/> on are of interfaces that are gone: they are never renamed.</summary>
    public const int NoEtag = 15;

    public const int FirstFixed = 12;
    private const string Name = "n";
    private static readonly SlotNames Names = new("1a2b3c4d-0000-0000-0000-000000000000");
    private static readonly string[] Fixed = [Reservation.GoneEtag(string.Empty), Reservation.GoneEtag("guid0"), Reservation.GoneEtag("guid1"), string.Empty];
    private readonly PlanSettings settings = new(Names, limit, WarmUp: 0);
    private readonly Dictionary<(LifePool, LifeReservation, bool, int, int, int, bool), PoolStep> steps = [];

    public PoolStep Plan(in LifePool pool, in LifeReservation reservation, bool nicExists, int bound, int slots, int etag, bool node)
    {
        var key = (pool, reservation, nicExists, bound, slots, etag, node);
        if (!steps.TryGetValue(key, out var step))
            steps.Add(key, step = PoolPlanner.Next(Snapshot(pool, node), Nic(nicExists, bound, slots, etag), Of(reservation), settings));
        return step;
    }

    public static LeftoverStep PlanLeftover(in LifeReservation reservation, bool isLeft, bool nicExists, int bound, int slots, int etag, bool consented, bool claimed) =>
        LeftoverPlanner.Next(
            Seen(reservation, isLeft), Nic(nicExists, bound, slots, etag), consented && slots != 0, claimed);

    /// <summary>A reservation as the budget has it.</summary>
    public static Reservation Seen(in LifeReservation reservation, bool isLeft) =>
        isLeft ? Of(reservation)!.AsLeftover() with { Closing = reservation.Closing } : Of(reservation)!;

    /// <summary>The budget after a request; null when it is refused.</summary>
    public (int Used, LifeReservation Own, LifeReservation Left)? Round(BudgetRequest request, int used, in LifeReservation own, in LifeReservation left)
    {
        ImmutableArray<Reservation> open = own.Open ? [Of(own)!] : [];
        if (left.Open)
            open = open.Add(Seen(left, isLeft: true));
        var (next, outcomes) = BudgetRound.Decide(new BudgetState(limit, 0, 0, used, open), [request], []);
        if (outcomes[0] is not (Reserved or Done))
            return null;
        var leftovers = next.Reservations.Where(static r => r.IsLeftover).ToArray();
        if (leftovers.Length > 1)
            throw new InvalidOperationException("more leftovers than interfaces that a node had");
        return (next.Used, From(next.Of(Name)), From(leftovers.FirstOrDefault()));
    }

    public static LifePool Listed(LifePool pool, Publish publish, int bound)
    {
        (pool.Available, pool.Releasing) = (0, 0);
        foreach (var address in publish.Addresses)
        {
            if (address.Releasing)
                pool.Releasing |= 1 << Number(address.Address);
            else
                pool.Available |= 1 << Number(address.Address);
        }

        pool.Settled = Etag(publish.Reservation);
        pool.Incarnation = publish.Incarnation.Length == 0 ? 0 : publish.Incarnation[^1] - '0' + 1;
        pool.NicId = bound + 1;
        return pool;
    }

    public static int Mask(IEnumerable<IpAddress> addresses) => addresses.Aggregate(0, static (mask, a) => mask | (1 << Number(a)));

    public static int SlotMask(IEnumerable<string> slots) => slots.Aggregate(0, static (mask, slot) =>
        slot[^1] is '0' or '1' ? mask | (1 << (slot[^1] - '0')) : throw new InvalidOperationException($"{slot}: an interface has two slots here"));

    private static int Number(IpAddress address) => (int)(address.Value - 0x0A00_0001u);

    private static IpAddress Address(int number) => IpAddress.V4(0x0A00_0001u + (uint)number);

    private static PoolSnapshot Snapshot(LifePool pool, bool node) => new()
    {
        Name = Name,
        Uid = $"{pool.Uid}",
        Incarnation = pool.Incarnation == 0 ? string.Empty : $"guid{pool.Incarnation - 1}",
        NicId = NicName(pool.NicId),
        Addresses =
        [
            .. Enumerable.Range(0, 4).Where(a => ((pool.Available | pool.Releasing) >> a & 1) != 0)
                .Select(a => new PublishedAddress(Names.Of(a & 1), Address(a), (pool.Releasing >> a & 1) != 0)),
        ],
        SettledReservation = Etag(pool.Settled),
        Desired = pool.Desired == 0 ? null : pool.Desired - 1,
        Releasable = [.. Enumerable.Range(0, 4).Where(a => (pool.Releasable >> a & 1) != 0).Select(Address)],
        Deleting = pool.Deleting,
        NodePresent = node,
        DrainConsented = !node,
    };

    private static NicSnapshot Nic(bool exists, int number, int slots, int etag) => !exists ? NicSnapshot.Gone : new NicSnapshot(
        Etag(etag), $"guid{number}", Updating: false,
        [.. Enumerable.Range(0, 2).Where(s => (slots >> s & 1) != 0).Select(s => new NicAddress(Names.Of(s), Address((2 * number) + s), Confirmed: true))],
        ["primary"])
    {
        Id = NicName(number + 1),
    };

    private static Reservation? Of(in LifeReservation r) => r.Open
        ? new Reservation(Name, $"{r.Uid}", r.Base, r.Ceiling, Etag(r.Etag), r.Closing) { Nic = NicName(r.Nic) }
        : null;

    private static LifeReservation From(Reservation? r) => r is null
        ? default
        : new LifeReservation
        {
            Open = true,
            Uid = r.PoolUid[0] - '0',
            Base = r.Base,
            Ceiling = r.Ceiling,
            Etag = Etag(r.NicEtag),
            Nic = r.Nic.Length == 0 ? 0 : r.Nic[^1] - '0' + 1,
            Closing = r.Closing,
        };

    private static string NicName(int number) => number == 0 ? string.Empty : $"/nic{number - 1}";

    private static string Etag(int number) => number is >= FirstFixed and <= NoEtag ? Fixed[number - FirstFixed] : $"e{(char)('a' + number)}";

    private static int Etag(string etag) => Array.IndexOf(Fixed, etag) is >= 0 and var at ? FirstFixed + at : etag[1] - 'a';
}
