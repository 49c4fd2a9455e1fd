using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Planning;
using Vnetcni.Ipam.VNetBudget;
using Xunit;

namespace Vnetcni.Ipam.Tests.Planning;

public class LeftoverPlannerTests
{
    private static readonly Reservation Left = new("node-1", "uid-1", 8, 8, "e1", Closing: true) { Nic = "/nic-a" };

    private static NicSnapshot Nic(string etag, int owned, bool updating = false) => new(
        etag, "guid-1", updating, [.. Enumerable.Range(0, owned).Select(n => new NicAddress($"slot-{n}", IpAddress.V4((uint)n + 1), Confirmed: true))], ["primary"])
    {
        Id = "/nic-a",
    };

    [Fact]
    public void An_interface_that_is_gone_carries_nothing() =>
        Assert.IsType<DropReservation>(LeftoverPlanner.Next(Left, NicSnapshot.Gone, consented: false, claimed: false));

    [Fact]
    public void An_empty_interface_that_has_moved_carries_nothing_and_never_will() =>
        Assert.IsType<DropReservation>(LeftoverPlanner.Next(Left, Nic("e2", 0), consented: false, claimed: false));

    [Fact]
    public void Rule_14_an_empty_interface_that_has_not_moved_is_fenced_first()
    {
        var step = Assert.IsType<CleanInterface>(LeftoverPlanner.Next(Left, Nic("e1", 0), consented: false, claimed: false));
        Assert.Empty(step.Slots);
        Assert.Equal("e1", step.IfMatch);
    }

    [Fact]
    public void Without_consent_everything_stays_and_is_accounted_for()
    {
        Assert.IsType<LeaveReservation>(LeftoverPlanner.Next(Left, Nic("e1", 8), consented: false, claimed: false));
        Assert.IsType<LeaveReservation>(LeftoverPlanner.Next(Left, Nic("e2", 8), consented: false, claimed: false));
    }

    [Fact]
    public void Nothing_is_decided_while_an_operation_runs() =>
        Assert.IsType<LeaveReservation>(LeftoverPlanner.Next(Left, Nic("e2", 0, updating: true), consented: true, claimed: false));

    [Fact]
    public void Rule_12_an_interface_that_has_moved_is_cleaned_only_under_a_reservation_that_says_so()
    {
        var move = Assert.IsType<MoveReservation>(LeftoverPlanner.Next(Left, Nic("e2", 9), consented: true, claimed: false));
        Assert.Equal(Left with { NicEtag = "e2", Ceiling = 9 }, move.Next);
        var clean = Assert.IsType<CleanInterface>(LeftoverPlanner.Next(move.Next, Nic("e2", 9), consented: true, claimed: false));
        Assert.Equal(9, clean.Slots.Length);
        Assert.Equal("e2", clean.IfMatch);
    }

    [Fact]
    public void What_another_pool_is_about_is_that_pools()
    {
        Assert.IsType<LeaveReservation>(LeftoverPlanner.Next(Left, Nic("e1", 8), consented: true, claimed: true));
        Assert.IsType<DropReservation>(LeftoverPlanner.Next(Left, Nic("e2", 8), consented: true, claimed: true));
    }

    [Fact]
    public void A_pool_that_settles_on_another_interface_leaves_the_old_one_accounted_for()
    {
        var names = new SlotNames("1a2b3c4d-0000-0000-0000-000000000000");
        var pool = new PoolSnapshot { Name = "node-1", Uid = "uid-1", Incarnation = "guid-2", NicId = "/nic-b", SettledReservation = "gone:guid-1" };
        var open = new Reservation("node-1", "uid-1", 8, 8, "gone:guid-1") { Nic = "/nic-a" };
        var nic = new NicSnapshot("e9", "guid-2", Updating: false, [], ["primary"]) { Id = "/nic-b" };
        var settle = Assert.IsType<Settle>(PoolPlanner.Next(pool, nic, open, new PlanSettings(names, 250, 0)));
        var state = new BudgetState(100, 0, 0, 20, [open]);
        var (next, outcomes) = BudgetRound.Decide(state, [settle.Request], []);
        Assert.IsType<Done>(Assert.Single(outcomes));
        var left = Assert.Single(next.Reservations);
        Assert.Equal((20, 8, 8, true, true, "/nic-a"), (next.Used, left.Base, left.Ceiling, left.IsLeftover, left.Closing, left.Nic));
        // The object of that size can be counted anew, and the leftover can be dropped once.
        Assert.Equal(20, next.Count([new("other", 12), new("node-1", 0)]));
        var drop = new DropRequest(left.Pool, left.PoolUid, left);
        var (last, dropped) = BudgetRound.Decide(next, [drop, drop], []);
        Assert.Equal((12, 0), (last.Used, last.Reservations.Length));
        Assert.IsType<Outdated>(dropped[1]);
    }

    [Fact]
    public void An_interface_that_was_made_anew_under_the_same_id_leaves_nothing()
    {
        var names = new SlotNames("1a2b3c4d-0000-0000-0000-000000000000");
        var pool = new PoolSnapshot { Name = "node-1", Uid = "uid-1", Incarnation = "guid-2", NicId = "/nic-a", SettledReservation = "gone:guid-1" };
        var open = new Reservation("node-1", "uid-1", 8, 8, "gone:guid-1") { Nic = "/nic-a" };
        var nic = new NicSnapshot("e9", "guid-2", Updating: false, [], ["primary"]) { Id = "/nic-a" };
        var settle = Assert.IsType<Settle>(PoolPlanner.Next(pool, nic, open, new PlanSettings(names, 250, 0)));
        Assert.Null(settle.Request.Leftover);
    }

