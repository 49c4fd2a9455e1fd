using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Planning;
using Vnetcni.Ipam.VNetBudget;
using Xunit;

namespace Vnetcni.Ipam.Tests.Planning;

public class PoolPlannerTests
{
    private static readonly SlotNames Names = new("1a2b3c4d-0000-0000-0000-000000000000");
    private static readonly PlanSettings Settings = new(Names, 250, 0);

    private static IpAddress Ip(int n) => IpAddress.V4(0x0A00_0000u + (uint)n);

    private static NicSnapshot Nic(string etag, params int[] owned) => new(
        etag, "guid-1", Updating: false, [.. owned.Select(n => new NicAddress(Names.Of(n), Ip(n), Confirmed: true))], ["primary"]);

    private static PublishedAddress Listed(int n, bool releasing = false) => new(Names.Of(n), Ip(n), releasing);

    private static PoolSnapshot Pool(int? desired, params PublishedAddress[] list) => new()
    {
        Name = "node-1",
        Uid = "uid-1",
        Incarnation = "guid-1",
        Addresses = [.. list],
        Desired = desired,
    };

    private static Reservation Open(int from, int to, string etag, string uid = "uid-1") => new("node-1", uid, from, to, etag);

    [Fact]
    public void A_pool_that_has_what_it_wants_is_idle() =>
        Assert.Equal(new Idle(Bound.None), PoolPlanner.Next(Pool(1, Listed(0)), Nic("e1", 0), null, Settings));

    [Fact]
    public void Rule_11_growth_begins_with_a_reservation_that_names_the_etag_that_was_read()
    {
        var step = Assert.IsType<Reserve>(PoolPlanner.Next(Pool(3, Listed(0)), Nic("e1", 0), null, Settings));
        Assert.Equal((1, 1, 3, "e1", false), (step.Request.Base, step.Request.Must, step.Request.Want, step.Request.NicEtag, step.Request.Essential));
        Assert.False(step.Drift);
    }

    [Fact]
    public void Rule_12_the_PUT_carries_the_reservations_etag_and_stays_below_its_ceiling()
    {
        var step = Assert.IsType<Put>(PoolPlanner.Next(Pool(5, Listed(0)), Nic("e1", 0), Open(1, 3, "e1"), Settings));
        Assert.Equal("e1", step.IfMatch);
        Assert.Equal([Names.Of(1), Names.Of(2)], step.Add);
        Assert.Empty(step.Remove);
    }

    [Fact]
    public void What_ARM_has_no_room_for_is_taken_off_again_once_it_said_so()
    {
        // 1 has no address yet; 2 had one, and pods may; 3 is going already.
        var nic = Nic("e1", 0) with
        {
            Owned =
            [
                new NicAddress(Names.Of(0), Ip(0), Confirmed: true),
                new NicAddress(Names.Of(1), default, Confirmed: false),
                new NicAddress(Names.Of(2), default, Confirmed: false),
                new NicAddress(Names.Of(3), default, Confirmed: false) { Leaving = true },
            ],
        };
        var pool = Pool(4, Listed(0), Listed(2));
        var full = Settings with { MaxGrowth = 0, DropsUnplaced = true };
        var step = Assert.IsType<Put>(PoolPlanner.Next(pool, nic, Open(2, 4, "e1"), full));
        Assert.Equal([Names.Of(1)], step.Remove);
        Assert.Empty(step.Add);
        var waits = Assert.IsType<Put>(PoolPlanner.Next(pool, nic, Open(2, 4, "e1"), full with { DropsUnplaced = false }));
        Assert.Empty(waits.Remove);
    }

    [Fact]
    public void What_is_about_to_go_is_off_the_list_and_stays_accounted_for_unless_it_is_being_released()
    {
        // 1 was dropped by somebody else, 2 is being released; both are on the interface still.
        var nic = Nic("e2", 0) with
        {
            Owned =
            [
                new NicAddress(Names.Of(0), Ip(0), Confirmed: true),
                new NicAddress(Names.Of(1), Ip(1), Confirmed: false) { Leaving = true },
                new NicAddress(Names.Of(2), Ip(2), Confirmed: false) { Leaving = true },
            ],
        };
        var pool = Pool(1, Listed(0), Listed(1), Listed(2, releasing: true));
        var publish = Assert.IsType<Publish>(PoolPlanner.Next(pool, nic, Open(3, 3, "e1"), Settings));
        Assert.Equal([Listed(0), Listed(2, releasing: true)], publish.Addresses);
        Assert.Equal([Ip(1)], publish.Vanished);
        pool = pool with { Addresses = publish.Addresses, SettledReservation = "e1" };
        var settle = Assert.IsType<Settle>(PoolPlanner.Next(pool, nic, Open(3, 3, "e1"), Settings));
        Assert.Equal((2, 3), (settle.Request.Length, settle.Request.Reopen!.Ceiling));
        // Neither name is used again before it is gone.
        var put = Assert.IsType<Put>(PoolPlanner.Next(pool with { Desired = 4 }, nic, settle.Request.Reopen with { Ceiling = 4 }, Settings));
        Assert.Equal([Names.Of(3), Names.Of(4)], put.Add);
        Assert.Equal([Names.Of(2)], put.Remove);
    }

