using System.Collections.Immutable;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Planning;
using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Ipam.Tests.Exploration.Node;

/// <summary>What a leader is to do, as numbers.</summary>
internal sealed record PlannedMove(PoolStep Step)
{
    /// <summary>For a write of the pool: what the list becomes.</summary>
    public PoolState Pool { get; init; }

    /// <summary>For a request to the budget.</summary>
    public BudgetRequest? Request { get; init; }

    /// <summary>For a PUT: what <see cref="NodeWorld.PutOf"/> makes of it.</summary>
    public int Put { get; init; }

    public bool Vanishes { get; init; }
}

/// <summary>A leader's decisions, made by the product's planner and budget. Every question is asked once.</summary>
internal sealed class PlannerMoves(int limit)
{
    private static readonly SlotNames Names = new("1a2b3c4d-0000-0000-0000-000000000000");
    private readonly PlanSettings settings = new(Names, limit, WarmUp: 0);
    private readonly Dictionary<ulong, PlannedMove> steps = [];
    private readonly Dictionary<(BudgetRequest, int, ReservationState, ReservationState), (bool Done, int Used, ReservationState Next)> rounds = [];

    /// <summary>The next step by what the leader has read.</summary>
    public PlannedMove Plan(in PoolState pool, int nic, int nicEtag, in ReservationState reservation)
    {
        var seen = reservation.Open ? 1 | (reservation.Base << 1) | (reservation.Ceiling << 3) | (reservation.Etag << 5) : 0;
        var key = (uint)pool.GetHashCode() | ((ulong)(uint)nic << 24) | ((ulong)(uint)nicEtag << 32) | ((ulong)(uint)seen << 36);
        if (!steps.TryGetValue(key, out var move))
            steps.Add(key, move = Ask(pool, nic, nicEtag, reservation));
        return move;
    }

    /// <summary>What becomes of a request when the budget is as it was when it was made.</summary>
    /// <param name="request">The request.</param>
    /// <param name="used">What the lists account for.</param>
    /// <param name="open">The pool's own reservation.</param>
    /// <param name="other">That of another pool.</param>
    public (bool Done, int Used, ReservationState Next) Round(BudgetRequest request, int used, in ReservationState open, in ReservationState other = default)
    {
        var key = (request, used, open, other);
        if (!rounds.TryGetValue(key, out var round))
            rounds.Add(key, round = Decide(request, used, open, other));
        return round;
    }

    private (bool Done, int Used, ReservationState Next) Decide(BudgetRequest request, int used, in ReservationState open, in ReservationState other)
    {
        var state = new BudgetState(limit, 0, 0, used, other.Open ? [Open(other) with { Pool = "m" }] : []);
        if (open.Open)
            state = state with { Reservations = [.. state.Reservations, Open(open)] };
        var (next, outcomes) = BudgetRound.Decide(state, [request], []);
        return (outcomes[0] is Reserved or Done, next.Used, next.Of("n") is { } r
            ? new ReservationState { Open = true, Base = r.Base, Ceiling = r.Ceiling, Etag = Etag(r.NicEtag) }
            : default);
    }

    private PlannedMove Ask(PoolState pool, int nic, int nicEtag, in ReservationState reservation)
    {
        var snapshot = new PoolSnapshot
        {
            Name = "n",
            Uid = "u",
            Incarnation = "guid",
            Addresses = [.. Enumerable.Range(0, NodeState.Addresses).Where(a => pool.State(a) != 0)
                .Select(a => new PublishedAddress(Names.Of((pool.SlotOf >> (2 * a)) & 3), LedgerMoves.Address(a), pool.State(a) == 2))],
            SettledReservation = pool.Settled == PoolState.NoEtag ? string.Empty : Etag(pool.Settled),
            Desired = pool.Desired == 0 ? null : pool.Desired - 1,
            Releasable = [.. Enumerable.Range(0, NodeState.Addresses).Where(a => (pool.Releasable >> a & 1) != 0).Select(LedgerMoves.Address)],
        };
        var owned = Enumerable.Range(0, NodeState.Slots).Where(slot => NodeState.At(nic, slot) >= 0)
            .Select(slot => new NicAddress(Names.Of(slot), LedgerMoves.Address(NodeState.At(nic, slot)), Confirmed: true))
            .OrderBy(static a => a.Address);
        var step = PoolPlanner.Next(
            snapshot, new NicSnapshot(Etag(nicEtag), "guid", Updating: false, [.. owned], ["primary"]), reservation.Open ? Open(reservation) : null, settings);
        return step switch
        {
            MarkReleasing mark => new PlannedMove(step) { Pool = Marked(pool, mark.Addresses) },
            Publish publish => new PlannedMove(step) { Pool = Listed(pool, publish), Vanishes = !publish.Vanished.IsEmpty },
            Reserve reserve => new PlannedMove(step) { Request = reserve.Request },
            Settle settle => new PlannedMove(step) { Request = settle.Request },
            // Nobody takes an address away here: there is one to put back only where a rule is taken away, and then it does not matter.
            Put put => new PlannedMove(step) { Put = NodeWorld.PutOf(SlotMask(put.Add), SlotMask(put.Remove)) },
            _ => new PlannedMove(step),
        };
    }

    private static PoolState Marked(PoolState pool, ImmutableArray<IpAddress> marks)
    {
        foreach (var mark in marks)
            pool.Listed = (pool.Listed & ~(3 << (2 * LedgerMoves.Number(mark)))) | (2 << (2 * LedgerMoves.Number(mark)));
        return pool;
    }

    private static PoolState Listed(PoolState pool, Publish publish)
    {
        (pool.Listed, pool.SlotOf, pool.Settled) = (0, 0, Etag(publish.Reservation));
        foreach (var address in publish.Addresses)
        {
            var shift = 2 * LedgerMoves.Number(address.Address);
            pool.Listed |= (address.Releasing ? 2 : 1) << shift;
            pool.SlotOf |= Slot(address.Slot) << shift;
        }

        return pool;
    }

    private static int SlotMask(ImmutableArray<string> slots) => slots.Aggregate(0, static (mask, slot) => mask | (1 << Slot(slot)));

    private static int Slot(string name) => name[^1] - '0';

    private static string Etag(int number) => $"e{(char)('a' + number)}";

    private static int Etag(string etag) => etag[1] - 'a';

    private static Reservation Open(in ReservationState r) => new("n", "u", r.Base, r.Ceiling, Etag(r.Etag));
}
