namespace Vnetcni.Ipam.Tests.Exploration;

/// <summary>One way out of a state.</summary>
/// <param name="Next">Where it leads.</param>
/// <param name="Name">What happens.</param>
/// <param name="IsProgress">Whether it happens by itself when nothing goes wrong any more.</param>
/// <param name="Broken">The rule that it breaks; empty for none.</param>
internal readonly record struct Move(PackedState Next, MoveName Name, bool IsProgress, string Broken)
{
    /// <summary>The two who are alike changed places: from here on who is 1 is 2.</summary>
    public bool Swapped { get; init; }

    /// <summary>What it takes of the run's allowance of changes and faults.</summary>
    public int Cost { get; init; }
}

/// <summary>A world that can be explored: every state knows its moves.</summary>
internal interface IExplored
{
    /// <summary>Where it begins.</summary>
    IEnumerable<PackedState> Roots();

    /// <summary>Puts all moves of a state into the list.</summary>
    void Moves(in PackedState from, List<Move> moves);

    /// <summary>Whether everything has come to rest as it should.</summary>
    bool IsAtRest(in PackedState state);

    string Show(in PackedState state);
}

/// <summary>What an exploration found.</summary>
/// <param name="States">Distinct states.</param>
/// <param name="Transitions">Moves taken.</param>
/// <param name="Complete">Every reachable state was visited.</param>
/// <param name="Broken">The rule that was broken; empty for none.</param>
/// <param name="Steps">The shortest way there, a line per step.</param>
internal sealed record Explored(int States, long Transitions, bool Complete, string Broken, IReadOnlyList<string> Steps)
{
    public string Trace => $"{Broken}, in {Steps.Count - 1} steps:\n{string.Join('\n', Steps)}";
}

/// <summary>
/// Visits every state that a world can reach with an allowance of changes and faults: those that need fewer first, among these
/// the nearest first, so the way to a broken rule is the shortest. A state that was reached with less is not visited again with more:
/// whatever follows then follows already. States are kept whole: two that differ are never taken for one.
/// </summary>
internal sealed class BreadthFirst(IExplored world, int allowance, int mostStates)
{
    private readonly List<PackedState[]> chunks = [];
    private readonly List<Move> moves = [];
    private readonly List<int> from = [];
    private readonly List<byte> costs = [];
    private readonly List<int>[] layers = [.. Enumerable.Range(0, allowance + 1).Select(static _ => new List<int>())];
    private int[] table = new int[1 << 16];
    private int count;
    private long transitions;

    public Explored Run()
    {
        foreach (var root in world.Roots())
            Visit(root, -1, 0);
        for (var cost = 0; cost < layers.Length; cost++)
        {
            for (var n = 0; n < layers[cost].Count; n++)
            {
                var i = layers[cost][n];
                // Reached with less meanwhile: it has been visited.
                if (costs[i] != cost)
                    continue;
                moves.Clear();
                world.Moves(At(i), moves);
                foreach (var move in moves)
                {
                    if (cost + move.Cost > allowance)
                        continue;
                    transitions++;
                    if (move.Broken.Length > 0)
                        return new Explored(count, transitions, Complete: false, move.Broken, Way(i, move));
                    Visit(move.Next, i, cost + move.Cost);
                }

                if (count >= mostStates)
                    return new Explored(count, transitions, Complete: false, string.Empty, []);
            }
        }

        return new Explored(count, transitions, Complete: true, string.Empty, []);
    }

    private void Visit(in PackedState state, int source, int cost)
    {
        var index = Add(state, out var isNew);
        if (isNew)
        {
            from.Add(source);
            costs.Add((byte)cost);
        }
        else if (cost < costs[index])
        {
            (from[index], costs[index]) = (source, (byte)cost);
        }
        else
        {
            return;
        }

        layers[cost].Add(index);
    }

