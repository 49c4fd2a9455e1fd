using Vnetcni.Ipam.Planning;
using Vnetcni.Ipam.Tests.Exploration.Node;

namespace Vnetcni.Ipam.Tests.Exploration.VNet;

// A leader picks a node, reads the budget, the pool, with an open reservation the budget again, and the interface; then it does what the
// planner says. It may forget everything at any point, and so may the other one.
internal sealed partial class VNetWorld
{
    private void Leader(VNetState state, int i, List<Move> moves)
    {
        var worker = state.Workers[i];
        var read = worker.Read;
        var k = worker.Node;
        var progress = state.Workers[1 - i].Read.At == At.Rest;
        var next = state;
        ref var l = ref next.Workers[i].Read;
        if (read.At != At.Rest)
        {
            l.At = At.Rest;
            Done(next, new MoveName("leader {0} crashes, or loses the reply", i + 1), isProgress: true, moves);
            next = state;
        }

        switch (read.At)
        {
            case At.Rest:
                for (var node = 0; node < 2; node++)
                {
                    next.Workers[i].Node = node;
                    (l.At, l.BudgetIsFresh, l.Reservation) = (At.ReadBudget, true, state.Nodes[node].Reservation);
                    Done(next, new MoveName("leader {0} reads the budget for node {1}", i + 1, node + 1), progress, moves);
                }

                break;
            case At.ReadBudget:
                (l.At, l.PoolIsFresh) = (read.Reservation.Open ? At.ReadPool : At.ReadAll, true);
                Done(next, new MoveName("leader {0} reads the pool of node {1}", i + 1, k + 1), progress, moves);
                break;
            case At.ReadPool:
                var open = state.Nodes[k].Reservation;
                var same = open.Open && open.Etag == read.Reservation.Etag;
                (l.At, l.BudgetIsFresh, l.Reservation) = (same ? At.ReadAll : At.Rest, true, open);
                Done(next, new MoveName("leader {0} reads the budget again", i + 1), progress, moves);
                break;
            case At.ReadAll:
                var side = state.Nodes[k];
                (l.At, l.Nic, l.NicEtag) = side.Busy ? (At.Write, side.Before, side.BeforeEtag) : (At.Write, side.Nic, side.Etag);
                Consider(ref next, i);
                var name = side.Busy ? "leader {0} GETs the interface of node {1}: a stale answer" : "leader {0} GETs the interface of node {1}";
                Done(next, new MoveName(name, i + 1, k + 1), progress && !side.Busy, moves);
                break;
            case At.Write:
                Write(state, i, progress, moves);
                break;
        }
    }

    // A PUT is on its way at once, and a write that can only fail is not waited for: nobody can tell either from a leader that
    // crashes before it.
    private PlannedMove Consider(ref VNetState state, int i)
    {
        ref var leader = ref state.Workers[i].Read;
        ref var node = ref state.Nodes[state.Workers[i].Node];
        var planned = planner.Plan(leader.PoolIsFresh ? node.Pool : leader.Pool, leader.Nic, leader.NicEtag, leader.Reservation);
        switch (planned.Step)
        {
            case MarkReleasing or Publish when leader.PoolIsFresh:
            case Reserve or Settle when leader.BudgetIsFresh || !rules.BudgetIsWrittenConditionally:
                return planned;
            case Put when leader.NicEtag == node.Etag || !rules.PutsAreConditional:
                if (node.PutA == 0 || (node.PutA == planned.Put && rules.PutsAreConditional))
                    node.PutA = planned.Put;
                else if (node.PutB == 0)
                    node.PutB = planned.Put;
                break;
        }

        leader.At = At.Rest;
        return planned;
    }

    private void Write(VNetState state, int i, bool progress, List<Move> moves)
    {
        var k = state.Workers[i].Node;
        var planned = Consider(ref state, i);
        if (state.Workers[i].Read.At != At.Write)
            throw new InvalidOperationException("a write that can only fail was kept");

        if (planned.Request is { } request)
        {
            Ask(state, i, planned, request, progress, moves);
            return;
        }

        var before = state.Nodes[k].Pool;
        MovePool(ref state, k, planned.Pool with { Desired = before.Desired, Releasable = before.Releasable });
        state.Workers[i].Read.PoolIsFresh = true;
        Consider(ref state, i);
        var name = planned.Step is Publish ? "leader {0} publishes the list of node {1}" : "leader {0} marks addresses of node {1} Releasing";
        Done(state, new MoveName(name, i + 1, k + 1), progress, moves);
    }

