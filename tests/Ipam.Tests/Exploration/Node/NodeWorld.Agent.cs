using Vnetcni.Ipam.Ledger;

namespace Vnetcni.Ipam.Tests.Exploration.Node;

// The agent takes in a version of the pool, plans, and writes its usage; ADDs, DELs and the reaper come between any two of that.
internal sealed partial class NodeWorld
{
    private void Agent(NodeState state, List<Move> moves)
    {
        var agent = state.Agent;
        var seen = ledgers.Publish(agent.Ledger, state.Pool, state.UsageIsLatest);
        if (!agent.ViewIsFresh || seen != agent.Ledger)
        {
            var next = state;
            (next.Agent.ViewIsFresh, next.Agent.Ledger) = (true, seen);
            var name = new MoveName(agent.ViewIsFresh ? "the agent takes in the same version of the pool again" : "the agent takes in the pool");
            Done(next, name, isProgress: !agent.ViewIsFresh, moves);
        }

        if (LedgerMoves.HasSeen(agent.Ledger) && !agent.Newer.Flies)
            Report(state, moves);
        Land(state, older: true, moves);
        Land(state, older: false, moves);
        if (NodeState.Count(state.Live) < state.Pods && ledgers.Assign(agent.Ledger) is { Ledger: var ledger, Address: var address })
        {
            var next = state;
            next.Agent.Ledger = ledger;
            next.Live |= 1 << address;
            next.Links |= 1 << address;
            var standing = state.Busy ? state.OnNic & NodeState.NicAddresses(state.Before) : state.OnNic;
            var broken = (state.Live >> address & 1) != 0 ? NodeRules.GivenTwice
                : (standing >> address & 1) == 0 ? NodeRules.NotConfirmed : string.Empty;
            Done(next, new MoveName("ADD: a pod gets address {1}", What: address), isProgress: true, moves, broken);
        }

        for (var a = 0; a < NodeState.Addresses; a++)
            Leave(state, a, moves);
    }

    private void Leave(NodeState state, int address, List<Move> moves)
    {
        var held = LedgerMoves.StateOf(state.Agent.Ledger, address);
        if (held == AddressState.Assigned && (state.Live >> address & 1) == 0)
        {
            // The ledger of before the DEL was lost: the runtime asks until the sandbox is gone.
            var next = state;
            next.Agent.Ledger = ledgers.Free(state.Agent.Ledger, address);
            Done(next, new MoveName("DEL of address {1} is repeated", What: address), isProgress: true, moves);
        }
        else if (held == AddressState.Detaching && (state.Live >> address & 1) == 0)
        {
            var next = state;
            next.Links &= ~(1 << address);
            next.Agent.Ledger = ledgers.Reaped(state.Agent.Ledger, address);
            Done(next, new MoveName("the link of address {1} is gone", What: address), isProgress: true, moves);
        }
    }

    // Offers and withdrawals are in the ledger before they are written. The write is due when it says something that the version
    // seen does not, or when that is not this process's own latest one: each process writes once at its start.
    private void Report(NodeState state, List<Move> moves)
    {
        var (ledger, desired, releasable) = ledgers.Plan(state.Agent.Ledger, state.Pods);
        var agent = state.Agent;
        var due = !agent.ViewIsFresh || !state.UsageIsLatest
            || state.Pool.Desired != desired + 1 || state.Pool.Releasable != releasable;
        if (!due && ledger == agent.Ledger)
            return;
        state.Agent.Ledger = ledger;
        if (due)
        {
            ref var a = ref state.Agent;
            state.UsageIsLatest = false;
            a.Older.IsLatest = false;
            // A write by an old version is refused at once.
            if (agent.ViewIsFresh || !rules.AgentWritesConditionally)
                a.Newer = new UsageWrite { Flies = true, Desired = desired, Releasable = releasable, IsLatest = true };
        }

        // With one on its way already: its answer has not come in time.
        var late = agent.Older.Flies;
        Done(state, new MoveName("the agent sends its usage, releasable {1:b3}", What: releasable), isProgress: !late, moves);
    }

    private void Land(NodeState state, bool older, List<Move> moves)
    {
        var write = older ? state.Agent.Older : state.Agent.Newer;
        if (!write.Flies)
            return;
        var next = state;
        if (older)
            next.Agent.Older.Flies = false;
        else
            next.Agent.Newer.Flies = false;
        Done(next, new MoveName("the agent's usage write is lost"), isProgress: false, moves, cost: 1);
        MovePool(ref next, next.Pool with { Desired = write.Desired + 1, Releasable = write.Releasable });
        next.UsageIsLatest = write.IsLatest;
        Done(next, new MoveName("the agent's usage write arrives, releasable {1:b3}", What: write.Releasable), isProgress: true, moves);
    }

    private void Restarts(NodeState state, List<Move> moves)
    {
        Restart(state, lost: false, new MoveName("the agent crashes and starts from its checkpoint"), moves, cost: 0);
        Restart(state, lost: true, new MoveName("the agent starts without its checkpoint"), moves, cost: 1);
        state.Live = state.Links = 0;
        Restart(state, lost: true, new MoveName("the node reboots"), moves, cost: 0);
    }

    private void Restart(NodeState state, bool lost, MoveName name, List<Move> moves, int cost)
    {
        ref var agent = ref state.Agent;
        var (older, newer) = (agent.Older, agent.Newer);
        older.IsLatest = newer.IsLatest = false;
        agent = new AgentState { Ledger = ledgers.Recover(agent.Ledger, lost, state.Links), Older = older, Newer = newer };
        state.UsageIsLatest = false;
        Done(state, name, isProgress: false, moves, cost: cost);
    }
}
