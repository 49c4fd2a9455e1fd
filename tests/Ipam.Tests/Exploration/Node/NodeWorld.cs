using Vnetcni.Ipam.Ledger;

namespace Vnetcni.Ipam.Tests.Exploration.Node;

/// <summary>All moves of the node's world: the leaders', the agent's, ARM's and what goes wrong.</summary>
internal sealed partial class NodeWorld(ExploredBounds bounds, ExploredRules rules) : IExplored
{
    private readonly PlannerMoves planner = new(bounds.Limit);
    private readonly LedgerMoves ledgers = new(bounds, rules);

    /// <summary>At rest with no pod, with one and so on.</summary>
    public IEnumerable<PackedState> Roots()
    {
        var state = default(NodeState);
        state.Pool.Settled = PoolState.NoEtag;
        for (; state.Pods <= bounds.Pods; state.Pods++)
            yield return Resting.Nearest(this, NodePacking.Pack(state, out _));
    }

    public void Moves(in PackedState from, List<Move> moves)
    {
        var state = NodePacking.Unpack(from);
        Pods(state, moves);
        Arm(state, moves);
        // Which of the two is which does not matter.
        var (a, b) = (state.LeaderA.At == At.Rest, state.LeaderB.At == At.Rest);
        if (bounds.Leaders > 1 || b)
            Leader(state, first: true, moves);
        if (bounds.Leaders > 1 ? !(a && b) : a && !b)
            Leader(state, first: false, moves);
        Agent(state, moves);
        Restarts(state, moves);
    }

    public bool IsAtRest(in PackedState packed)
    {
        var state = NodePacking.Unpack(packed);
        var wanted = state.Pods;
        for (var a = 0; a < NodeState.Addresses; a++)
        {
            if (LedgerMoves.StateOf(state.Agent.Ledger, a) is not (null or AddressState.Free or AddressState.Assigned))
                return false;
        }

        return !state.Busy && !state.Reservation.Open && state.Used == wanted && NodeState.Count(state.Live) == wanted
            && NodeState.Count(state.OnNic) == wanted && state.Pool.Available == state.OnNic && state.Pool.Releasing == 0
            && state.Pool.Releasable == 0 && state.Pool.Desired == wanted + 1 && LedgerMoves.IsFenced(state.Agent.Ledger);
    }

    private void Pods(NodeState state, List<Move> moves)
    {
        if (state.Pods < bounds.Pods)
        {
            var next = state;
            next.Pods++;
            Done(next, new MoveName("a pod is bound to the node"), isProgress: false, moves, cost: 1);
        }

        if (state.Pods > NodeState.Count(state.Live))
        {
            var next = state;
            next.Pods--;
            Done(next, new MoveName("a pod that waits is deleted"), isProgress: false, moves, cost: 1);
        }

        for (var a = 0; a < NodeState.Addresses; a++)
        {
            if ((state.Live >> a & 1) == 0)
                continue;
            var next = state;
            next.Live &= ~(1 << a);
            next.Pods--;
            next.Agent.Ledger = ledgers.Free(state.Agent.Ledger, a);
            Done(next, new MoveName("the pod with address {1} is deleted: DEL", What: a), isProgress: false, moves, cost: 1);
        }
    }

    private static void MoveBudget(ref NodeState state) => state.LeaderA.BudgetIsFresh = state.LeaderB.BudgetIsFresh = false;

    private void MovePool(ref NodeState state, in PoolState pool)
    {
        Keep(ref state.LeaderA, state.Pool);
        Keep(ref state.LeaderB, state.Pool);
        state.Agent.ViewIsFresh = false;
        if (rules.AgentWritesConditionally)
            state.Agent.Older.Flies = state.Agent.Newer.Flies = false;
        state.Pool = pool;
    }

    private static void Keep(ref LeaderState leader, in PoolState before)
    {
        if (leader.PoolIsFresh)
            (leader.Pool, leader.PoolIsFresh) = (before, false);
    }

    private void Done(in NodeState next, MoveName name, bool isProgress, List<Move> moves, string broken = "", int cost = 0)
    {
        var state = next;
        Doom(ref state, first: true);
        Doom(ref state, first: false);
        var packed = NodePacking.Pack(state, out var swapped);
        moves.Add(new Move(packed, name, isProgress, broken.Length > 0 ? broken : NodeRules.Broken(state, bounds.Limit)) { Swapped = swapped, Cost = cost });
    }
}
