namespace Vnetcni.Ipam.Tests.Exploration;

/// <summary>Where an exploration begins.</summary>
internal static class Resting
{
    /// <summary>The nearest state at rest that is reached when nothing goes wrong.</summary>
    public static PackedState Nearest(IExplored world, PackedState from)
    {
        var (seen, queue, moves) = (new HashSet<PackedState> { from }, new Queue<PackedState>([from]), new List<Move>());
        while (queue.TryDequeue(out var state))
        {
            if (world.IsAtRest(state))
                return state;
            moves.Clear();
            world.Moves(state, moves);
            foreach (var move in moves)
            {
                if (move.IsProgress && seen.Add(move.Next))
                    queue.Enqueue(move.Next);
            }
        }

        throw new InvalidOperationException("nothing comes to rest");
    }
}
