using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Planning;
using Vnetcni.Ipam.VNetBudget;
using Xunit;

namespace Vnetcni.Ipam.Tests.Planning;

/// <summary>Addresses that somebody else took off the interface, without the agent's consent.</summary>
public class PutBackTests
{
    private static readonly SlotNames Names = new("1a2b3c4d-0000-0000-0000-000000000000");
    private static readonly PlanSettings Settings = new(Names, 250, 0);

    private static IpAddress Ip(int n) => IpAddress.V4(0x0A00_0000u + (uint)n);

    private static NicSnapshot Nic(params int[] owned) => new(
        "e1", "guid-1", Updating: false, [.. owned.Select(n => new NicAddress(Names.Of(n), Ip(n), Confirmed: true))], ["primary"]);

    private static PoolSnapshot Pool(int desired, params int[] list) => new()
    {
        Name = "node-1",
        Uid = "uid-1",
        Incarnation = "guid-1",
        Addresses = [.. list.Select(static n => new PublishedAddress(Names.Of(n), Ip(n), Releasing: false))],
        Desired = desired,
    };

    private static Put Plan(PoolSnapshot pool, NicSnapshot nic, int ceiling, PlanSettings? settings = null) =>
        Assert.IsType<Put>(PoolPlanner.Next(pool, nic, new Reservation("node-1", "uid-1", pool.Addresses.Length, ceiling, "e1"), settings ?? Settings));

    [Fact]
    public void What_is_listed_and_not_on_the_interface_is_added_with_its_own_address()
    {
        var reserve = Assert.IsType<Reserve>(PoolPlanner.Next(Pool(3, 0, 1, 2), Nic(0), null, Settings));
        Assert.True(reserve.Drift);
        Assert.Equal((3, 1), (reserve.Request.Base, reserve.Request.Must));
        var put = Plan(Pool(3, 0, 1, 2), Nic(0), ceiling: 3);
        Assert.Equal([new StaticSlot(Names.Of(1), Ip(1)), new StaticSlot(Names.Of(2), Ip(2))], put.PutBack);
        Assert.Empty(put.Add);
        Assert.False(put.IsFence);
    }

    [Fact]
    public void It_is_so_when_the_node_wants_fewer_for_nobody_gave_them_up() =>
        Assert.Equal([Ip(1), Ip(2)], Plan(Pool(1, 0, 1, 2), Nic(0), ceiling: 3).PutBack.Select(static s => s.Address));

    [Fact]
    public void What_is_wanted_beyond_them_is_of_ARMs_choice()
    {
        var put = Plan(Pool(4, 0, 1), Nic(0), ceiling: 4);
        Assert.Equal([new StaticSlot(Names.Of(1), Ip(1))], put.PutBack);
        Assert.Equal([Names.Of(2), Names.Of(3)], put.Add);
    }

    [Fact]
    public void A_ceiling_and_the_interfaces_room_bound_it()
    {
        Assert.Equal([Ip(1)], Plan(Pool(3, 0, 1, 2), Nic(0), ceiling: 2).PutBack.Select(static s => s.Address));
        Assert.Equal([Ip(1)], Plan(Pool(3, 0, 1, 2), Nic(0), ceiling: 3, Settings with { NicLimit = 3 }).PutBack.Select(static s => s.Address));
    }

    [Fact]
    public void What_was_given_up_or_is_Releasing_or_lost_stays_away()
    {
        var pool = Pool(4, 0, 1, 2, 3) with { Releasable = [Ip(1)] };
        pool = pool with { Addresses = pool.Addresses.SetItem(2, pool.Addresses[2] with { Releasing = true }) };
        Assert.Empty(Plan(pool, Nic(0), ceiling: 4, Settings with { Lost = [Ip(3)] }).PutBack);
    }

    [Theory]
    [InlineData(true, true, 10)]
    [InlineData(false, false, 10)]
    [InlineData(false, true, 0)]
    public void Nothing_is_put_back_for_a_pool_that_goes_or_where_ARM_does_not_take_it(bool deleting, bool putsBack, int growth)
    {
        var pool = Pool(2, 0, 1) with { Deleting = deleting, DrainConsented = deleting };
        Assert.Empty(PoolPlanner.Next(pool, Nic(0), new Reservation("node-1", "uid-1", 2, 2, "e1"), Settings with { PutsBack = putsBack, MaxGrowth = growth }) is Put put
            ? put.PutBack : []);
    }

