namespace Vnetcni.Ipam.Tests.Exploration.Node;

// ARM: takes a PUT or not, gives any address that is free, and an operation may fail after that.
internal sealed partial class NodeWorld
{
    private const int PutFlag = 1 << 8;

    /// <summary>A PUT as a number.</summary>
    public static int PutOf(int add, int remove) => PutFlag | (remove << 4) | add;

    private void Arm(NodeState state, List<Move> moves)
    {
        Receive(state, state.PutA, moves);
        Receive(state, state.PutB, moves);
        if (state.Busy)
        {
            var next = state;
            next.Busy = false;
            MoveNic(ref next);
            Done(next, new MoveName("ARM: the operation succeeds"), isProgress: true, moves);
            next = state;
            next.Nic = state.Before;
            next.Busy = false;
            MoveNic(ref next);
            Done(next, new MoveName("ARM: the operation fails, all is as before"), isProgress: false, moves, cost: 1);
        }
        else
        {
            var next = state;
            MoveNic(ref next);
            Done(next, new MoveName("another tool writes the interface"), isProgress: false, moves, cost: 1);
        }

        if (state.LeaderA.BudgetIsFresh || state.LeaderB.BudgetIsFresh)
        {
            var next = state;
            MoveBudget(ref next);
            Done(next, new MoveName("the budget object changes for another pool"), isProgress: false, moves, cost: 1);
        }
    }

    // Everything that was read of the interface is old now; a PUT on its way will be refused.
    private void MoveNic(ref NodeState state)
    {
        const int unused = 100;
        (state.BeforeEtag, state.Etag) = (state.Etag, unused);
        if (rules.PutsAreConditional)
            state.PutA = state.PutB = 0;
    }

    private void Receive(NodeState state, int put, List<Move> moves)
    {
        if (put == 0)
            return;
        if (state.PutA == put)
            state.PutA = 0;
        else
            state.PutB = 0;
        Done(state, new MoveName("a PUT is lost, or ARM refuses it"), isProgress: true, moves);
        if (state.Busy)
            return;
        var (nic, removed, broken) = (state.Nic, 0, string.Empty);
        for (var slot = 0; slot < NodeState.Slots; slot++)
        {
            if ((put >> (slot + 4) & 1) == 0 || NodeState.At(nic, slot) < 0)
                continue;
            removed |= 1 << NodeState.At(nic, slot);
            nic = NodeState.With(nic, slot, -1);
        }

        for (var slot = 0; slot < NodeState.Slots; slot++)
        {
            if ((put >> slot & 1) != 0 && NodeState.At(state.Nic, slot) >= 0)
                broken = NodeRules.SlotReused;
        }

        Give(state, nic, put, 0, removed, broken, moves);
    }

    // One move per choice that ARM has.
    private void Give(in NodeState state, int nic, int put, int slot, int removed, string broken, List<Move> moves)
    {
        while (slot < NodeState.Slots && (put >> slot & 1) == 0)
            slot++;
        if (slot < NodeState.Slots)
        {
            // An address that this very PUT gives up may come back under another slot.
            var choice = ~NodeState.NicAddresses(nic) & All;
            if (rules.FreedComeBack && (choice & removed) != 0)
                choice &= removed;
            for (var address = 0; address < NodeState.Addresses; address++)
            {
                if ((choice >> address & 1) != 0)
                    Give(state, NodeState.With(nic, slot, address), put, slot + 1, removed, broken, moves);
            }

            return;
        }

        var next = state;
        (next.Before, next.Busy, next.Nic) = (state.Nic, true, nic);
        MoveNic(ref next);
        if ((removed & state.Live & ~NodeState.NicAddresses(nic)) != 0)
            broken = NodeRules.RemovedInUse;
        Done(next, new MoveName("ARM accepts a PUT; its reply may be lost"), isProgress: true, moves, broken);
    }

    private const int All = (1 << NodeState.Addresses) - 1;
}
