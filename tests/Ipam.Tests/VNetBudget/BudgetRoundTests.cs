using System.Collections.Immutable;
using CsCheck;
using Vnetcni.Ipam.VNetBudget;
using Xunit;

namespace Vnetcni.Ipam.Tests.VNetBudget;

public class BudgetRoundTests
{
    private static BudgetState State(int limit, int used = 0, params Reservation[] reservations) =>
        new(limit, 0, 0, used, [.. reservations]);

    private static ReserveRequest Ask(
        string pool, int have, int want, int waiting = 0, string subnet = "", int? must = null, bool essential = false) =>
        new(pool, $"uid-{pool}", have, must ?? have, want, $"etag-{pool}", waiting, subnet, essential);

    private static (BudgetState Next, IReadOnlyList<BudgetOutcome> Outcomes) Round(BudgetState state, params BudgetRequest[] requests) =>
        BudgetRound.Decide(state, requests, []);

    [Fact]
    public void A_pool_gets_what_it_wants_while_there_is_room()
    {
        var (next, outcomes) = Round(State(100), Ask("a", 0, 16));
        var reserved = Assert.IsType<Reserved>(Assert.Single(outcomes));
        Assert.Equal(new Reservation("a", "uid-a", 0, 16, "etag-a"), reserved.Reservation);
        Assert.False(reserved.Bound.Binds);
        Assert.Equal(84, next.Free);
    }

    [Fact]
    public void The_limit_binds_with_its_numbers()
    {
        var (_, outcomes) = Round(State(20, used: 10), Ask("a", 10, 26));
        var reserved = Assert.IsType<Reserved>(Assert.Single(outcomes));
        Assert.Equal(20, reserved.Reservation.Ceiling);
        Assert.Equal(new Bound(BoundKind.VNetBudget, 20, 10), reserved.Bound);
    }

    [Fact]
    public void Nothing_is_reserved_when_nothing_can_be_granted_and_nothing_else_is_to_do()
    {
        var (next, outcomes) = Round(State(10, used: 10), Ask("a", 10, 26));
        Assert.Equal(new Bound(BoundKind.VNetBudget, 10, 10), Assert.IsType<Refused>(Assert.Single(outcomes)).Bound);
        Assert.Empty(next.Reservations);
    }

    [Fact]
    public void A_release_is_reserved_for_at_the_limit()
    {
        var (next, outcomes) = Round(State(10, used: 10), Ask("a", 10, 4, essential: true));
        Assert.Equal(10, Assert.IsType<Reserved>(Assert.Single(outcomes)).Reservation.Ceiling);
        Assert.Equal(0, next.Free);
    }

    [Fact]
    public void The_starved_are_served_first_whatever_they_hold()
    {
        var (_, outcomes) = Round(State(110, used: 100), Ask("calm", 0, 16), Ask("starved", 100, 116, waiting: 8));
        Assert.Equal(108, Assert.IsType<Reserved>(outcomes[1]).Reservation.Ceiling);
        Assert.Equal(2, Assert.IsType<Reserved>(outcomes[0]).Reservation.Ceiling);
    }

    [Fact]
    public void Among_equals_the_smallest_is_served_first()
    {
        var (_, outcomes) = Round(State(30, used: 20), Ask("large", 20, 40), Ask("small", 0, 16));
        Assert.IsType<Refused>(outcomes[0]);
        Assert.Equal(10, Assert.IsType<Reserved>(outcomes[1]).Reservation.Ceiling);
    }

    [Fact]
    public void Near_the_limit_a_batch_shrinks_to_one_each()
    {
        var (_, outcomes) = Round(State(3), Ask("a", 0, 16), Ask("b", 0, 16), Ask("c", 0, 16));
        Assert.All(outcomes, o => Assert.Equal(1, Assert.IsType<Reserved>(o).Reservation.Ceiling));
    }

    [Fact]
    public void A_dry_subnet_bounds_its_own_pools_only()
    {
        var (_, outcomes) = BudgetRound.Decide(
            State(100), [Ask("a", 0, 16, subnet: "s1"), Ask("b", 0, 16, subnet: "s2")], [new SubnetRoom("s1", 251, 3)]);
        var a = Assert.IsType<Reserved>(outcomes[0]);
        Assert.Equal((3, new Bound(BoundKind.SubnetFree, 251, 248)), (a.Reservation.Ceiling, a.Bound));
        Assert.Equal(16, Assert.IsType<Reserved>(outcomes[1]).Reservation.Ceiling);
    }

