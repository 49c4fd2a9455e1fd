namespace Vnetcni.Operator.Azure.Scheduling;

/// <summary>
/// Those who were told when to prepare a write, since more want to write than may. It knows no clock and promises nothing: who comes back
/// asks again, and who never does holds nobody up for longer than its turn.
/// </summary>
internal sealed class WriteTurns
{
    private readonly PriorityQueue<TimeSpan, TimeSpan> _starved = new();
    private readonly PriorityQueue<TimeSpan, TimeSpan> _others = new();

    /// <summary>How many go before one that asks now.</summary>
    public int Ahead(bool starves, TimeSpan now) => Waiting(_starved, now) + (starves ? 0 : Waiting(_others, now));

    /// <summary>Notes that one comes back at a time.</summary>
    public void Take(bool starves, TimeSpan at) => (starves ? _starved : _others).Enqueue(at, at);

    /// <summary>Whether nobody waits.</summary>
    public bool IsEmpty(TimeSpan now) => Ahead(starves: false, now) == 0;

    private static int Waiting(PriorityQueue<TimeSpan, TimeSpan> turns, TimeSpan now)
    {
        while (turns.TryPeek(out var at, out _) && at <= now)
            turns.Dequeue();
        return turns.Count;
    }
}
