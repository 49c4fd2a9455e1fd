using Vnetcni.Ipam.Planning;
using Vnetcni.Ipam.Tests.Exploration.Node;
using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Ipam.Tests.Exploration.Life;

// A leader works on the pool as in NodeWorld, or resolves a reservation that no pool stands for: budget, that there is no pool, interface.
internal sealed partial class LifeWorld
{
    private static ref LifeLeader Of(ref LifeState state, bool first) => ref (first ? ref state.LeaderA : ref state.LeaderB);

    private void Leader(LifeState state, bool first, List<Move> moves)
    {
        var leader = Of(ref state, first);
        var progress = Of(ref state, !first).At == At.Rest;
        var who = first ? 1 : 2;
        var next = state;
        ref var l = ref Of(ref next, first);
        if (leader.At == At.Rest)
        {
            Begin(state, first, who, progress, moves);
            return;
        }

        l.At = At.Rest;
        Done(next, new MoveName("leader {0} crashes, or loses the reply", who), isProgress: true, moves);
        next = state;
        switch (leader.At)
        {
            case At.ReadBudget when leader.Task == LifeTask.Pool:
                if (!state.Pool.Exists)
                    return;
                (l.At, l.PoolIsFresh) = (leader.Reservation.Open ? At.ReadPool : At.ReadAll, true);
                Done(next, new MoveName("leader {0} reads the pool", who), progress, moves);
                break;
            case At.ReadBudget:
                var there = Nic(ref state, leader.Bound);
                (l.At, l.NicExists, l.Slots, l.NicEtag) = (At.ReadPool, there.Exists, there.Slots, there.Etag);
                Done(next, new MoveName("leader {0} GETs nic{1}", who, leader.Bound), progress, moves);
                break;
            case At.ReadPool when leader.Task != LifeTask.Pool:
                // Only a reservation under the pool's own name needs that there is none.
                var claimed = state.Pool.Exists && state.Pool.NicId == leader.Bound + 1;
                var accounted = !state.Own.Open ? state.Pool.Length : state.Own.Nic == leader.Bound + 1 ? state.Own.Ceiling : 0;
                var accounts = accounted >= NodeState.Count(leader.Slots);
                var mine = leader.Task == LifeTask.Leftover || !state.Pool.Exists || !rules.PoolIsLookedForLast;
                l.At = mine && (!claimed || accounts || !rules.PoolIsLookedForLast) ? At.Write : At.Rest;
                (l.Claimed, l.Consented) = (claimed, !rules.LeftoversNeedConsent || leader.Bound != state.Current || !state.Node);
                Done(next, new MoveName("leader {0} looks for a pool of that name", who), progress, moves);
                break;
            case At.ReadPool:
                var same = state.Own.Open && state.Own.Etag == leader.Reservation.Etag && state.Own.Nic == leader.Reservation.Nic;
                (l.At, l.BudgetIsFresh, l.Reservation) = (same ? At.ReadAll : At.Rest, true, state.Own);
                Done(next, new MoveName("leader {0} reads the budget again", who), progress, moves);
                break;
            case At.ReadAll:
                Get(next, first, who, progress, moves);
                break;
            case At.Write:
                Write(next, first, who, progress, moves);
                break;
        }
    }

    private void Begin(LifeState state, bool first, int who, bool progress, List<Move> moves)
    {
        // An empty closing reservation whose pool object is gone for good is dropped with any write of the budget.
        if (state.Own is { Open: true, Closing: true, Base: 0, Ceiling: 0 } && !(state.Pool.Exists && state.Pool.Uid == state.Own.Uid))
        {
            var dropped = state;
            Budget(ref dropped, planner.Round(new DropRequest("n", $"{state.Own.Uid}"), state.Used, state.Own, state.Left)!.Value);
            Done(dropped, new MoveName("leader {0} drops an empty reservation", who), progress, moves);
        }

        if (state.Pool.Exists)
        {
            var bound = state.Node ? state.Current : state.Pool.NicId - 1;
            if (bound >= 0)
                Start(state, first, LifeTask.Pool, bound, state.Own, new MoveName("leader {0} reads the budget", who), progress, moves);
            else if (state.Pool.Deleting)
                Remove(state, new MoveName("leader {0} lets a pool go that was never described", who), progress, moves);
        }
        else if (state.Own is { Open: true, Nic: > 0 })
        {
            Start(state, first, LifeTask.OwnLeftover, state.Own.Nic - 1, state.Own, new MoveName("leader {0} finds a reservation without a pool", who), progress, moves);
        }

        if (state.Left is { Open: true, Nic: > 0 })
            Start(state, first, LifeTask.Leftover, state.Left.Nic - 1, state.Left, new MoveName("leader {0} finds a reservation of another interface", who), progress, moves);
    }

