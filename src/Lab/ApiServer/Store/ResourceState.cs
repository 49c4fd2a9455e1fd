using Vnetcni.Lab.ApiServer.Resources;

namespace Vnetcni.Lab.ApiServer.Store;

/// <summary>The objects of one resource: now, in the past that is kept, and who watches them.</summary>
internal sealed class ResourceState(ResourceDefinition definition)
{
    private readonly List<StoreChange> changes = [];
    private readonly SortedDictionary<ObjectName, KubeObject> past = [];

    /// <summary>In its storage version.</summary>
    public ResourceDefinition Definition { get; set; } = definition;

    public SortedDictionary<ObjectName, KubeObject> Objects { get; } = [];

    public List<WatchCursor> Cursors { get; } = [];

    public void Commit(StoreChange change)
    {
        changes.Add(change);
        Set(Objects, change);
    }

    public void CompactTo(long version)
    {
        var count = FirstAfter(version);
        foreach (var change in changes.Take(count))
            Set(past, change);
        changes.RemoveRange(0, count);
    }

    /// <summary>The first change after a version that <paramref name="wanted"/> accepts.</summary>
    public StoreChange? After(long version, Func<StoreChange, bool> wanted)
    {
        for (var i = FirstAfter(version); i < changes.Count; i++)
        {
            if (wanted(changes[i]))
                return changes[i];
        }

        return null;
    }

    /// <summary>The objects as they were at a version that is not forgotten.</summary>
    public SortedDictionary<ObjectName, KubeObject> At(long version)
    {
        var state = new SortedDictionary<ObjectName, KubeObject>(past);
        foreach (var change in changes.Take(FirstAfter(version)))
            Set(state, change);
        return state;
    }

    private int FirstAfter(long version)
    {
        var (low, high) = (0, changes.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = changes[middle].Version <= version ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static void Set(SortedDictionary<ObjectName, KubeObject> objects, StoreChange change)
    {
        if (change.After is { } after)
            objects[change.Name] = after;
        else
            objects.Remove(change.Name);
    }
}
