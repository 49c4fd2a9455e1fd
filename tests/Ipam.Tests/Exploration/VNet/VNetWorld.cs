using System.Globalization;
using System.Text;
using Vnetcni.Ipam.Tests.Exploration.Node;

namespace Vnetcni.Ipam.Tests.Exploration.VNet;

/// <summary>All moves of two nodes that share a budget.</summary>
/// <param name="limit">The virtual network's limit, at most 3; no node wants more than 2.</param>
/// <param name="rules">What is kept.</param>
internal sealed partial class VNetWorld(int limit, VNetRules rules) : IExplored
{
    private const int MostWanted = 2;
    private readonly PlannerMoves planner = new(limit);

    /// <summary>At rest with whatever the two want.</summary>
    public IEnumerable<PackedState> Roots()
    {
        for (var wants = 0; wants < (MostWanted + 1) * (MostWanted + 1); wants++)
        {
            var state = default(VNetState);
            state.Nodes[0].Pool = new PoolState { Settled = PoolState.NoEtag, Desired = 1 + wants / (MostWanted + 1) };
            state.Nodes[1].Pool = new PoolState { Settled = PoolState.NoEtag, Desired = 1 + wants % (MostWanted + 1) };
            yield return Resting.Nearest(this, VNetPacking.Pack(state, out _));
        }
    }

    public void Moves(in PackedState from, List<Move> moves)
    {
        var state = VNetPacking.Unpack(from);
        for (var k = 0; k < 2; k++)
        {
            Agent(state, k, moves);
            Arm(state, k, moves);
        }

        Leader(state, 0, moves);
        if (state.Workers[0].Read.At != At.Rest || state.Workers[1].Read.At != At.Rest)
            Leader(state, 1, moves);
    }

    public bool IsAtRest(in PackedState packed)
    {
        var state = VNetPacking.Unpack(packed);
        var (wanted, held) = (0, 0);
        for (var k = 0; k < 2; k++)
        {
            var node = state.Nodes[k];
            var here = NodeState.NicAddresses(node.Nic);
            if (node.Busy || node.Reservation.Open || node.Pool.Available != here || node.Pool.Releasing != 0 || NodeState.Count(here) > node.Pool.Desired - 1)
                return false;
            wanted += node.Pool.Desired - 1;
            held += NodeState.Count(here);
        }

        return held == Math.Min(wanted, limit) && state.Used == held;
    }

    public string Show(in PackedState packed)
    {
        var state = VNetPacking.Unpack(packed);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"used {state.Used}");
        for (var k = 0; k < 2; k++)
        {
            var node = state.Nodes[k];
            text.Append(CultureInfo.InvariantCulture, $"; node {k + 1}: nic {Size(node.Nic)}{(node.Busy ? $" (was {Size(node.Before)})" : "")}");
            text.Append(CultureInfo.InvariantCulture, $" list {NodeState.Count(node.Pool.Available)}+{NodeState.Count(node.Pool.Releasing)} wants {node.Pool.Desired - 1}");
            if (node.Reservation.Open)
                text.Append(CultureInfo.InvariantCulture, $" reserved {node.Reservation.Base}..{node.Reservation.Ceiling}{(node.Reservation.Etag == 0 ? "" : " moved")}");
        }