    [Fact]
    public void A_reservation_for_another_interface_publishes_nothing_of_this_one()
    {
        var names = new SlotNames("1a2b3c4d-0000-0000-0000-000000000000");
        var pool = new PoolSnapshot { Name = "node-1", Uid = "uid-2", Desired = 4, NicId = "/nic-b", Incarnation = "guid-2" };
        var nic = new NicSnapshot("e9", "guid-2", Updating: false, [new NicAddress(names.Of(0), IpAddress.V4(7), Confirmed: true)], ["primary"]) { Id = "/nic-b" };
        var publish = Assert.IsType<Publish>(PoolPlanner.Next(pool, nic, Left, new PlanSettings(names, 250, 0)));
        Assert.Empty(publish.Addresses);
    }

    [Fact]
    public void A_leader_that_still_holds_the_old_interface_lets_nothing_of_a_new_pool_object_go_unaccounted()
    {
        // The reservation of the object before, about interface a; the new object was described for interface b by another leader.
        var names = new SlotNames("1a2b3c4d-0000-0000-0000-000000000000");
        var settings = new PlanSettings(names, 250, 0);
        var pool = new PoolSnapshot { Name = "node-1", Uid = "uid-2", Incarnation = "guid-2", NicId = "/nic-b" };
        var nic = new NicSnapshot("e1", "guid-1", Updating: false, [new NicAddress(names.Of(0), IpAddress.V4(7), Confirmed: true)], ["primary"]) { Id = "/nic-a" };
        var closing = new Reservation("node-1", "uid-1", 1, 1, "e1", Closing: true) { Nic = "/nic-a" };
        var fence = Assert.IsType<Put>(PoolPlanner.Next(pool, nic, closing, settings));
        Assert.Equal((true, true, "e1"), (fence.Add.IsEmpty, fence.Remove.IsEmpty, fence.IfMatch));
        var publish = Assert.IsType<Publish>(PoolPlanner.Next(pool, nic with { Etag = "e2" }, closing, settings));
        Assert.Equal((1, "guid-1"), (publish.Addresses.Length, publish.Incarnation));
    }

    [Fact]
    public void Under_a_reservation_for_an_interface_that_was_gone_nothing_new_is_listed()
    {
        // Another PUT may be on its way: no ETag of such a reservation holds it off.
        var names = new SlotNames("1a2b3c4d-0000-0000-0000-000000000000");
        var pool = new PoolSnapshot
        {
            Name = "node-1",
            Uid = "uid-1",
            Incarnation = "guid-1",
            NicId = "/nic-a",
            Addresses = [new PublishedAddress(names.Of(1), IpAddress.V4(8), Releasing: false)],
        };
        var nic = new NicSnapshot(
            "e1", "guid-1", Updating: false,
            [new NicAddress(names.Of(0), IpAddress.V4(7), Confirmed: true), new NicAddress(names.Of(1), IpAddress.V4(8), Confirmed: true)], ["primary"])
        {
            Id = "/nic-a",
        };
        var gone = new Reservation("node-1", "uid-1", 1, 1, Reservation.GoneEtag("guid-1")) { Nic = "/nic-a" };
        var publish = Assert.IsType<Publish>(PoolPlanner.Next(pool, nic, gone, new PlanSettings(names, 250, 0)));
        Assert.Equal(IpAddress.V4(8), Assert.Single(publish.Addresses).Address);
    }

    [Fact]
    public void What_a_leftover_accounts_for_is_not_reserved_a_second_time()
    {
        var names = new SlotNames("1a2b3c4d-0000-0000-0000-000000000000");
        var pool = new PoolSnapshot { Name = "node-1", Uid = "uid-1", NicId = "/nic-b", SettledReservation = Reservation.GoneEtag("guid-1") };
        var nic = new NicSnapshot("e1", "guid-1", Updating: false, [new NicAddress(names.Of(0), IpAddress.V4(7), Confirmed: true)], ["primary"]) { Id = "/nic-a" };
        var gone = new Reservation("node-1", "uid-1", 1, 1, Reservation.GoneEtag("guid-1")) { Nic = "/nic-a" };
        var settle = Assert.IsType<Settle>(PoolPlanner.Next(pool, nic, gone, new PlanSettings(names, 250, 0)));
        Assert.Null(settle.Request.Reopen);
        Assert.Equal("/nic-a", settle.Request.Leftover!.Nic);
    }

    [Fact]
    public void A_leftover_is_dropped_for_a_pool_only_while_that_pool_accounts_as_it_was_read()
    {
        var own = new Reservation("node-1", "uid-1", 0, 8, "e1") { Nic = "/nic-a" };
        var left = new Reservation("node-2", "uid-2", 8, 8, "e0") { Nic = "/nic-a" }.AsLeftover();
        var state = new BudgetState(100, 0, 0, 8, [own, left]);
        var drop = new DropRequest(left.Pool, left.PoolUid, left) { Claim = new Claim("node-1", own) };
        Assert.IsType<Done>(Assert.Single(BudgetRound.Decide(state, [drop], []).Outcomes));
        Assert.IsType<Outdated>(Assert.Single(BudgetRound.Decide(state, [drop with { Claim = new Claim("node-1", null) }], []).Outcomes));
        Assert.IsType<Outdated>(Assert.Single(BudgetRound.Decide(state.Without("node-1"), [drop], []).Outcomes));
    }
}
