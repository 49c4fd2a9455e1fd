using Vnetcni.Ipam.Tests.Exploration.Node;

namespace Vnetcni.Ipam.Tests.Exploration.Life;

/// <summary>Between fields and bits. States that no later step can tell apart get the same bits.</summary>
internal static class LifePacking
{
    public static PackedState Pack(LifeState state, out bool swapped)
    {
        Forget(ref state.LeaderA);
        Forget(ref state.LeaderB);
        Forget(ref state.Nic0);
        Forget(ref state.Nic1);
        if (!state.Pool.Exists)
            state.Pool = new LifePool { Uid = state.Pool.Uid, Settled = LifeMoves.NoEtag };
        if (!state.Own.Open)
            state.Own = default;
        if (!state.Left.Open)
            state.Left = default;
        var bits = Bits(state);
        (state.LeaderA, state.LeaderB) = (state.LeaderB, state.LeaderA);
        var mirrored = Bits(state);
        swapped = NodePacking.Compare(bits, mirrored) > 0;
        return swapped ? mirrored : bits;
    }

    public static LifeState Unpack(PackedState bits)
    {
        var state = default(LifeState);
        var cursor = new BitCursor(ref bits, reads: true);
        Fields(ref cursor, ref state);
        return state;
    }

    private static PackedState Bits(LifeState state)
    {
        Span<int> names = stackalloc int[128];
        names.Fill(-1);
        var next = 0;
        Rename(ref state.Nic0.Etag, names, ref next, state.Nic0.Exists);
        Rename(ref state.Nic1.Etag, names, ref next, state.Nic1.Exists);
        Rename(ref state.Own.Etag, names, ref next, state.Own.Open);
        Rename(ref state.Left.Etag, names, ref next, state.Left.Open);
        Rename(ref state.Pool.Settled, names, ref next, true);
        Rename(ref state.LeaderA, names, ref next);
        Rename(ref state.LeaderB, names, ref next);
        var bits = default(PackedState);
        var cursor = new BitCursor(ref bits, reads: false);
        Fields(ref cursor, ref state);
        return bits;
    }

    private static void Rename(ref LifeLeader leader, Span<int> names, ref int next)
    {
        Rename(ref leader.Reservation.Etag, names, ref next, leader.Reservation.Open);
        Rename(ref leader.Pool.Settled, names, ref next, leader.At is At.ReadPool or At.ReadAll or At.Write && leader.Task == LifeTask.Pool && !leader.PoolIsFresh);
        Rename(ref leader.NicEtag, names, ref next, KnowsNic(leader) && leader.NicExists);
    }

    private static void Rename(ref int etag, Span<int> names, ref int next, bool counts)
    {
        if (!counts || etag is >= LifeMoves.FirstFixed and <= LifeMoves.NoEtag)
            return;
        if (names[etag] < 0)
            names[etag] = next++;
        etag = names[etag];
    }

    private static bool KnowsNic(in LifeLeader leader) => leader.At == At.Write || (leader.At == At.ReadPool && leader.Task != LifeTask.Pool);

    private static void Forget(ref LifeNic nic)
    {
        if (!nic.Exists)
            nic = default;
        if (nic.PutA > nic.PutB)
            (nic.PutA, nic.PutB) = (nic.PutB, nic.PutA);
    }

    private static void Forget(ref LifeLeader leader)
    {
        if (leader.At == At.Rest)
        {
            leader = default;
            return;
        }

        if (leader.PoolIsFresh || leader.At == At.ReadBudget || leader.Task != LifeTask.Pool)
            leader.Pool = default;
        if (leader.At == At.ReadBudget || leader.Task != LifeTask.Pool)
            leader.PoolIsFresh = false;
        if (!leader.Reservation.Open)
            leader.Reservation = default;
        if (!KnowsNic(leader))
            (leader.NicExists, leader.Slots, leader.NicEtag, leader.Claimed, leader.Consented) = (false, 0, 0, false, false);
        if (!leader.NicExists)
            (leader.Slots, leader.NicEtag) = (0, 0);
    }

    private static void Fields(ref BitCursor cursor, ref LifeState state)
    {
        Fields(ref cursor, ref state.Nic0);
        Fields(ref cursor, ref state.Nic1);
        cursor.Field(ref state.Current, 1);
        cursor.Field(ref state.Node);
        Fields(ref cursor, ref state.Pool);
        Fields(ref cursor, ref state.Own);
        Fields(ref cursor, ref state.Left);
        cursor.Field(ref state.Used, 3);
        cursor.Field(ref state.Want, 2);
        cursor.Field(ref state.Live, 4);
        Fields(ref cursor, ref state.LeaderA);
        Fields(ref cursor, ref state.LeaderB);
    }

    private static void Fields(ref BitCursor cursor, ref LifeNic nic)
    {
        cursor.Field(ref nic.Exists);
        cursor.Field(ref nic.Slots, 2);
        cursor.Field(ref nic.Etag, 4);
        cursor.Field(ref nic.PutA, 5);
        cursor.Field(ref nic.PutB, 5);
    }

    private static void Fields(ref BitCursor cursor, ref LifePool pool)
    {
        cursor.Field(ref pool.Exists);
        cursor.Field(ref pool.Uid, 2);
        cursor.Field(ref pool.Deleting);
        cursor.Field(ref pool.Available, 4);
        cursor.Field(ref pool.Releasing, 4);
        cursor.Field(ref pool.Settled, 4);
        cursor.Field(ref pool.Incarnation, 2);
        cursor.Field(ref pool.NicId, 2);
        cursor.Field(ref pool.Desired, 2);
        cursor.Field(ref pool.Releasable, 4);
    }

    private static void Fields(ref BitCursor cursor, ref LifeReservation reservation)
    {
        cursor.Field(ref reservation.Open);
        cursor.Field(ref reservation.Uid, 2);
        cursor.Field(ref reservation.Base, 2);
        cursor.Field(ref reservation.Ceiling, 2);
        cursor.Field(ref reservation.Etag, 4);
        cursor.Field(ref reservation.Nic, 2);
        cursor.Field(ref reservation.Closing);
    }

    private static void Fields(ref BitCursor cursor, ref LifeLeader leader)
    {
        var (at, task) = ((int)leader.At, (int)leader.Task);
        cursor.Field(ref at, 3);
        cursor.Field(ref task, 2);
        (leader.At, leader.Task) = ((At)at, (LifeTask)task);
        cursor.Field(ref leader.Bound, 1);
        cursor.Field(ref leader.BudgetIsFresh);
        Fields(ref cursor, ref leader.Reservation);
        cursor.Field(ref leader.PoolIsFresh);
        Fields(ref cursor, ref leader.Pool);
        cursor.Field(ref leader.NicExists);
        cursor.Field(ref leader.Slots, 2);
        cursor.Field(ref leader.NicEtag, 4);
        cursor.Field(ref leader.Claimed);
        cursor.Field(ref leader.Consented);
    }
}
