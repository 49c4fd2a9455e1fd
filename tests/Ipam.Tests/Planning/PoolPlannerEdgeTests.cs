using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Planning;
using Vnetcni.Ipam.VNetBudget;
using Xunit;

namespace Vnetcni.Ipam.Tests.Planning;

public class PoolPlannerEdgeTests
{
    private static readonly SlotNames Names = new("1a2b3c4d-0000-0000-0000-000000000000");
    private static readonly PlanSettings Settings = new(Names, 250, 0);

    private static IpAddress Ip(int n) => IpAddress.V4(0x0A00_0000u + (uint)n);

    private static NicSnapshot Nic(string etag, params int[] owned) => new(
        etag, "guid-1", Updating: false, [.. owned.Select(n => new NicAddress(Names.Of(n), Ip(n), Confirmed: true))], ["primary"])
    { Id = "nic-1" };

    private static PublishedAddress Listed(int n, bool releasing = false) => new(Names.Of(n), Ip(n), releasing);

    private static PoolSnapshot Pool(int? desired, params PublishedAddress[] list) => new()
    {
        Name = "node-1",
        Uid = "uid-1",
        Incarnation = "guid-1",
        NicId = "nic-1",
        Addresses = [.. list],
        Desired = desired,
    };

    private static Reservation Open(int from, int to, string etag) => new("node-1", "uid-1", from, to, etag) { Nic = "nic-1" };

    [Fact]
    public void A_reservation_names_the_interface_that_was_read()
    {
        var grow = Assert.IsType<Reserve>(PoolPlanner.Next(Pool(3, Listed(0)), Nic("e1", 0), null, Settings));
        Assert.Equal("nic-1", grow.Request.Nic);
        var drift = Assert.IsType<Reserve>(PoolPlanner.Next(Pool(1, Listed(0)), Nic("e1", 0, 1) with { Id = "nic-2" }, null, Settings));
        Assert.Equal(("nic-2", "e1", true), (drift.Request.Nic, drift.Request.NicEtag, drift.Drift));
        Assert.Equal((1, 2, 2), (drift.Request.Base, drift.Request.Must, drift.Request.Want));
    }

    [Fact]
    public void Addresses_that_somebody_else_removed_stay_accounted_for_until_that_is_settled()
    {
        var step = Assert.IsType<Reserve>(PoolPlanner.Next(Pool(2, Listed(0), Listed(1)), Nic("e1", 0), null, Settings));
        Assert.Equal((2, 1, 2), (step.Request.Base, step.Request.Must, step.Request.Want));
    }

    [Fact]
    public void A_share_bounds_growth_and_raises_nothing()
    {
        var share = new FairShareOf(2, new Bound(BoundKind.VNetBudget, 16, 16));
        var less = Assert.IsType<Reserve>(PoolPlanner.Next(Pool(4, Listed(0)), Nic("e1", 0), null, Settings with { Share = share }));
        Assert.Equal((2, share.Bound), (less.Request.Want, less.Bound));
        var enough = Assert.IsType<Reserve>(PoolPlanner.Next(Pool(4, Listed(0)), Nic("e1", 0), null, Settings with { Share = share with { Addresses = 9 } }));
        Assert.Equal((4, Bound.None), (enough.Request.Want, enough.Bound));
    }

    [Fact]
    public void A_list_of_an_interface_that_is_gone_is_reserved_for_under_its_own_name()
    {
        var step = Assert.IsType<Reserve>(PoolPlanner.Next(Pool(1, Listed(0)), NicSnapshot.Gone, null, Settings));
        Assert.Equal(("nic-1", Reservation.GoneEtag("guid-1"), false), (step.Request.Nic, step.Request.NicEtag, step.Drift));
    }

    [Fact]
    public void A_pool_without_a_list_whose_interface_is_gone_is_described_once_more() =>
        Assert.IsType<Reserve>(PoolPlanner.Next(Pool(1), NicSnapshot.Gone, null, Settings));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_deleted_pool_leaves_a_closing_reservation_for_what_its_interface_carries(bool gone)
    {
        var pool = Pool(1, Listed(0)) with { Deleting = true };
        var step = Assert.IsType<Close>(PoolPlanner.Next(pool, gone ? NicSnapshot.Gone : Nic("e1", 0, 1) with { Id = "nic-2" }, null, Settings));
        var closing = step.Request.Closing;
        Assert.Null(step.Request.Seen);
        Assert.Equal(
            gone ? (1, 1, Reservation.GoneEtag("guid-1"), "nic-1", true) : (1, 2, "e1", "nic-2", true),
            (closing.Base, closing.Ceiling, closing.NicEtag, closing.Nic, closing.Closing));
    }

    [Fact]
    public void The_reservation_that_is_open_is_the_one_that_is_closed()
    {
        var open = Open(1, 4, "e1");
        var step = Assert.IsType<Close>(PoolPlanner.Next(Pool(1, Listed(0)) with { Deleting = true }, Nic("e1", 0), open, Settings));
        Assert.Equal((open, open with { Closing = true }), (step.Request.Seen!, step.Request.Closing));
    }

