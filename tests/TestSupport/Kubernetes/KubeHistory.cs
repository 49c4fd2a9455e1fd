using System.Text.Json.Nodes;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.TestSupport.Kubernetes;

/// <summary>The changes of a bounded past, and the state before them.</summary>
internal sealed class KubeHistory(int window)
{
    private readonly List<KubeChange> changes = [];
    private readonly Dictionary<string, SortedDictionary<ObjectKey, JsonObject>> past = new(StringComparer.Ordinal);

    /// <summary>Changes up to here are forgotten: a watch can start here at the earliest.</summary>
    public long Compacted { get; private set; }

    public void Add(KubeChange change)
    {
        changes.Add(change);
        if (changes.Count > window)
            CompactTo(changes[changes.Count - Math.Max(1, window / 2)].Version - 1);
    }

    public void CompactTo(long version)
    {
        var count = changes.FindIndex(c => c.Version > version);
        count = count < 0 ? changes.Count : count;
        foreach (var change in changes.Take(count))
            Set(past, change);
        changes.RemoveRange(0, count);
        Compacted = Math.Max(Compacted, version);
    }

    /// <summary>The first change after a version that <paramref name="wanted"/> accepts.</summary>
    public KubeChange? After(long version, Func<KubeChange, bool> wanted)
    {
        var (low, high) = (0, changes.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = changes[middle].Version <= version ? (middle + 1, high) : (low, middle);
        }

        for (; low < changes.Count; low++)
        {
            if (wanted(changes[low]))
                return changes[low];
        }

        return null;
    }

    /// <summary>The objects of a resource as they were at a version that is not forgotten.</summary>
    public SortedDictionary<ObjectKey, JsonObject> At(string resource, long version)
    {
        var state = past.TryGetValue(resource, out var objects) ? new SortedDictionary<ObjectKey, JsonObject>(objects) : [];
        var wrapped = new Dictionary<string, SortedDictionary<ObjectKey, JsonObject>>(StringComparer.Ordinal) { [resource] = state };
        foreach (var change in changes.TakeWhile(c => c.Version <= version).Where(c => c.Resource == resource))
            Set(wrapped, change);
        return state;
    }

    private static void Set(Dictionary<string, SortedDictionary<ObjectKey, JsonObject>> states, KubeChange change)
    {
        if (!states.TryGetValue(change.Resource, out var objects))
            states.Add(change.Resource, objects = []);
        if (change.After is { } after)
            objects[change.Key] = after;
        else
            objects.Remove(change.Key);
    }
}