    [Fact]
    public void Nothing_is_decided_while_an_operation_runs()
    {
        var busy = Nic("e2", 0, 1) with { Updating = true };
        Assert.Equal(new Wait(WaitCause.Operation), PoolPlanner.Next(Pool(5, Listed(0)), busy, Open(1, 3, "e1"), Settings));
    }

    [Fact]
    public void Rule_4_what_the_agent_gives_up_is_marked_before_anything_else()
    {
        var pool = Pool(2, Listed(0), Listed(1), Listed(2)) with { Releasable = [Ip(2)] };
        var step = Assert.IsType<MarkReleasing>(PoolPlanner.Next(pool, Nic("e1", 0, 1, 2), null, Settings));
        Assert.Equal([Ip(2)], step.Addresses);
    }

    [Fact]
    public void Rule_4_only_what_is_Releasing_is_left_out_of_the_PUT()
    {
        // The agent lists address 1 as well, but it is not marked in the list that was read.
        var pool = Pool(2, Listed(0), Listed(1), Listed(2, releasing: true));
        var step = Assert.IsType<Put>(PoolPlanner.Next(pool, Nic("e1", 0, 1, 2), Open(3, 3, "e1"), Settings));
        Assert.Equal([Names.Of(2)], step.Remove);
        Assert.Empty(step.Add);
    }

    [Fact]
    public void Rule_4_Releasing_is_never_taken_back()
    {
        // Nobody lists address 1 any more, and the node wants it again.
        var pool = Pool(2, Listed(0), Listed(1, releasing: true));
        var step = Assert.IsType<Put>(PoolPlanner.Next(pool, Nic("e1", 0, 1), Open(2, 2, "e1"), Settings));
        Assert.Equal([Names.Of(1)], step.Remove);
        Assert.Equal([Names.Of(2)], step.Add);
    }

    [Fact]
    public void Rule_6_an_address_leaves_the_list_only_when_the_etag_has_moved_and_it_is_gone()
    {
        var pool = Pool(1, Listed(0), Listed(1, releasing: true));
        var still = PoolPlanner.Next(pool, Nic("e1", 0, 1), Open(2, 2, "e1"), Settings);
        Assert.IsType<Put>(still);
        var step = Assert.IsType<Publish>(PoolPlanner.Next(pool, Nic("e2", 0), Open(2, 2, "e1"), Settings));
        Assert.Equal([Listed(0)], step.Addresses);
        Assert.Equal("e1", step.Reservation);
        Assert.Empty(step.Vanished);
    }

    [Fact]
    public void Rule_6_a_slot_is_not_reused_before_a_read_shows_it_gone()
    {
        var pool = Pool(4, Listed(0), Listed(1, releasing: true));
        var step = Assert.IsType<Put>(PoolPlanner.Next(pool, Nic("e1", 0, 1), Open(2, 9, "e1"), Settings));
        Assert.DoesNotContain(Names.Of(1), step.Add);
        Assert.Equal(3, step.Add.Length);
    }

    [Fact]
    public void Rule_7_a_new_address_is_published_Available()
    {
        var step = Assert.IsType<Publish>(PoolPlanner.Next(Pool(2, Listed(0)), Nic("e2", 0, 1), Open(1, 2, "e1"), Settings));
        Assert.Equal([Listed(0), Listed(1)], step.Addresses);
    }

    [Fact]
    public void Rule_7_an_address_that_the_agent_still_lists_is_not_published()
    {
        var pool = Pool(2, Listed(0)) with { Releasable = [Ip(1)] };
        Assert.Equal(new Wait(WaitCause.Agent), PoolPlanner.Next(pool, Nic("e2", 0, 1), Open(1, 2, "e1"), Settings));
    }

