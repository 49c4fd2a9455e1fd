namespace Vnetcni.Ipam.Tests.Exploration.Node;

/// <summary>Between fields and bits. States that no later step can tell apart get the same bits.</summary>
internal static class NodePacking
{
    /// <summary>The bits of a state.</summary>
    /// <param name="state">The state.</param>
    /// <param name="swapped">Whether the leaders changed places.</param>
    public static PackedState Pack(NodeState state, out bool swapped)
    {
        Forget(ref state);
        // Which leader is which does not matter: the order is one that does not depend on the names of ETags.
        var (a, b) = (Rank(state.LeaderA), Rank(state.LeaderB));
        swapped = a > b;
        if (swapped)
            (state.LeaderA, state.LeaderB) = (state.LeaderB, state.LeaderA);
        var bits = Bits(state);
        if (a != b || a == 0)
            return bits;
        (state.LeaderA, state.LeaderB) = (state.LeaderB, state.LeaderA);
        var mirrored = Bits(state);
        swapped = Compare(bits, mirrored) > 0;
        return swapped ? mirrored : bits;
    }

    public static NodeState Unpack(PackedState bits)
    {
        var state = default(NodeState);
        var cursor = new BitCursor(ref bits, reads: true);
        Fields(ref cursor, ref state);
        return state;
    }

    internal static ulong Rank(in LeaderState leader)
    {
        var rank = (ulong)leader.At | (leader.BudgetIsFresh ? 16ul : 0) | (leader.PoolIsFresh ? 32ul : 0) | ((ulong)leader.Nic << 8);
        rank |= ((ulong)leader.Pool.Listed << 32) | ((ulong)leader.Pool.SlotOf << 38) | ((ulong)leader.Pool.Desired << 44) | ((ulong)leader.Pool.Releasable << 46);
        return rank | ((ulong)leader.Reservation.Base << 49) | ((ulong)leader.Reservation.Ceiling << 51) | (leader.Reservation.Open ? 1ul << 53 : 0);
    }

    private static PackedState Bits(NodeState state)
    {
        Rename(ref state);
        var bits = default(PackedState);
        var cursor = new BitCursor(ref bits, reads: false);
        Fields(ref cursor, ref state);
        return bits;
    }

    internal static int Compare(in PackedState left, in PackedState right)
    {
        for (var i = 0; i < 4; i++)
        {
            if (left[i] != right[i])
                return left[i] < right[i] ? -1 : 1;
        }

        return 0;
    }

    private static void Fields(ref BitCursor cursor, ref NodeState state)
    {
        cursor.Field(ref state.Nic, 8);
        cursor.Field(ref state.Busy);
        cursor.Field(ref state.Before, 8);
        cursor.Field(ref state.BeforeEtag, 4);
        Fields(ref cursor, ref state.Pool);
        cursor.Field(ref state.UsageIsLatest);
        Fields(ref cursor, ref state.Reservation);
        cursor.Field(ref state.Used, 2);
        Fields(ref cursor, ref state.LeaderA);
        Fields(ref cursor, ref state.LeaderB);
        Fields(ref cursor, ref state.Agent);
        cursor.Field(ref state.Live, 3);
        cursor.Field(ref state.Links, 3);
        cursor.Field(ref state.Pods, 2);
        cursor.Field(ref state.PutA, 9);
        cursor.Field(ref state.PutB, 9);
    }

    internal static void Fields(ref BitCursor cursor, ref PoolState pool)
    {
        cursor.Field(ref pool.Listed, 6);
        cursor.Field(ref pool.SlotOf, 6);
        cursor.Field(ref pool.Settled, 4);
        cursor.Field(ref pool.Desired, 2);
        cursor.Field(ref pool.Releasable, 3);
    }

    internal static void Fields(ref BitCursor cursor, ref ReservationState reservation)
    {
        cursor.Field(ref reservation.Open);
        cursor.Field(ref reservation.Base, 2);
        cursor.Field(ref reservation.Ceiling, 2);
        cursor.Field(ref reservation.Etag, 4);
    }