    private void Start(LifeState state, bool first, LifeTask task, int bound, in LifeReservation read, MoveName name, bool progress, List<Move> moves)
    {
        Of(ref state, first) = new LifeLeader { At = At.ReadBudget, Task = task, Bound = bound, BudgetIsFresh = true, Reservation = read };
        Done(state, name, progress, moves);
    }

    private void Get(LifeState state, bool first, int who, bool progress, List<Move> moves)
    {
        ref var leader = ref Of(ref state, first);
        var nic = Nic(ref state, leader.Bound);
        (leader.At, leader.NicExists, leader.Slots, leader.NicEtag) = (At.Write, nic.Exists, nic.Slots, nic.Etag);
        if (nic.Exists && !Read(state, first).Deleting && Read(state, first).Incarnation is var known && (known == 0 || known == leader.Bound + 1)
            && (known == 0 || Read(state, first).NicId != leader.Bound + 1))
        {
            // Which interface this is about is written before anything is reserved for it.
            if (leader.PoolIsFresh)
            {
                MovePool(ref state, state.Pool with { Incarnation = leader.Bound + 1, NicId = leader.Bound + 1 });
                leader.PoolIsFresh = true;
            }
            else
            {
                leader.At = At.Rest;
            }
        }

        Done(state, new MoveName("leader {0} GETs nic{1}", who, leader.Bound), progress, moves);
    }

    private static LifePool Read(LifeState state, bool first) => Of(ref state, first).PoolIsFresh ? state.Pool : Of(ref state, first).Pool;

    // What the leader does next, if it can do it: else it starts over. A PUT is on its way at once.
    private object? Consider(ref LifeState state, bool first)
    {
        ref var leader = ref Of(ref state, first);
        ref var nic = ref Nic(ref state, leader.Bound);
        var sendable = nic.Exists && leader.NicExists && (leader.NicEtag == nic.Etag || !rules.PutsAreConditional);
        if (leader.Task != LifeTask.Pool)
        {
            var step = LifeMoves.PlanLeftover(
                leader.Reservation, leader.Task == LifeTask.Leftover, leader.NicExists, leader.Bound, leader.Slots, leader.NicEtag, leader.Consented, leader.Claimed);
            if (step is DropReservation or MoveReservation && leader.BudgetIsFresh)
                return step;
            if (step is CleanInterface clean && sendable)
                Send(ref nic, 16 | (LifeMoves.SlotMask(clean.Slots) << 2));
            leader.At = At.Rest;
            return null;
        }

        var pool = leader.PoolIsFresh ? state.Pool : leader.Pool;
        // A 404 alone leads to nothing: the interface is looked for again.
        if (leader.NicExists || (pool.Deleting && !state.Node))
        {
            var step = planner.Plan(pool, leader.Reservation, leader.NicExists, leader.Bound, leader.Slots, leader.NicEtag, state.Node);
            switch (step)
            {
                case MarkReleasing or Publish or RemoveFinalizer when leader.PoolIsFresh:
                case Reserve or Settle when leader.BudgetIsFresh:
                case Close when leader.BudgetIsFresh || !rules.FinalizerWaits:
                    return step;
                case Put put when sendable:
                    Send(ref nic, 16 | (LifeMoves.SlotMask(put.Remove) << 2) | LifeMoves.SlotMask(put.Add));
                    break;
            }
        }

        leader.At = At.Rest;
        return null;
    }

