namespace Vnetcni.Ipam.VNetBudget;

/// <summary>What one pool has and wants. Counts are addresses.</summary>
/// <param name="Pool">Name of the pool.</param>
/// <param name="Subnet">Id of its subnet, lower case.</param>
/// <param name="Held">On its interface.</param>
/// <param name="Wanted">Wanted by its node, with the node's own limits already applied.</param>
/// <param name="InUse">Held by pods: these are never taken away.</param>
/// <param name="Waiting">Pods without an address; they come first.</param>
public sealed record ShareClaim(string Pool, string Subnet, int Held, int Wanted, int InUse, int Waiting);

/// <summary>A pool's share.</summary>
/// <param name="Addresses">The most that it may have for now.</param>
/// <param name="Bound">What keeps it from more.</param>
public readonly record struct FairShareOf(int Addresses, Bound Bound);

/// <summary>
/// Divides a virtual network, and its subnets, when all pools together want more than there is: to each as many as its pods have, then
/// one at a time to pools whose pods wait, then to all, each time to the pool that has the fewest. So those who want as much differ
/// by at most one, and what lies idle on one node goes to another that has less.
/// </summary>
public static class FairShares
{
    /// <summary>
    /// The shares of the pools that can't have what they want, or have more than their share; a pool that is not named has no bound.
    /// No share stands for safety: that is the reservations' part.
    /// </summary>
    /// <param name="state">The budget.</param>
    /// <param name="claims">All pools of the virtual network, at most one of a name.</param>
    /// <param name="subnets">The subnets; <see cref="SubnetRoom.Free"/> is what the pools may have in all, what they hold included.</param>
    public static SortedDictionary<string, FairShareOf> Of(
        BudgetState state, IReadOnlyList<ShareClaim> claims, IReadOnlyList<SubnetRoom> subnets)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(claims);
        ArgumentNullException.ThrowIfNull(subnets);
        var takers = claims.Select(static c => new FairShare.Taker(
            c.Pool, c.Subnet, Math.Max(0, c.InUse), Math.Max(Math.Max(0, c.InUse), c.Wanted), c.Waiting)).ToArray();
        var names = claims.Select(static c => c.Pool).ToHashSet(StringComparer.Ordinal);
        var elsewhere = state.Reservations.Where(r => !names.Contains(r.Pool)).Sum(static r => Math.Max(r.Base, r.Ceiling));
        var room = state.ForUs - elsewhere - takers.Sum(static t => t.Has);
        var free = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var subnet in subnets)
            free[subnet.Subnet] = subnet.Free - claims.Where(c => c.Subnet == subnet.Subnet).Sum(static c => Math.Max(0, c.InUse));
        FairShare.Deal(takers, Math.Max(0, room), free);

        var shares = new SortedDictionary<string, FairShareOf>(StringComparer.Ordinal);
        foreach (var taker in takers)
        {
            if (taker.Has >= taker.Most)
                continue;
            // Where there are shares, all that there is has been dealt out.
            var bound = taker.BoundBy == BoundKind.SubnetFree && subnets.Last(s => s.Subnet == taker.Subnet) is var subnet
                ? new Bound(BoundKind.SubnetFree, subnet.Capacity, subnet.Capacity)
                : new Bound(BoundKind.VNetBudget, state.ForUs, state.ForUs);
            shares[taker.Name] = new FairShareOf(taker.Has, bound);
        }

        return shares;
    }
}
