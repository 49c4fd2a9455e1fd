using System.Globalization;
using Vnetcni.Ipam.VNetBudget;
using Xunit;

namespace Vnetcni.Ipam.Tests.VNetBudget;

public class BudgetEdgeTests
{
    private static BudgetState State(int limit, int used, params Reservation[] reservations) => new(limit, 0, 0, used, [.. reservations]);

    private static ReserveRequest Ask(string pool, int have, int want) =>
        new(pool, $"uid-{pool}", have, have, want, $"etag-{pool}", Waiting: 0, Subnet: string.Empty, Essential: false);

    [Fact]
    public void A_reservation_that_is_settled_with_unconfirmed_addresses_is_replaced_in_the_same_write()
    {
        var open = new Reservation("a", "uid-a", 1, 4, "e1");
        var reopened = new Reservation("a", "uid-a", 2, 4, "e2");
        var (next, outcomes) = BudgetRound.Decide(State(10, 1, open), [new SettleRequest("a", "e1", 2, reopened)], []);
        Assert.IsType<Done>(Assert.Single(outcomes));
        Assert.Equal(reopened, Assert.Single(next.Reservations));
        Assert.Equal((2, 2), (next.Used, next.InFlight));
    }

    [Fact]
    public void A_bound_counts_what_others_have_reserved_as_used()
    {
        var other = new Reservation("b", "uid-b", 2, 6, "e1");
        var (_, outcomes) = BudgetRound.Decide(State(10, 6, other), [Ask("a", 0, 4)], []);
        Assert.Equal(new Bound(BoundKind.VNetBudget, 10, 10), Assert.IsType<Refused>(Assert.Single(outcomes)).Bound);
    }

    [Fact]
    public void The_object_holds_so_many_reservations_and_the_first_who_asks_gets_the_last_place()
    {
        var many = Enumerable.Range(0, BudgetState.MaxReservations - 1)
            .Select(static i => new Reservation(string.Create(CultureInfo.InvariantCulture, $"n{i:d4}"), "u", 1, 1, "e")).ToArray();
        var (next, outcomes) = BudgetRound.Decide(State(16_000, many.Length, many), [Ask("z", 0, 4), Ask("a", 0, 4), Ask("b", 0, 4)], []);
        Assert.IsType<Reserved>(outcomes[0]);
        var full = new Refused(new Bound(BoundKind.Reservations, BudgetState.MaxReservations, BudgetState.MaxReservations));
        Assert.Equal([full, full], outcomes.Skip(1));
        Assert.Equal(BudgetState.MaxReservations, next.Reservations.Length);
    }

    [Fact]
    public void Reservations_are_kept_in_the_order_of_their_pools()
    {
        var (next, _) = BudgetRound.Decide(State(100, 0, new Reservation("m", "u", 0, 1, "e")), [Ask("z", 0, 1), Ask("a", 0, 1)], []);
        Assert.Equal(["a", "m", "z"], next.Reservations.Select(static r => r.Pool));
    }

    [Theory]
    [InlineData("a", "b")]
    [InlineData("b", "a")]
    public void Of_two_pools_that_are_alike_the_first_by_name_gets_the_last_address(string first, string second)
    {
        var (_, outcomes) = BudgetRound.Decide(State(1, 0), [Ask(first, 0, 1), Ask(second, 0, 1)], []);
        Assert.Equal("a", Assert.Single(outcomes.OfType<Reserved>()).Reservation.Pool);
    }

    [Theory]
    [InlineData(10, 20, 10, BoundKind.None)]
    [InlineData(10, 20, 11, BoundKind.NodeLimit)]
    [InlineData(20, 12, 11, BoundKind.None)]
    [InlineData(20, 12, 12, BoundKind.NicRoom)]
    [InlineData(11, 12, 12, BoundKind.NodeLimit)]
    public void A_node_is_bound_only_by_what_it_wants_to_pass(int nodeLimit, int nicLimit, int wanted, BoundKind bound) =>
        Assert.Equal(bound, new NodeRoom(nodeLimit, nicLimit, Foreign: 1).Clamp(wanted).Bound.Kind);
}