    private static void Send(ref LifeNic nic, int put)
    {
        if (nic.PutA == 0 || nic.PutA == put)
            nic.PutA = put;
        else if (nic.PutB == 0)
            nic.PutB = put;
    }

    private void Write(LifeState state, bool first, int who, bool progress, List<Move> moves)
    {
        var leader = Of(ref state, first);
        switch (Consider(ref state, first))
        {
            case MarkReleasing mark:
                var marked = LifeMoves.Mask(mark.Addresses);
                WritePool(state, first, state.Pool with { Available = state.Pool.Available & ~marked, Releasing = state.Pool.Releasing | marked }, new MoveName("leader {0} marks addresses Releasing", who), progress, moves);
                break;
            case Publish publish:
                var next = LifeMoves.Listed(state.Pool, publish, leader.Bound);
                var vanished = next.Incarnation == state.Pool.Incarnation && (state.Pool.Available & ~(next.Available | next.Releasing)) != 0;
                WritePool(state, first, next, new MoveName("leader {0} publishes the list", who), progress, moves, vanished ? "an available address vanishes from the list" : string.Empty);
                break;
            case RemoveFinalizer:
                Remove(state, new MoveName("leader {0} lets the pool go", who), progress, moves);
                break;
            case Close when !rules.FinalizerWaits:
                Remove(state, new MoveName("leader {0} lets the pool go without a word to the budget", who), progress, moves);
                break;
            case Reserve reserve:
                Ask(state, first, reserve.Request, new MoveName("leader {0} reserves", who), progress, moves);
                break;
            case Settle settle:
                Ask(state, first, settle.Request, new MoveName("leader {0} settles", who), progress, moves);
                break;
            case Close close:
                Ask(state, first, close.Request, new MoveName("leader {0} closes the reservation", who), progress, moves);
                break;
            case DropReservation:
                var seen = SeenBy(leader);
                Ask(state, first, new DropRequest(seen.Pool, seen.PoolUid, seen), new MoveName("leader {0} drops a leftover", who), progress, moves);
                break;
            case MoveReservation move:
                Ask(state, first, new CloseRequest(move.Next.Pool, SeenBy(leader), move.Next), new MoveName("leader {0} moves a leftover", who), progress, moves);
                break;
            default:
                throw new InvalidOperationException("a write that can only fail was kept");
        }
    }

    private static Reservation SeenBy(in LifeLeader leader) => LifeMoves.Seen(leader.Reservation, leader.Task == LifeTask.Leftover);

    private void WritePool(LifeState state, bool first, in LifePool pool, MoveName name, bool progress, List<Move> moves, string broken = "")
    {
        MovePool(ref state, pool);
        Of(ref state, first).PoolIsFresh = true;
        Done(state, name, progress, moves, broken);
    }

    private void Remove(LifeState state, MoveName name, bool progress, List<Move> moves)
    {
        MovePool(ref state, new LifePool { Uid = state.Pool.Uid, Settled = LifeMoves.NoEtag });
        state.LeaderA.PoolIsFresh = state.LeaderB.PoolIsFresh = false;
        Done(state, name, progress, moves);
    }

    private void Ask(LifeState state, bool first, BudgetRequest request, MoveName name, bool progress, List<Move> moves)
    {
        if (planner.Round(request, state.Used, state.Own, state.Left) is { } next)
        {
            Budget(ref state, next);
            ref var leader = ref Of(ref state, first);
            // Whoever resolved a leftover starts over.
            if (leader.Task == LifeTask.Pool)
                (leader.BudgetIsFresh, leader.Reservation) = (true, state.Own);
            else
                leader.At = At.Rest;
        }
        else
        {
            Of(ref state, first).At = At.Rest;
        }

        Done(state, name, progress, moves);
    }

    private static void Budget(ref LifeState state, (int Used, LifeReservation Own, LifeReservation Left) next)
    {
        (state.Used, state.Own, state.Left) = next;
        state.LeaderA.BudgetIsFresh = state.LeaderB.BudgetIsFresh = false;
    }

    // A leader that can do nothing more starts over: it is one that crashed.
    private void Doom(ref LifeState state, bool first)
    {
        if (Of(ref state, first).At == At.Write)
            Consider(ref state, first);
    }
}
