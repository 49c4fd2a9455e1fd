namespace Vnetcni.Operator.Azure.Scheduling;

/// <summary>Calls of one kind that wait for quota: the most urgent first, then first come, first served.</summary>
internal sealed class CallQueue
{
    private readonly SortedSet<Place> _places = new(Comparer<Place>.Create(static (a, b) => (a.Priority, a.Sequence).CompareTo((b.Priority, b.Sequence))));
    private long _sequence;

    /// <summary>A place in the queue.</summary>
    internal sealed class Place(ArmPriority priority, long sequence)
    {
        /// <summary>Completed when this place may have become the first.</summary>
        public TaskCompletionSource Turn { get; set; } = new();

        public ArmPriority Priority => priority;

        public long Sequence => sequence;
    }

    /// <summary>Calls that wait.</summary>
    public int Count => _places.Count;

    /// <summary>Takes a place.</summary>
    public Place Join(ArmPriority priority)
    {
        var place = new Place(priority, _sequence++);
        _places.Add(place);
        return place;
    }

    /// <summary>Whether it is this one's turn.</summary>
    public bool IsFirst(Place place) => ReferenceEquals(_places.Min, place);

    /// <summary>Gives a place up; the one to wake, outside any lock, is returned.</summary>
    public TaskCompletionSource? Leave(Place place)
    {
        _places.Remove(place);
        return _places.Min?.Turn;
    }
}