    [Fact]
    public void What_the_agent_gives_up_while_a_PUT_is_settled_is_published_Releasing()
    {
        var pool = Pool(2, Listed(0), Listed(1)) with { Releasable = [Ip(1)] };
        var step = Assert.IsType<Publish>(PoolPlanner.Next(pool, Nic("e2", 0, 1), Open(2, 2, "e1"), Settings));
        Assert.Equal([Listed(0), Listed(1, releasing: true)], step.Addresses);
    }

    [Fact]
    public void A_released_address_that_ARM_gave_to_a_new_configuration_leaves_the_list_and_comes_back_as_a_new_one()
    {
        // The PUT dropped slot 1 and added slot 2, which got the very address that slot 1 had.
        var pool = Pool(2, Listed(0), Listed(1, releasing: true)) with { Releasable = [Ip(1)] };
        var nic = Nic("e2", 0) with { Owned = [new NicAddress(Names.Of(0), Ip(0), true), new NicAddress(Names.Of(2), Ip(1), true)] };
        var left = Assert.IsType<Publish>(PoolPlanner.Next(pool, nic, Open(2, 2, "e1"), Settings));
        Assert.Equal([Listed(0)], left.Addresses);
        Assert.Empty(left.Vanished);

        // It stays accounted for: what settles the reservation opens another one for it in the same write.
        pool = pool with { Addresses = left.Addresses, SettledReservation = "e1" };
        var settle = Assert.IsType<Settle>(PoolPlanner.Next(pool, nic, Open(2, 2, "e1"), Settings)).Request;
        Assert.Equal((1, Open(1, 2, "e2")), (settle.Length, settle.Reopen));
        var put = Assert.IsType<Put>(PoolPlanner.Next(pool, nic, Open(1, 2, "e2"), Settings));
        Assert.Equal((0, 0, "e2"), (put.Add.Length, put.Remove.Length, put.IfMatch));

        // Until the agent has forgotten it, it is not listed again (rule 7).
        nic = nic with { Etag = "e3" };
        Assert.Equal(new Wait(WaitCause.Agent), PoolPlanner.Next(pool, nic, Open(1, 2, "e2"), Settings));
        var back = Assert.IsType<Publish>(PoolPlanner.Next(pool with { Releasable = [] }, nic, Open(1, 2, "e2"), Settings));
        Assert.Equal([Listed(0), new PublishedAddress(Names.Of(2), Ip(1), false)], back.Addresses);
    }

    [Fact]
    public void A_released_address_stays_on_the_list_under_another_spelling_of_its_configuration()
    {
        var pool = Pool(1, Listed(0), Listed(1, releasing: true));
        var nic = Nic("e2", 0) with { Owned = [new NicAddress(Names.Of(0), Ip(0), true), new NicAddress(Names.Of(1).ToUpperInvariant(), Ip(1), true)] };
        var same = Assert.IsType<Publish>(PoolPlanner.Next(pool, nic, Open(2, 2, "e1"), Settings));
        Assert.Equal([false, true], same.Addresses.Select(static a => a.Releasing));
    }

    [Fact]
    public void An_address_that_ARM_has_not_given_yet_is_not_published()
    {
        var nic = Nic("e2", 0) with { Owned = [new NicAddress(Names.Of(1), default, Confirmed: true), new NicAddress(Names.Of(0), Ip(0), Confirmed: true)] };
        var step = Assert.IsType<Publish>(PoolPlanner.Next(Pool(2, Listed(0)), nic, Open(1, 2, "e1"), Settings));
        Assert.Equal([Listed(0)], step.Addresses);
    }

    [Fact]
    public void A_settlement_that_reopens_names_the_interface()
    {
        var pool = Pool(2, Listed(0)) with { SettledReservation = "e1" };
        var step = Assert.IsType<Settle>(PoolPlanner.Next(pool, Nic("e2", 0, 1), Open(1, 2, "e1"), Settings));
        Assert.Equal(Open(1, 2, "e2"), step.Request.Reopen);
        Assert.Null(step.Request.Leftover);
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(1, 0, false)]
    [InlineData(0, 1, false)]
    public void A_PUT_that_changes_nothing_is_a_fence(int add, int remove, bool fence) =>
        Assert.Equal(fence, new Put([.. Enumerable.Range(0, add).Select(Names.Of)], [.. Enumerable.Range(0, remove).Select(Names.Of)], "e1", Bound.None).IsFence);

    [Fact]
    public void A_slot_whose_name_somebody_else_uses_is_not_taken()
    {
        var nic = Nic("e1", 0) with { Foreign = ["primary", Names.Of(1).ToUpperInvariant()] };
        var step = Assert.IsType<Put>(PoolPlanner.Next(Pool(2, Listed(0)), nic, Open(1, 2, "e1"), Settings));
        Assert.Equal([Names.Of(2)], step.Add);
    }
}