    [Fact]
    public void Rule_10_of_a_machine_that_is_gone_nobody_is_waited_for()
    {
        // ARM gave an address again that the agent had given back, and the agent ended before it cleared its list.
        var pool = Pool(2, Listed(0)) with { Releasable = [Ip(1)], Deleting = true, NodePresent = false, DrainConsented = true };
        var step = Assert.IsType<Publish>(PoolPlanner.Next(pool, Nic("e2", 0, 1), Open(1, 2, "e1"), Settings));
        Assert.Equal([Listed(0), Listed(1, releasing: true)], step.Addresses);
    }

    [Fact]
    public void Only_what_ARM_confirms_is_published_and_the_rest_stays_accounted_for()
    {
        var nic = Nic("e2", 0, 1);
        nic = nic with { Owned = nic.Owned.SetItem(1, nic.Owned[1] with { Confirmed = false }) };
        var publish = Assert.IsType<Publish>(PoolPlanner.Next(Pool(2, Listed(0)), nic, Open(1, 2, "e1"), Settings));
        Assert.Equal([Listed(0)], publish.Addresses);
        var settle = Assert.IsType<Settle>(
            PoolPlanner.Next(Pool(2, Listed(0)) with { SettledReservation = "e1" }, nic, Open(1, 2, "e1"), Settings));
        Assert.Equal(Open(1, 2, "e2"), settle.Request.Reopen);
    }

    [Fact]
    public void What_was_confirmed_once_stays_when_an_operation_fails_later()
    {
        var nic = Nic("e2", 0, 1);
        nic = nic with { Owned = [.. nic.Owned.Select(a => a with { Confirmed = false })] };
        var publish = Assert.IsType<Publish>(PoolPlanner.Next(Pool(2, Listed(0)), nic, Open(1, 2, "e1"), Settings));
        Assert.Equal([Listed(0)], publish.Addresses);
        Assert.Empty(publish.Vanished);

        // And the interface is written again, to be repaired.
        var pool = Pool(2, Listed(0), Listed(1)) with { SettledReservation = "e1" };
        Assert.True(Assert.IsType<Reserve>(PoolPlanner.Next(pool, nic, null, Settings)).Drift);
    }

    [Fact]
    public void Rule_13_the_settlement_follows_the_list_that_names_the_reservation()
    {
        var pool = Pool(2, Listed(0), Listed(1)) with { SettledReservation = "e1" };
        var step = Assert.IsType<Settle>(PoolPlanner.Next(pool, Nic("e2", 0, 1), Open(1, 2, "e1"), Settings));
        Assert.Equal(new SettleRequest("node-1", "e1", 2), step.Request);
    }

    [Fact]
    public void Rule_13_the_list_that_names_the_reservation_is_not_changed_again()
    {
        // The interface has moved on since; the list's length is what V is told.
        var pool = Pool(2, Listed(0), Listed(1)) with { SettledReservation = "e1" };
        var step = Assert.IsType<Settle>(PoolPlanner.Next(pool, Nic("e3", 0), Open(1, 2, "e1"), Settings));
        Assert.Equal(2, step.Request.Length);
    }

    [Fact]
    public void Rule_14_a_reservation_left_behind_is_resolved_by_a_PUT_under_its_etag()
    {
        var step = Assert.IsType<Put>(PoolPlanner.Next(Pool(1, Listed(0)), Nic("e1", 0), Open(1, 5, "e1"), Settings));
        Assert.True(step.IsFence);
        Assert.Equal("e1", step.IfMatch);
    }

    [Fact]
    public void Rule_14_a_reservation_of_an_older_pool_object_is_resolved_alike()
    {
        var closing = Open(2, 2, "e1", "uid-0") with { Closing = true };
        var pool = Pool(2) with { Incarnation = string.Empty };
        Assert.IsType<Put>(PoolPlanner.Next(pool, Nic("e1", 0, 1), closing, Settings));
        var step = Assert.IsType<Publish>(PoolPlanner.Next(pool, Nic("e2", 0, 1), closing, Settings));
        Assert.Equal([Listed(0), Listed(1)], step.Addresses);
    }

    [Fact]
    public void Drift_is_reserved_for_before_it_is_adopted()
    {
        var step = Assert.IsType<Reserve>(PoolPlanner.Next(Pool(1, Listed(0)), Nic("e1", 0, 1, 2), null, Settings));
        Assert.True(step.Drift);
        Assert.Equal((1, 3, true), (step.Request.Base, step.Request.Must, step.Request.Essential));
    }

