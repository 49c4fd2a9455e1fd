using Vnetcni.Ipam.Planning;

namespace Vnetcni.Ipam.Tests.Exploration.Node;

// A leader reads the budget, the pool, with an open reservation the budget again, and the interface, in this order; then it does
// what the planner says. It may forget everything at any point, and so may the other one that acts at the same time.
internal sealed partial class NodeWorld
{
    private static ref LeaderState Of(ref NodeState state, bool first) => ref (first ? ref state.LeaderA : ref state.LeaderB);

    private void Leader(NodeState state, bool first, List<Move> moves)
    {
        var leader = Of(ref state, first);
        // Faults over: one leader is left, the other has forgotten what it was at.
        var progress = Of(ref state, !first).At == At.Rest;
        var who = first ? 1 : 2;
        if (leader.At != At.Rest)
        {
            var next = state;
            Of(ref next, first).At = At.Rest;
            Done(next, new MoveName("leader {0} crashes, or loses the reply", who), isProgress: true, moves);
        }

        switch (leader.At)
        {
            case At.Rest:
                {
                    var next = state;
                    ref var l = ref Of(ref next, first);
                    (l.At, l.BudgetIsFresh, l.Reservation) = (At.ReadBudget, true, state.Reservation);
                    Done(next, new MoveName("leader {0} reads the budget", who), progress, moves);
                    break;
                }

            case At.ReadBudget:
                {
                    var next = state;
                    ref var l = ref Of(ref next, first);
                    (l.At, l.PoolIsFresh) = (leader.Reservation.Open ? At.ReadPool : At.ReadAll, true);
                    Done(next, new MoveName("leader {0} reads the pool", who), progress, moves);
                    break;
                }

            case At.ReadPool:
                {
                    // The pool was read under the reservation that was open before only if that is open still.
                    var same = state.Reservation.Open && (state.Reservation.Etag == leader.Reservation.Etag || !rules.ReservationIsTheSame);
                    var next = state;
                    ref var l = ref Of(ref next, first);
                    (l.At, l.BudgetIsFresh, l.Reservation) = (same ? At.ReadAll : At.Rest, true, state.Reservation);
                    Done(next, new MoveName("leader {0} reads the budget again", who), progress, moves);
                    break;
                }

            case At.ReadAll:
                if (!state.Busy)
                    Get(state, first, state.Nic, state.Etag, new MoveName("leader {0} GETs the interface", who), progress, moves);
                else
                    Get(state, first, state.Before, state.BeforeEtag, new MoveName("leader {0} GETs the interface: a stale answer", who), false, moves);
                break;
            case At.Write:
                Write(state, first, who, progress, moves);
                break;
        }
    }

    private void Get(NodeState state, bool first, int nic, int etag, MoveName name, bool progress, List<Move> moves)
    {
        ref var leader = ref Of(ref state, first);
        (leader.At, leader.Nic, leader.NicEtag) = (At.Write, nic, etag);
        Consider(ref state, first);
        Done(state, name, progress, moves);
    }

    // A plan changes nothing outside: only what it leads to is a move. A PUT is on its way at once, and a write that can only fail
    // is not waited for: nobody can tell either from a leader that crashes before it.
    private PlannedMove Consider(ref NodeState state, bool first)
    {
        ref var leader = ref Of(ref state, first);
        var planned = planner.Plan(leader.PoolIsFresh ? state.Pool : leader.Pool, leader.Nic, leader.NicEtag, leader.Reservation);
        switch (planned.Step)
        {
            case MarkReleasing or Publish when leader.PoolIsFresh || !rules.LeadersWriteConditionally:
            case Reserve or Settle when leader.BudgetIsFresh:
                return planned;
            case Put when leader.NicEtag == state.Etag || !rules.PutsAreConditional:
                if (state.PutA == 0 || (state.PutA == planned.Put && rules.PutsAreConditional))
                    state.PutA = planned.Put;
                else if (state.PutB == 0)
                    state.PutB = planned.Put;
                break;
        }

        leader.At = At.Rest;
        return planned;
    }

    private void Write(NodeState state, bool first, int who, bool progress, List<Move> moves)
    {
        var before = state;
        var planned = Consider(ref state, first);
        if (Of(ref state, first).At != At.Write)
            throw new InvalidOperationException("a write that can only fail was kept");

        if (planned.Request is { } request)
        {
            var (done, used, open) = planner.Round(request, state.Used, state.Reservation);
            if (!done)
            {
                Of(ref state, first).At = At.Rest;
                Done(state, new MoveName("leader {0} is refused by the budget", who), progress, moves);
                return;
            }

            MoveBudget(ref state);
            (state.Used, state.Reservation) = (used, open);
            ref var l = ref Of(ref state, first);
            (l.BudgetIsFresh, l.Reservation) = (true, open);
            Consider(ref state, first);
            Done(state, new MoveName(planned.Step is Settle ? "leader {0} settles" : "leader {0} reserves", who), progress, moves);
            return;
        }

        // Usage is the agent's part of the object: whoever writes the list leaves it as it is.
        var pool = planned.Pool with { Desired = before.Pool.Desired, Releasable = before.Pool.Releasable };
        MovePool(ref state, pool);
        Of(ref state, first).PoolIsFresh = true;
        Consider(ref state, first);
        var name = new MoveName(planned.Step is Publish ? "leader {0} publishes the list" : "leader {0} marks addresses Releasing", who);
        Done(state, name, progress, moves, planned.Vanishes ? NodeRules.Vanished : string.Empty);
    }

    // A leader of whose reads nothing can come any more starts over: it is one that crashed.
    private void Doom(ref NodeState state, bool first)
    {
        ref var leader = ref Of(ref state, first);
        switch (leader.At)
        {
            case At.ReadBudget when leader.Reservation.Open:
            case At.ReadPool:
                if (rules.ReservationIsTheSame && !CanBeReserved(state, leader.Reservation.Etag))
                    leader.At = At.Rest;
                break;
            case At.ReadAll when rules is { LeadersWriteConditionally: true, PutsAreConditional: true } && !leader.BudgetIsFresh:
                // Only a PUT is left, under a reservation whose ETag the interface has, or a mark.
                var canPut = leader.Reservation.Open && leader.Reservation.Etag == state.Etag;
                var canMark = leader.PoolIsFresh && (state.Pool.Releasable & state.Pool.Available) != 0;
                var canPublish = leader.PoolIsFresh && leader.Reservation.Open;
                if (!canPut && !canMark && !canPublish)
                    leader.At = At.Rest;
                break;
            case At.Write when !leader.PoolIsFresh || !leader.BudgetIsFresh:
                var copy = state;
                Consider(ref copy, first);
                if (Of(ref copy, first).At == At.Rest)
                    leader.At = At.Rest;
                break;
        }
    }

    // Whether a reservation with this ETag is open or can be opened yet: somebody has to have read it from the interface.
    private static bool CanBeReserved(in NodeState state, int etag) =>
        etag == state.Etag || etag == state.BeforeEtag || (state.Reservation.Open && state.Reservation.Etag == etag)
        || (state.LeaderA.At == At.Write && state.LeaderA.NicEtag == etag) || (state.LeaderB.At == At.Write && state.LeaderB.NicEtag == etag);
}
