namespace Vnetcni.Ipam.VNetBudget;

/// <summary>One planning round: the requests of many pools become one write of the virtual network's object.</summary>
public static class BudgetRound
{
    /// <summary>
    /// Decides about all requests. What frees room comes first, so that it can be granted in the same write. Never lets
    /// used + in flight pass the limit, other than by addresses that are on an interface already.
    /// </summary>
    /// <param name="state">The budget as it was read.</param>
    /// <param name="requests">At most one per pool.</param>
    /// <param name="subnets">What is known of the subnets; one that is not named has no bound.</param>
    /// <returns>The budget to write, and an outcome per request, in their order.</returns>
    public static (BudgetState Next, IReadOnlyList<BudgetOutcome> Outcomes) Decide(
        BudgetState state, IReadOnlyList<BudgetRequest> requests, IReadOnlyList<SubnetRoom> subnets)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(requests);
        ArgumentNullException.ThrowIfNull(subnets);
        var outcomes = new BudgetOutcome[requests.Count];
        var reserve = new List<int>();
        for (var i = 0; i < requests.Count; i++)
        {
            if (requests[i] is ReserveRequest)
                reserve.Add(i);
            else
                (state, outcomes[i]) = Apply(state, requests[i]);
        }

        return (Reserve(state, requests, reserve, subnets, outcomes), outcomes);
    }

    private static (BudgetState Next, BudgetOutcome Outcome) Apply(BudgetState state, BudgetRequest request)
    {
        var present = state.Of(request.Pool);
        switch (request)
        {
            case SettleRequest settle when present is not null && present.NicEtag == settle.NicEtag:
                var counted = state with { Used = Math.Max(0, state.Used + settle.Length - present.Base) };
                counted = settle.Reopen is null ? counted.Without(settle.Pool) : counted.With(settle.Reopen);
                if (settle.Leftover is { } leftover)
                {
                    var replaced = counted.Of(leftover.Pool)?.Base ?? 0;
                    counted = (counted with { Used = Math.Max(0, counted.Used + leftover.Base - replaced) }).With(leftover);
                }

                return counted.Reservations.Length <= BudgetState.MaxReservations ? (counted, new Done()) : (state, new Outdated());
            case CloseRequest close when present == close.Seen:
                return (state.With(close.Closing with { Closing = true }), new Done());
            case DropRequest { Seen: null } drop when present is { Closing: true, Base: 0, InFlight: 0 } && present.PoolUid == drop.PoolUid:
                return (state.Without(drop.Pool), new Done());
            case DropRequest { Seen: { } seen } drop when present == seen && (drop.Claim is not { } claim || state.Of(claim.Pool) == claim.Reservation):
                return ((state with { Used = Math.Max(0, state.Used - seen.Base) }).Without(seen.Pool), new Done());
            default:
                return (state, new Outdated());
        }
    }

    private static BudgetState Reserve(
        BudgetState state,
        IReadOnlyList<BudgetRequest> requests,
        List<int> indexes,
        IReadOnlyList<SubnetRoom> subnets,
        BudgetOutcome[] outcomes)
    {
        // What is on an interface already is taken, whatever the limit says.
        var takers = new Dictionary<int, FairShare.Taker>();
        var accounted = state;
        foreach (var i in indexes)
        {
            var request = (ReserveRequest)requests[i];
            if (state.Of(request.Pool) is not null || takers.Values.Any(t => t.Name == request.Pool))
            {
                outcomes[i] = new Outdated();
                continue;
            }

            var least = Math.Max(request.Base, request.Must);
            accounted = accounted.With(new Reservation(request.Pool, request.PoolUid, request.Base, least, request.NicEtag));
            takers.Add(i, new FairShare.Taker(request.Pool, request.Subnet, least, Math.Max(least, request.Want), request.Waiting));
        }

        var free = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var subnet in subnets)
            free[subnet.Subnet] = subnet.Free;
        FairShare.Deal([.. takers.OrderBy(static t => t.Key).Select(static t => t.Value)], accounted.Free, free);

        var slots = BudgetState.MaxReservations - state.Reservations.Length;
        foreach (var (i, taker) in takers.OrderBy(static t => t.Key))
        {
            var request = (ReserveRequest)requests[i];
            var bound = Describe(taker, accounted, subnets);
            if (slots <= 0)
            {
                outcomes[i] = new Refused(new Bound(BoundKind.Reservations, BudgetState.MaxReservations, BudgetState.MaxReservations));
                continue;
            }

            if (!request.Essential && taker.Has <= request.Base)
            {
                outcomes[i] = new Refused(bound);
                continue;
            }

            slots--;
            var reservation = new Reservation(request.Pool, request.PoolUid, request.Base, taker.Has, request.NicEtag) { Nic = request.Nic };
            state = state.With(reservation);
            outcomes[i] = new Reserved(reservation, bound);
        }

        return state;
    }

    private static Bound Describe(FairShare.Taker taker, BudgetState accounted, IReadOnlyList<SubnetRoom> subnets)
    {
        switch (taker.BoundBy)
        {
            case BoundKind.SubnetFree:
                var subnet = subnets.Last(s => s.Subnet == taker.Subnet);
                return new Bound(BoundKind.SubnetFree, subnet.Capacity, subnet.Capacity - Math.Max(0, subnet.Free));
            case BoundKind.VNetBudget:
                return new Bound(BoundKind.VNetBudget, accounted.ForUs, accounted.Used + accounted.InFlight);
            default:
                return Bound.None;
        }
    }
}