    [Fact]
    public void An_ipConfiguration_that_somebody_else_renamed_is_drift_and_another_spelling_is_not()
    {
        var renamed = Nic("e1", 0) with { Owned = [new NicAddress(Names.Of(7), Ip(0), Confirmed: true)] };
        Assert.True(Assert.IsType<Reserve>(PoolPlanner.Next(Pool(1, Listed(0)), renamed, null, Settings)).Drift);
        var spelt = Nic("e1", 0) with { Owned = [new NicAddress(Names.Of(0).ToUpperInvariant(), Ip(0), Confirmed: true)] };
        Assert.Equal(new Idle(Bound.None), PoolPlanner.Next(Pool(1, Listed(0)), spelt, null, Settings));
    }

    [Fact]
    public void An_address_that_somebody_else_removed_is_named()
    {
        var step = Assert.IsType<Publish>(PoolPlanner.Next(Pool(2, Listed(0), Listed(1)), Nic("e2", 0), Open(2, 2, "e1"), Settings));
        Assert.Equal([Ip(1)], step.Vanished);
    }

    [Fact]
    public void A_read_that_is_older_than_the_list_opens_no_reservation()
    {
        var pool = Pool(5, Listed(0)) with { SettledReservation = "e1" };
        Assert.Equal(new Wait(WaitCause.FreshRead), PoolPlanner.Next(pool, Nic("e1", 0), null, Settings));
    }

    [Fact]
    public void Nothing_is_granted_before_the_agent_reported_unless_the_class_warms_up()
    {
        Assert.IsType<Idle>(PoolPlanner.Next(Pool(null), Nic("e1"), null, Settings));
        Assert.Equal(4, Assert.IsType<Reserve>(PoolPlanner.Next(Pool(null), Nic("e1"), null, Settings with { WarmUp = 4 })).Request.Want);
    }

    [Fact]
    public void The_node_limit_and_the_interfaces_room_bound_growth()
    {
        var step = Assert.IsType<Reserve>(PoolPlanner.Next(Pool(9), Nic("e1"), null, Settings with { NodeLimit = 4 }));
        Assert.Equal((4, BoundKind.NodeLimit), (step.Request.Want, step.Bound.Kind));
        var crowded = Nic("e1") with { Foreign = [.. Enumerable.Range(0, 250).Select(i => $"other-{i}")] };
        step = Assert.IsType<Reserve>(PoolPlanner.Next(Pool(9), crowded, null, Settings));
        Assert.Equal((6, new Bound(BoundKind.NicRoom, 256, 256)), (step.Request.Want, step.Bound));
        Assert.Equal(
            new Idle(new Bound(BoundKind.NodeLimit, 1, 1)),
            PoolPlanner.Next(Pool(9, Listed(0)), Nic("e1", 0), null, Settings with { NodeLimit = 1 }));
    }

    [Fact]
    public void After_a_full_subnet_only_releases_go_through()
    {
        var pool = Pool(9, Listed(0), Listed(1, releasing: true));
        var step = Assert.IsType<Put>(PoolPlanner.Next(pool, Nic("e1", 0, 1), Open(2, 9, "e1"), Settings with { MaxGrowth = 0 }));
        Assert.Equal((0, 1), (step.Add.Length, step.Remove.Length));
    }

    [Fact]
    public void Another_machine_under_the_same_name_starts_anew()
    {
        var other = Nic("f1", 7) with { Incarnation = "guid-2" };
        var pool = Pool(2, Listed(0), Listed(1));
        var reserve = Assert.IsType<Reserve>(PoolPlanner.Next(pool, other, null, Settings));
        Assert.Equal((2, 0, Reservation.GoneEtag("guid-1")), (reserve.Request.Base, reserve.Request.Must, reserve.Request.NicEtag));
        var publish = Assert.IsType<Publish>(PoolPlanner.Next(pool, other, Open(2, 2, Reservation.GoneEtag("guid-1")), Settings));
        Assert.Empty(publish.Addresses);
        Assert.Equal("guid-2", publish.Incarnation);

        // And once more, before anything else happened to the list.
        pool = pool with { Addresses = [], Incarnation = "guid-2", SettledReservation = Reservation.GoneEtag("guid-1") };
        other = other with { Incarnation = "guid-3" };
        reserve = Assert.IsType<Reserve>(PoolPlanner.Next(pool, other, null, Settings));
        Assert.IsType<Publish>(PoolPlanner.Next(pool, other, Open(0, 0, reserve.Request.NicEtag), Settings));
    }