    internal static void Fields(ref BitCursor cursor, ref LeaderState leader)
    {
        var at = (int)leader.At;
        cursor.Field(ref at, 3);
        leader.At = (At)at;
        cursor.Field(ref leader.BudgetIsFresh);
        Fields(ref cursor, ref leader.Reservation);
        cursor.Field(ref leader.PoolIsFresh);
        Fields(ref cursor, ref leader.Pool);
        cursor.Field(ref leader.Nic, 8);
        cursor.Field(ref leader.NicEtag, 4);
    }

    private static void Fields(ref BitCursor cursor, ref AgentState agent)
    {
        cursor.Field(ref agent.Ledger, LedgerMoves.Bits);
        cursor.Field(ref agent.ViewIsFresh);
        Fields(ref cursor, ref agent.Older);
        Fields(ref cursor, ref agent.Newer);
    }

    private static void Fields(ref BitCursor cursor, ref UsageWrite write)
    {
        cursor.Field(ref write.Flies);
        cursor.Field(ref write.Desired, 2);
        cursor.Field(ref write.Releasable, 3);
        cursor.Field(ref write.IsLatest);
    }

    // What is not read again is forgotten.
    private static void Forget(ref NodeState state)
    {
        if (!state.Busy)
            (state.Before, state.BeforeEtag) = (0, state.Etag);
        if (!state.Reservation.Open)
            state.Reservation = default;
        Forget(ref state.LeaderA);
        Forget(ref state.LeaderB);
        ref var agent = ref state.Agent;
        if (!agent.Older.Flies)
            (agent.Older, agent.Newer) = (agent.Newer, default);
        if (!agent.Older.Flies)
            agent.Older = default;
        if (!agent.Newer.Flies)
            agent.Newer = default;
        // Neither is the newest: they differ in what they say only, and the same twice is the same as once.
        if (agent.Newer.Flies && !agent.Newer.IsLatest && agent.Older.Word >= agent.Newer.Word)
            (agent.Older, agent.Newer) = (agent.Newer, agent.Older.Word == agent.Newer.Word ? default : agent.Older);
        if (state.PutA > state.PutB)
            (state.PutA, state.PutB) = (state.PutB, state.PutA);
    }

    internal static void Forget(ref LeaderState leader)
    {
        switch (leader.At)
        {
            case At.Rest:
                leader = default;
                return;
            case At.ReadBudget when leader.Reservation.Open:
                // Read once more after the pool; the ETag tells whether it is the same then.
                leader = new LeaderState { At = At.ReadBudget, Reservation = new ReservationState { Open = true, Etag = leader.Reservation.Etag } };
                return;
            case At.ReadPool:
                leader.BudgetIsFresh = false;
                leader.Reservation = new ReservationState { Open = true, Etag = leader.Reservation.Etag };
                break;
        }

        if (leader.PoolIsFresh || leader.At == At.ReadBudget)
            leader.Pool = default;
        if (!leader.Reservation.Open)
            leader.Reservation = default;
        if (leader.At != At.Write)
            (leader.Nic, leader.NicEtag) = (0, 0);
    }

    private static void Rename(ref NodeState state)
    {
        Span<int> names = stackalloc int[128];
        names.Fill(-1);
        var next = 0;
        Rename(ref state.Etag, names, ref next);
        Rename(ref state.BeforeEtag, names, ref next);
        if (state.Reservation.Open)
            Rename(ref state.Reservation.Etag, names, ref next);
        Rename(ref state.Pool, names, ref next);
        Rename(ref state.LeaderA, names, ref next);
        Rename(ref state.LeaderB, names, ref next);
    }

    internal static void Rename(ref LeaderState leader, Span<int> names, ref int next)
    {
        if (leader.Reservation.Open)
            Rename(ref leader.Reservation.Etag, names, ref next);
        if (!leader.PoolIsFresh && leader.At is At.ReadPool or At.ReadAll or At.Write)
            Rename(ref leader.Pool, names, ref next);
        if (leader.At == At.Write)
            Rename(ref leader.NicEtag, names, ref next);
    }

    internal static void Rename(ref PoolState pool, Span<int> names, ref int next)
    {
        if (pool.Settled != PoolState.NoEtag)
            Rename(ref pool.Settled, names, ref next);
    }

    internal static void Rename(ref int etag, Span<int> names, ref int next)
    {
        if (names[etag] < 0)
            names[etag] = next++;
        etag = names[etag];
    }
}