    /// <summary>
    /// After <see cref="Run"/> came to its end: a state from which no way of progress leads to rest is stuck. Broken and the
    /// way to the nearest one tell so.
    /// </summary>
    public Explored FindStuck()
    {
        var (starts, sources) = ProgressBackwards();
        var reaches = new bool[count];
        var queue = new Queue<int>();
        for (var i = 0; i < count; i++)
        {
            if (!world.IsAtRest(At(i)))
                continue;
            reaches[i] = true;
            queue.Enqueue(i);
        }

        while (queue.TryDequeue(out var state))
        {
            for (var e = starts[state]; e < starts[state + 1]; e++)
            {
                if (reaches[sources[e]])
                    continue;
                reaches[sources[e]] = true;
                queue.Enqueue(sources[e]);
            }
        }

        var stuck = Array.IndexOf(reaches, false);
        return stuck < 0
            ? new Explored(count, sources.Length, Complete: true, string.Empty, [])
            : new Explored(count, sources.Length, Complete: true, $"{reaches.Count(static r => !r)} states can't come to rest, this one first", Way(stuck));
    }

    private (long[] Starts, int[] Sources) ProgressBackwards()
    {
        var starts = new long[count + 2];
        EachProgress((_, to) => starts[to + 2]++);
        for (var i = 2; i < starts.Length; i++)
            starts[i] += starts[i - 1];
        var sources = new int[starts[^1]];
        EachProgress((source, to) => sources[starts[to + 1]++] = source);
        return (starts, sources);
    }

    private void EachProgress(Action<int, int> edge)
    {
        for (var i = 0; i < count; i++)
        {
            moves.Clear();
            world.Moves(At(i), moves);
            foreach (var move in moves)
            {
                if (move.IsProgress)
                    edge(i, Find(move.Next));
            }
        }
    }

    private List<string> Way(int state, Move? last = null)
    {
        var path = new List<int>();
        for (var at = state; at >= 0; at = from[at])
            path.Insert(0, at);
        var lines = new List<string> { $"{"at rest",-66} | {world.Show(At(path[0]))}" };
        var swapped = false;
        for (var i = 1; i <= path.Count; i++)
        {
            Move move;
            if (i < path.Count)
            {
                moves.Clear();
                world.Moves(At(path[i - 1]), moves);
                move = moves.First(m => m.Next.Equals(At(path[i])));
            }
            else if (last is { } end)
            {
                move = end;
            }
            else
            {
                break;
            }

            var name = swapped && move.Name.Who > 0 ? move.Name with { Who = 3 - move.Name.Who } : move.Name;
            lines.Add($"{name,-66} | {world.Show(move.Next)}");
            swapped ^= move.Swapped;
        }

        return lines;
    }

    private ref PackedState At(int index) => ref chunks[index >> 16][index & 0xffff];

    private int Find(in PackedState state)
    {
        var found = Add(state, out var isNew);
        return isNew ? throw new InvalidOperationException("progress leads out of what was visited") : found;
    }

    private int Add(in PackedState state, out bool isNew)
    {
        var mask = table.Length - 1;
        var slot = state.GetHashCode() & mask;
        while (table[slot] != 0)
        {
            var known = table[slot] - 1;
            if (At(known).Equals(state))
            {
                isNew = false;
                return known;
            }

            slot = (slot + 1) & mask;
        }

        isNew = true;
        if (count >> 16 == chunks.Count)
            chunks.Add(new PackedState[1 << 16]);
        At(count) = state;
        table[slot] = ++count;
        if (count * 5L > table.Length * 3L)
            Grow();
        return count - 1;
    }

    private void Grow()
    {
        table = new int[table.Length * 2];
        var mask = table.Length - 1;
        for (var i = 0; i < count; i++)
        {
            var slot = At(i).GetHashCode() & mask;
            while (table[slot] != 0)
                slot = (slot + 1) & mask;
            table[slot] = i + 1;
        }
    }
}
