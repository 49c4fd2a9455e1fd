using CsCheck;
using Vnetcni.Ipam.PoolScaling;
using Vnetcni.Ipam.VNetBudget;
using Xunit;

namespace Vnetcni.Ipam.Tests.VNetBudget;

public class FairSharesTests
{
    private static BudgetState State(int limit, int used, params Reservation[] reservations) => new(limit, 0, 0, used, [.. reservations]);

    private static ShareClaim Claim(string pool, int held, int wanted, int inUse = 0, int waiting = 0, string subnet = "") =>
        new(pool, subnet, held, wanted, inUse, waiting);

    [Fact]
    public void While_there_is_enough_nobody_has_a_share() =>
        Assert.Empty(FairShares.Of(State(30, 10), [Claim("a", 10, 16), Claim("b", 0, 14)], []));

    [Fact]
    public void Eighty_that_want_250_of_16000_get_200_each_whatever_they_hold()
    {
        var claims = Enumerable.Range(0, 80).Select(i => Claim($"p{i:00}", i < 64 ? 250 : 0, 250)).ToArray();
        var shares = FairShares.Of(State(16_000, 16_000), claims, []);
        Assert.Equal(80, shares.Count);
        Assert.All(shares.Values, s => Assert.Equal(new FairShareOf(200, new Bound(BoundKind.VNetBudget, 16_000, 16_000)), s));
    }

    [Fact]
    public void What_is_in_use_stays_and_the_waiting_come_first()
    {
        var shares = FairShares.Of(State(20, 20), [Claim("idle", 10, 16, inUse: 3), Claim("busy", 10, 10, inUse: 10), Claim("starved", 0, 16, waiting: 6)], []);
        Assert.False(shares.ContainsKey("busy"));
        Assert.Equal((4, 6), (shares["idle"].Addresses, shares["starved"].Addresses));
    }

    [Fact]
    public void What_nobody_accounts_for_any_more_is_not_shared_out()
    {
        var left = new Reservation("gone/1a2b3c4d", "uid", 4, 6, "e", Closing: true);
        Assert.Equal(14, FairShares.Of(State(20, 4, left), [Claim("a", 0, 30)], [])["a"].Addresses);
    }

    [Fact]
    public void A_subnet_is_shared_by_its_own_pools()
    {
        var shares = FairShares.Of(
            State(16_000, 9), [Claim("a", 9, 9, subnet: "s"), Claim("b", 0, 9, subnet: "s"), Claim("c", 0, 9, subnet: "t")], [new SubnetRoom("s", 11, 9)]);
        Assert.Equal(["a", "b"], shares.Keys);
        Assert.Equal((5, 4), (shares["a"].Addresses, shares["b"].Addresses));
        Assert.Equal(new Bound(BoundKind.SubnetFree, 11, 11), shares["a"].Bound);
    }

    [Fact]
    public void A_share_lowers_what_a_node_keeps_and_never_raises_it()
    {
        Assert.Equal(16, ShareCap.Apply(16, null));
        Assert.Equal(5, ShareCap.Apply(16, 5));
        Assert.Equal(16, ShareCap.Apply(16, 40));
    }

    [Fact]
    public void Shares_never_pass_the_limit_take_nothing_in_use_and_are_even_among_equals()
    {
        var claim = Gen.Select(Gen.Int[0, 60], Gen.Int[0, 60], Gen.Int[0, 60], Gen.Int[0, 9]);
        Gen.Select(Gen.Int[0, 400], claim.Array[1, 12]).Sample((limit, raw) =>
        {
            var claims = raw.Select((r, i) => Claim($"p{i:00}", Math.Max(r.Item1, r.Item3), r.Item2, r.Item3, r.Item4)).ToArray();
            var inUse = claims.Sum(c => c.InUse);
            var state = State(limit, claims.Sum(c => c.Held));
            var shares = FairShares.Of(state, claims, []);
            int Of(ShareClaim c) => shares.TryGetValue(c.Pool, out var s) ? s.Addresses : Math.Max(c.Wanted, c.InUse);
            Assert.True(claims.Sum(Of) <= Math.Max(limit, inUse));
            Assert.All(claims, c => Assert.InRange(Of(c), c.InUse, Math.Max(c.InUse, c.Wanted)));
            // All that there is goes to somebody while anybody wants more.
            if (shares.Count != 0)
                Assert.True(claims.Sum(Of) >= limit || limit < inUse);
            // Nobody who wants more and has nobody waiting stands two below one who has more than its pods need.
            foreach (var low in claims.Where(c => shares.ContainsKey(c.Pool)))
            {
                foreach (var high in claims.Where(c => Of(c) > c.InUse + c.Waiting))
                    Assert.True(Of(low) >= Of(high) - 1, $"{low} has {Of(low)}, {high} has {Of(high)}");
            }
        });
    }
}