        return text.ToString();
    }

    private static int Size(int nic) => NodeState.Count(NodeState.NicAddresses(nic));

    private void Agent(VNetState state, int k, List<Move> moves)
    {
        var pool = state.Nodes[k].Pool;
        for (var want = 0; want <= MostWanted; want++)
        {
            if (pool.Desired == want + 1)
                continue;
            var next = state;
            MovePool(ref next, k, pool with { Desired = want + 1 });
            Done(next, new MoveName($"node {k + 1} wants {{1}}", What: want), isProgress: false, moves, cost: 1);
        }

        var offers = Offers(pool);
        if (offers == pool.Releasable)
            return;
        MovePool(ref state, k, pool with { Releasable = offers });
        Done(state, new MoveName("node {1} lists what is too much", What: k + 1), isProgress: true, moves);
    }

    // The agent offers what is too much, and takes back what is not marked yet.
    private static int Offers(in PoolState pool)
    {
        var (offers, excess) = (pool.Releasing, NodeState.Count(pool.Available) - (pool.Desired - 1));
        for (var a = NodeState.Addresses - 1; a >= 0 && excess > 0; a--)
        {
            if ((pool.Available >> a & 1) == 0)
                continue;
            offers |= 1 << a;
            excess--;
        }

        return offers;
    }

    private void MovePool(ref VNetState state, int k, in PoolState pool)
    {
        for (var i = 0; i < 2; i++)
        {
            ref var worker = ref state.Workers[i];
            if (worker.Node == k && worker.Read.PoolIsFresh)
                (worker.Read.Pool, worker.Read.PoolIsFresh) = (state.Nodes[k].Pool, false);
        }

        state.Nodes[k].Pool = pool;
    }

    private void Arm(VNetState state, int k, List<Move> moves)
    {
        Receive(state, k, state.Nodes[k].PutA, moves);
        Receive(state, k, state.Nodes[k].PutB, moves);
        if (state.Nodes[k].Busy)
        {
            var next = state;
            next.Nodes[k].Busy = false;
            MoveNic(ref next, k);
            Done(next, new MoveName("ARM: the operation on node {1} succeeds", What: k + 1), isProgress: true, moves);
            next = state;
            next.Nodes[k].Busy = false;
            next.Nodes[k].Nic = state.Nodes[k].Before;
            MoveNic(ref next, k);
            Done(next, new MoveName("ARM: the operation on node {1} fails, all is as before", What: k + 1), isProgress: false, moves, cost: 1);
        }
        else
        {
            var next = state;
            MoveNic(ref next, k);
            Done(next, new MoveName("another tool writes the interface of node {1}", What: k + 1), isProgress: false, moves, cost: 1);
        }
    }

    private void MoveNic(ref VNetState state, int k)
    {
        const int unused = 100;
        ref var node = ref state.Nodes[k];
        (node.BeforeEtag, node.Etag) = (node.Etag, unused);
        if (rules.PutsAreConditional)
            node.PutA = node.PutB = 0;
    }

    private void Receive(VNetState state, int k, int put, List<Move> moves)
    {
        if (put == 0)
            return;
        ref var node = ref state.Nodes[k];
        if (node.PutA == put)
            node.PutA = 0;
        else
            node.PutB = 0;
        Done(state, new MoveName("a PUT for node {1} is lost, or ARM refuses it", What: k + 1), isProgress: true, moves);
        if (node.Busy)
            return;
        var nic = node.Nic;
        for (var slot = 0; slot < NodeState.Slots; slot++)
        {
            if ((put >> (slot + 4) & 1) != 0)
                nic = NodeState.With(nic, slot, -1);
        }

        // Which address ARM gives does not matter to the budget.
        for (var slot = 0; slot < NodeState.Slots; slot++)
        {
            if ((put >> slot & 1) == 0 || NodeState.At(nic, slot) >= 0)
                continue;
            var free = ~NodeState.NicAddresses(nic) & ((1 << NodeState.Addresses) - 1);
            if (free == 0)
                return;
            nic = NodeState.With(nic, slot, int.TrailingZeroCount(free));
        }

        (node.Before, node.Busy, node.Nic) = (node.Nic, true, nic);
        MoveNic(ref state, k);
        Done(state, new MoveName("ARM accepts a PUT for node {1}; its reply may be lost", What: k + 1), isProgress: true, moves);
    }

    private void Done(in VNetState next, MoveName name, bool isProgress, List<Move> moves, int cost = 0)
    {
        var state = next;
        Doom(ref state, 0);
        Doom(ref state, 1);
        var packed = VNetPacking.Pack(state, out var swapped);
        moves.Add(new Move(packed, name, isProgress, VNetRules.Broken(state, limit, rules.BudgetMatches)) { Swapped = swapped, Cost = cost });
    }
}