    [Fact]
    public void Rule_10_a_pool_deleted_by_hand_keeps_its_addresses_accounted_for()
    {
        var pool = Pool(2, Listed(0), Listed(1)) with { Deleting = true };
        var close = Assert.IsType<Close>(PoolPlanner.Next(pool, Nic("e1", 0, 1), null, Settings));
        Assert.Equal(Open(2, 2, "e1") with { Closing = true }, close.Request.Closing);
        Assert.IsType<RemoveFinalizer>(PoolPlanner.Next(pool, Nic("e1", 0, 1), close.Request.Closing, Settings));
    }

    [Fact]
    public void Rule_10_without_a_Node_and_without_consent_a_deletion_waits()
    {
        var pool = Pool(2, Listed(0)) with { Deleting = true, NodePresent = false };
        Assert.Equal(new Wait(WaitCause.Consent), PoolPlanner.Next(pool, Nic("e1", 0), null, Settings));
    }

    [Fact]
    public void Rule_10_with_consent_the_addresses_are_taken_back_first()
    {
        var pool = Pool(2, Listed(0)) with { Deleting = true, NodePresent = false, DrainConsented = true };
        Assert.IsType<MarkReleasing>(PoolPlanner.Next(pool, Nic("e1", 0), null, Settings));
        pool = pool with { Addresses = [Listed(0, releasing: true)] };
        Assert.True(Assert.IsType<Reserve>(PoolPlanner.Next(pool, Nic("e1", 0), null, Settings)).Request.Essential);
        Assert.Equal([Names.Of(0)], Assert.IsType<Put>(PoolPlanner.Next(pool, Nic("e1", 0), Open(1, 1, "e1"), Settings)).Remove);
        pool = pool with { Addresses = [], SettledReservation = "e1" };
        Assert.IsType<Settle>(PoolPlanner.Next(pool, Nic("e2"), Open(1, 1, "e1"), Settings));
        var close = Assert.IsType<Close>(PoolPlanner.Next(pool, Nic("e2"), null, Settings));
        Assert.Equal(0, close.Request.Closing.Ceiling);
        Assert.IsType<RemoveFinalizer>(PoolPlanner.Next(pool, Nic("e2"), close.Request.Closing, Settings));
    }

    [Fact]
    public void Rule_10_with_the_VM_gone_the_list_is_emptied_under_a_reservation()
    {
        var pool = Pool(2, Listed(0)) with { Deleting = true, NodePresent = false, DrainConsented = true };
        var reserve = Assert.IsType<Reserve>(PoolPlanner.Next(pool, NicSnapshot.Gone, null, Settings));
        Assert.Equal(Reservation.GoneEtag("guid-1"), reserve.Request.NicEtag);
        Assert.Empty(Assert.IsType<Publish>(PoolPlanner.Next(pool, NicSnapshot.Gone, Open(1, 1, Reservation.GoneEtag("guid-1")), Settings)).Addresses);
        pool = pool with { Addresses = [], Incarnation = string.Empty, SettledReservation = Reservation.GoneEtag("guid-1") };
        var close = Assert.IsType<Close>(PoolPlanner.Next(pool, NicSnapshot.Gone, null, Settings));
        Assert.IsType<RemoveFinalizer>(PoolPlanner.Next(pool, NicSnapshot.Gone, close.Request.Closing, Settings));
    }

    [Theory]
    [InlineData("1A2B3C4D-5e6f-0000-0000-000000000000", "vnetcni-1a2b3c4d-")]
    [InlineData("1a2b3c4d", "vnetcni-1a2b3c4d-")]
    public void A_slot_is_named_after_the_cluster(string uid, string prefix)
    {
        var names = new SlotNames(uid);
        Assert.Equal(prefix, names.Prefix);
        Assert.Equal(prefix + "17", names.Of(17));
        Assert.True(names.IsOurs(names.Of(3).ToUpperInvariant()));
        Assert.False(names.IsOurs("ipconfig1"));
        Assert.Equal([names.Of(1), names.Of(3)], names.Free([names.Of(0), names.Of(2).ToUpperInvariant()], 2));
    }

    [Fact]
    public void A_cluster_uid_that_is_no_uuid_still_gives_eight_hex_digits() =>
        Assert.Matches("^vnetcni-[0-9a-f]{8}-$", new SlotNames("kube-system").Prefix);
}