    private void Ask(VNetState state, int i, PlannedMove planned, Ipam.VNetBudget.BudgetRequest request, bool progress, List<Move> moves)
    {
        var worker = state.Workers[i];
        var (own, other) = (state.Nodes[worker.Node].Reservation, state.Nodes[1 - worker.Node].Reservation);
        // Rule 11 taken away: what was free when the budget was read counts, and the own entry is written over whatever is there.
        var fresh = worker.Read.BudgetIsFresh;
        var (done, used, open) = fresh
            ? planner.Round(request, state.Used, own, other)
            : planner.Round(request, Math.Max(0, limit - worker.Free), worker.Read.Reservation);
        if (!done)
        {
            state.Workers[i].Read.At = At.Rest;
            Done(state, new MoveName("leader {0} is refused by the budget", i + 1), progress, moves);
            return;
        }

        if (!fresh)
            used = Math.Max(0, state.Used + used - Math.Max(0, limit - worker.Free));
        for (var j = 0; j < 2; j++)
        {
            ref var each = ref state.Workers[j];
            if (!rules.BudgetIsWrittenConditionally && each.Read.BudgetIsFresh)
                each.Free = Math.Max(0, limit - state.Used - InFlight(own) - InFlight(other));
            each.Read.BudgetIsFresh = false;
        }

        (state.Used, state.Nodes[worker.Node].Reservation) = (used, open);
        ref var l = ref state.Workers[i].Read;
        (l.BudgetIsFresh, l.Reservation) = (true, open);
        Consider(ref state, i);
        Done(state, new MoveName(planned.Step is Settle ? "leader {0} settles for node {1}" : "leader {0} reserves for node {1}", i + 1, worker.Node + 1), progress, moves);
    }

    // A leader of whose reads nothing can come any more starts over: it is one that crashed.
    private void Doom(ref VNetState state, int i)
    {
        ref var leader = ref state.Workers[i].Read;
        var node = state.Nodes[state.Workers[i].Node];
        var conditional = rules is { BudgetIsWrittenConditionally: true, PutsAreConditional: true };
        switch (leader.At)
        {
            case At.ReadBudget when leader.Reservation.Open && conditional:
            case At.ReadPool when conditional:
                if (!CanBeReserved(state, i, leader.Reservation.Etag))
                    leader.At = At.Rest;
                break;
            case At.ReadAll when conditional && !leader.BudgetIsFresh:
                // Only a PUT is left, under a reservation whose ETag the interface has, a mark, or a list.
                var canPut = leader.Reservation.Open && leader.Reservation.Etag == node.Etag;
                var canWrite = leader.PoolIsFresh && (leader.Reservation.Open || (node.Pool.Releasable & node.Pool.Available) != 0);
                if (!canPut && !canWrite)
                    leader.At = At.Rest;
                break;
            case At.Write when !leader.PoolIsFresh || !leader.BudgetIsFresh:
                var copy = state;
                Consider(ref copy, i);
                leader.At = copy.Workers[i].Read.At;
                break;
        }
    }

    // Whether a reservation with this ETag is open or can be opened yet: somebody has to have read it from the interface.
    private static bool CanBeReserved(in VNetState state, int i, int etag)
    {
        var (node, other) = (state.Nodes[state.Workers[i].Node], state.Workers[1 - i]);
        return etag == node.Etag || etag == node.BeforeEtag || (node.Reservation.Open && node.Reservation.Etag == etag)
            || (other.Node == state.Workers[i].Node && other.Read.At == At.Write && other.Read.NicEtag == etag);
    }

    private static int InFlight(in ReservationState reservation) => reservation.Open ? reservation.Ceiling - reservation.Base : 0;
}