    [Fact]
    public void What_others_use_or_have_reserved_is_not_ours()
    {
        var state = new BudgetState(100, ReservedForOthers: 30, UsedByOthers: 50, Used: 40, []);
        Assert.Equal(10, state.Free);
        Assert.Equal(30, (state with { UsedByOthers = 10 }).Free);
    }

    [Fact]
    public void Addresses_that_are_on_an_interface_already_are_accounted_for_beyond_the_limit()
    {
        var (next, outcomes) = Round(State(10, used: 8), Ask("a", 0, 6, must: 6, essential: true), Ask("b", 8, 12));
        Assert.Equal(6, Assert.IsType<Reserved>(outcomes[0]).Reservation.Ceiling);
        Assert.IsType<Refused>(outcomes[1]);
        Assert.Equal(0, next.Free);
    }

    [Fact]
    public void Rule_13_a_settlement_counts_the_list_and_frees_the_room_in_the_same_round()
    {
        var state = State(16, used: 0, new Reservation("a", "uid-a", 0, 16, "e1"));
        var (next, outcomes) = Round(state, new SettleRequest("a", "e1", 4), Ask("b", 0, 16));
        Assert.IsType<Done>(outcomes[0]);
        Assert.Equal(12, Assert.IsType<Reserved>(outcomes[1]).Reservation.Ceiling);
        Assert.Equal(4, next.Used);
    }

    [Fact]
    public void Rule_13_a_settlement_of_another_reservation_is_outdated()
    {
        var state = State(16, used: 0, new Reservation("a", "uid-a", 0, 16, "e2"));
        var (next, outcomes) = Round(state, new SettleRequest("a", "e1", 4));
        Assert.IsType<Outdated>(Assert.Single(outcomes));
        Assert.Equal(state, next);
    }

    [Fact]
    public void Rule_11_a_pool_has_one_reservation_at_a_time()
    {
        var (_, outcomes) = Round(State(100, used: 0, new Reservation("a", "uid-a", 0, 16, "e1")), Ask("a", 0, 32));
        Assert.IsType<Outdated>(Assert.Single(outcomes));
    }

    [Fact]
    public void Rule_10_closing_marks_the_reservation_that_was_seen()
    {
        var open = new Reservation("a", "uid-a", 3, 5, "e1");
        var (next, outcomes) = Round(State(16, 3, open), new CloseRequest("a", open, open));
        Assert.IsType<Done>(Assert.Single(outcomes));
        Assert.Equal(open with { Closing = true }, next.Of("a"));
        (_, outcomes) = Round(State(16, 3, open), new CloseRequest("a", null, open));
        Assert.IsType<Outdated>(Assert.Single(outcomes));
    }

    [Fact]
    public void Only_an_empty_closing_reservation_of_that_object_is_dropped()
    {
        var empty = new Reservation("a", "uid-a", 0, 0, "e1", Closing: true);
        Assert.Empty(Round(State(16, 0, empty), new DropRequest("a", "uid-a")).Next.Reservations);
        Assert.Single(Round(State(16, 0, empty), new DropRequest("a", "other")).Next.Reservations);
        Assert.Single(Round(State(16, 0, empty with { Base = 1, Ceiling = 1 }), new DropRequest("a", "uid-a")).Next.Reservations);
    }

    [Fact]
    public void The_object_holds_a_bounded_number_of_reservations()
    {
        var full = Enumerable.Range(0, BudgetState.MaxReservations).Select(i => new Reservation($"p{i:0000}", "u", 0, 1, "e")).ToArray();
        var (next, outcomes) = Round(State(16_000, 0, full), Ask("z", 0, 1));
        Assert.Equal(BoundKind.Reservations, Assert.IsType<Refused>(Assert.Single(outcomes)).Bound.Kind);
        Assert.Equal(BudgetState.MaxReservations, next.Reservations.Length);
    }

