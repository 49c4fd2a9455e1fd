using Vnetcni.Ipam.Tests.Exploration.Node;

namespace Vnetcni.Ipam.Tests.Exploration.VNet;

/// <summary>Between fields and bits. States that no later step can tell apart get the same bits; the leaders are alike.</summary>
internal static class VNetPacking
{
    public static PackedState Pack(VNetState state, out bool swapped)
    {
        Forget(ref state);
        var (a, b) = (Rank(state.Workers[0]), Rank(state.Workers[1]));
        swapped = a > b;
        if (swapped)
            (state.Workers[0], state.Workers[1]) = (state.Workers[1], state.Workers[0]);
        var bits = Bits(state);
        if (a != b || a == 0)
            return bits;
        (state.Workers[0], state.Workers[1]) = (state.Workers[1], state.Workers[0]);
        var mirrored = Bits(state);
        swapped = NodePacking.Compare(bits, mirrored) > 0;
        return swapped ? mirrored : bits;
    }

    public static VNetState Unpack(PackedState bits)
    {
        var state = default(VNetState);
        var cursor = new BitCursor(ref bits, reads: true);
        Fields(ref cursor, ref state);
        return state;
    }

    // The order does not depend on the names of ETags.
    private static ulong Rank(in Worker worker) =>
        NodePacking.Rank(worker.Read) | ((ulong)worker.Node << 54) | ((ulong)worker.Free << 55);

    private static PackedState Bits(VNetState state)
    {
        for (var k = 0; k < 2; k++)
            Rename(ref state, k);
        var bits = default(PackedState);
        var cursor = new BitCursor(ref bits, reads: false);
        Fields(ref cursor, ref state);
        return bits;
    }

    private static void Fields(ref BitCursor cursor, ref VNetState state)
    {
        cursor.Field(ref state.Used, 2);
        for (var i = 0; i < 2; i++)
        {
            ref var node = ref state.Nodes[i];
            cursor.Field(ref node.Nic, 8);
            cursor.Field(ref node.Etag, 1);
            cursor.Field(ref node.Busy);
            cursor.Field(ref node.Before, 8);
            cursor.Field(ref node.BeforeEtag, 1);
            NodePacking.Fields(ref cursor, ref node.Pool);
            NodePacking.Fields(ref cursor, ref node.Reservation);
            cursor.Field(ref node.PutA, 9);
            cursor.Field(ref node.PutB, 9);
            ref var worker = ref state.Workers[i];
            NodePacking.Fields(ref cursor, ref worker.Read);
            cursor.Field(ref worker.Node, 1);
            cursor.Field(ref worker.Free, 2);
        }
    }

    // What is not read again is forgotten.
    private static void Forget(ref VNetState state)
    {
        for (var i = 0; i < 2; i++)
        {
            ref var node = ref state.Nodes[i];
            if (!node.Busy)
                (node.Before, node.BeforeEtag) = (0, node.Etag);
            if (!node.Reservation.Open)
                node.Reservation = default;
            if (node.PutA > node.PutB)
                (node.PutA, node.PutB) = (node.PutB, node.PutA);
            ref var worker = ref state.Workers[i];
            NodePacking.Forget(ref worker.Read);
            if (worker.Read.At == At.Rest)
                worker = default;
            if (worker.Read.BudgetIsFresh)
                worker.Free = 0;
        }
    }

    // Of one node are only ever compared with each other.
    private static void Rename(ref VNetState state, int k)
    {
        Span<int> names = stackalloc int[128];
        names.Fill(-1);
        var next = 0;
        ref var node = ref state.Nodes[k];
        NodePacking.Rename(ref node.Etag, names, ref next);
        NodePacking.Rename(ref node.BeforeEtag, names, ref next);
        if (node.Reservation.Open)
            NodePacking.Rename(ref node.Reservation.Etag, names, ref next);
        NodePacking.Rename(ref node.Pool, names, ref next);
        for (var i = 0; i < 2; i++)
        {
            if (state.Workers[i].Node == k)
                NodePacking.Rename(ref state.Workers[i].Read, names, ref next);
        }
    }
}