    [Fact]
    public void What_pods_miss_is_put_back_however_many_the_node_wants()
    {
        var pool = Pool(1, 0, 1) with { Missing = [Ip(8), Ip(7)] };
        var reserve = Assert.IsType<Reserve>(PoolPlanner.Next(pool, Nic(0, 1), null, Settings)).Request;
        Assert.Equal((2, 2, 4, false), (reserve.Base, reserve.Must, reserve.Want, reserve.Essential));
        var put = Plan(pool, Nic(0, 1), ceiling: 4, Settings with { Missed = [Ip(5), Ip(7)] });
        Assert.Equal([new StaticSlot(Names.Of(2), Ip(7)), new StaticSlot(Names.Of(3), Ip(8))], put.PutBack);
        Assert.Empty(put.Add);
    }

    [Fact]
    public void What_pods_miss_comes_before_what_left_the_list_and_that_before_any_other()
    {
        var put = Plan(Pool(4, 0) with { Missing = [Ip(9)] }, Nic(0), ceiling: 4, Settings with { Missed = [Ip(7)] });
        Assert.Equal([new StaticSlot(Names.Of(1), Ip(9)), new StaticSlot(Names.Of(2), Ip(7))], put.PutBack);
        Assert.Equal([Names.Of(3)], put.Add);
    }

    [Fact]
    public void What_pods_miss_stays_away_where_it_is_there_or_lost_or_given_up_or_where_there_is_no_room()
    {
        var pool = Pool(2, 0, 1) with { Missing = [Ip(7)] };
        Assert.IsType<Idle>(PoolPlanner.Next(pool with { Missing = [Ip(1)] }, Nic(0, 1), null, Settings));
        Assert.IsType<Idle>(PoolPlanner.Next(pool, Nic(0, 1), null, Settings with { Lost = [Ip(7)] }));
        Assert.IsType<Idle>(PoolPlanner.Next(pool with { Releasable = [Ip(7)] }, Nic(0, 1), null, Settings));
        Assert.IsType<Idle>(PoolPlanner.Next(pool, Nic(0, 1), null, Settings with { PutsBack = false }));
        Assert.IsType<Idle>(PoolPlanner.Next(pool, Nic(0, 1), null, Settings with { MaxGrowth = 0 }));
        Assert.Equal(new Idle(Bound.None), PoolPlanner.Next(pool, Nic(0, 1), null, new PlanSettings(Names, NodeLimit: 2, WarmUp: 0)));
        var share = new FairShareOf(2, new Bound(BoundKind.VNetBudget, 2, 2));
        Assert.Equal(new Idle(Bound.None), PoolPlanner.Next(pool, Nic(0, 1), null, Settings with { Share = share }));
        Assert.IsType<Reserve>(PoolPlanner.Next(pool, Nic(0, 1), null, Settings with { Share = share with { Addresses = 3 } }));
        Assert.IsType<Idle>(PoolPlanner.Next(pool, Nic(0, 1), null, Settings with { NicLimit = 3 }));
        Assert.IsType<Reserve>(PoolPlanner.Next(pool, Nic(0, 1), null, Settings with { NicLimit = 4 }));
    }

    [Fact]
    public void What_left_the_list_comes_in_its_order_once_and_without_what_is_listed_or_lost()
    {
        var settings = Settings with { Missed = [Ip(9), Ip(8), Ip(7), Ip(6), Ip(1)], Lost = [Ip(6)] };
        var put = Plan(Pool(6, 0, 1) with { Missing = [Ip(8)] }, Nic(0, 1), ceiling: 6, settings);
        Assert.Equal([Ip(8), Ip(7), Ip(9)], put.PutBack.Select(static s => s.Address));
        Assert.Single(put.Add);
    }

    [Fact]
    public void What_left_the_list_comes_first_when_addresses_are_added()
    {
        var put = Plan(Pool(3, 0), Nic(0), ceiling: 3, Settings with { Missed = [Ip(7)] });
        Assert.Equal([new StaticSlot(Names.Of(1), Ip(7))], put.PutBack);
        Assert.Equal([Names.Of(2)], put.Add);
        Assert.Empty(Plan(Pool(1, 0), Nic(0), ceiling: 1, Settings with { Missed = [Ip(7)] }).PutBack);
    }
}