    [Theory]
    [InlineData(20, 250, 256, 1, 20, BoundKind.None)]
    [InlineData(300, 250, 256, 1, 250, BoundKind.NodeLimit)]
    [InlineData(300, 400, 256, 1, 250, BoundKind.NodeLimit)]
    [InlineData(300, 250, 256, 16, 240, BoundKind.NicRoom)]
    [InlineData(12, 10, 256, 1, 10, BoundKind.NodeLimit)]
    [InlineData(-3, 10, 256, 1, 0, BoundKind.None)]
    public void A_node_gets_at_most_its_limit_and_what_its_interface_has_room_for(
        int wanted, int nodeLimit, int nicLimit, int foreign, int total, BoundKind kind)
    {
        var (given, bound) = new NodeRoom(nodeLimit, nicLimit, foreign).Clamp(wanted);
        Assert.Equal((total, kind), (given, bound.Kind));
    }

    [Fact]
    public void More_room_never_gives_a_pool_less() =>
        Gen.Select(Gen.Int[0, 60], Gen.Int[0, 20], Pools)
            .Sample((limit, more, pools) =>
            {
                var requests = Requests(pools);
                var less = BudgetRound.Decide(State(limit), requests, [new SubnetRoom("s0", 20, 9)]).Outcomes;
                var greater = BudgetRound.Decide(State(limit + more), requests, [new SubnetRoom("s0", 20, 9)]).Outcomes;
                for (var i = 0; i < pools.Length; i++)
                    Assert.True(Ceiling(greater[i], pools[i].Have) >= Ceiling(less[i], pools[i].Have));
            });

    [Fact]
    public void No_pool_that_waits_goes_without_while_one_that_does_not_wait_gets_something() =>
        Gen.Select(Gen.Int[0, 60], Pools)
            .Sample((limit, pools) =>
            {
                var outcomes = BudgetRound.Decide(State(limit), Requests(pools, subnets: false), []).Outcomes;
                var calmGot = pools.Select((p, i) => p.Waiting == 0 && Ceiling(outcomes[i], p.Have) > p.Have).Any(x => x);
                for (var i = 0; i < pools.Length && calmGot; i++)
                {
                    var due = Math.Min(pools[i].Waiting, Math.Max(0, pools[i].Want - pools[i].Have));
                    Assert.True(Ceiling(outcomes[i], pools[i].Have) - pools[i].Have >= due);
                }
            });

    [Fact]
    public void No_sequence_of_rounds_passes_the_limit() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[0, 10], Gen.Select(Gen.Int[0, 5], Gen.Int[0, 3], Gen.Int[0, 20]).Array[1, 60])
            .Sample((limit, others, script) =>
            {
                var state = new BudgetState(limit, others, 0, 0, []);
                var lengths = new SortedDictionary<string, int>(StringComparer.Ordinal);
                var etag = 0;
                foreach (var (p, action, n) in script)
                {
                    var pool = $"p{p}";
                    var have = lengths.GetValueOrDefault(pool);
                    var open = state.Of(pool);
                    BudgetRequest request = open is null
                        ? new ReserveRequest(pool, "u", have, have, n, $"e{etag++}", action, string.Empty, Essential: n < have)
                        // The outcome lies anywhere between everything released and the ceiling.
                        : new SettleRequest(pool, open.NicEtag, Math.Min(n, open.Ceiling));
                    (state, var outcomes) = BudgetRound.Decide(state, [request], []);
                    if (request is SettleRequest settle && outcomes[0] is Done)
                        lengths[pool] = settle.Length;
                    Assert.InRange(state.Used + state.InFlight, 0, Math.Max(0, limit - others));
                    Assert.Equal(state.Used, state.Count(lengths));
                }
            });

    private static Gen<(int Have, int Want, int Waiting)[]> Pools =>
        Gen.Select(Gen.Int[0, 10], Gen.Int[0, 30], Gen.Int[0, 5]).Array[1, 6];

    private static BudgetRequest[] Requests((int Have, int Want, int Waiting)[] pools, bool subnets = true) =>
    [
        .. pools.Select((p, i) => Ask($"p{i}", p.Have, p.Want, p.Waiting, subnets ? $"s{i % 2}" : string.Empty)),
    ];

    private static int Ceiling(BudgetOutcome outcome, int have) => outcome is Reserved reserved ? reserved.Reservation.Ceiling : have;
}
