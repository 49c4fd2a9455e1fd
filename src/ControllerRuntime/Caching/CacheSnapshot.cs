using System.Collections.Immutable;
using k8s;
using k8s.Models;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.ControllerRuntime.Caching;

/// <summary>
/// All objects of a cache at one moment. It never changes; its objects are shared and must not be changed either
/// (<see cref="KubeKindFactory.Copy"/> makes a copy). Everything comes in the order of the keys.
/// </summary>
public sealed class CacheSnapshot<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private static readonly ImmutableSortedDictionary<string, ImmutableSortedSet<ObjectKey>> NoValues =
        ImmutableSortedDictionary.Create<string, ImmutableSortedSet<ObjectKey>>(StringComparer.Ordinal);

    private readonly ImmutableArray<CacheIndex<T>> indexes;
    private readonly ImmutableSortedDictionary<ObjectKey, T> objects;
    private readonly ImmutableArray<ImmutableSortedDictionary<string, ImmutableSortedSet<ObjectKey>>> maps;

    private CacheSnapshot(
        ImmutableArray<CacheIndex<T>> indexes,
        ImmutableSortedDictionary<ObjectKey, T> objects,
        ImmutableArray<ImmutableSortedDictionary<string, ImmutableSortedSet<ObjectKey>>> maps) =>
        (this.indexes, this.objects, this.maps) = (indexes, objects, maps);

    /// <summary>How many objects there are.</summary>
    public int Count => objects.Count;

    /// <summary>All keys.</summary>
    public IEnumerable<ObjectKey> Keys => objects.Keys;

    /// <summary>All objects.</summary>
    public IEnumerable<T> Objects => objects.Values;

    /// <summary>One object, or null.</summary>
    public T? Get(ObjectKey key) => objects.GetValueOrDefault(key);

    /// <summary>The objects with this value in the index. Throws <see cref="ArgumentException"/> for an unknown index.</summary>
    public IReadOnlyList<T> ByIndex(string index, string value)
    {
        for (var i = 0; i < indexes.Length; i++)
        {
            if (indexes[i].Name == index)
                return maps[i].TryGetValue(value, out var keys) ? [.. keys.Select(k => objects[k])] : [];
        }

        throw new ArgumentException($"there is no index '{index}'", nameof(index));
    }

    internal static CacheSnapshot<T> Empty(IEnumerable<CacheIndex<T>> indexes)
    {
        ImmutableArray<CacheIndex<T>> array = [.. indexes];
        return new CacheSnapshot<T>(array, ImmutableSortedDictionary<ObjectKey, T>.Empty, [.. array.Select(_ => NoValues)]);
    }

    internal CacheSnapshot<T> With(ObjectKey key, T? value)
    {
        var old = Get(key);
        var next = maps.ToBuilder();
        for (var i = 0; i < indexes.Length; i++)
        {
            foreach (var v in old is null ? [] : indexes[i].Values(old))
                next[i] = Removed(next[i], v, key);
            foreach (var v in value is null ? [] : indexes[i].Values(value))
                next[i] = next[i].SetItem(v, (next[i].GetValueOrDefault(v) ?? []).Add(key));
        }

        return new CacheSnapshot<T>(
            indexes, value is null ? objects.Remove(key) : objects.SetItem(key, value), next.ToImmutable());
    }

    private static ImmutableSortedDictionary<string, ImmutableSortedSet<ObjectKey>> Removed(
        ImmutableSortedDictionary<string, ImmutableSortedSet<ObjectKey>> map, string value, ObjectKey key)
    {
        if (!map.TryGetValue(value, out var keys))
            return map;
        var rest = keys.Remove(key);
        return rest.IsEmpty ? map.Remove(value) : map.SetItem(value, rest);
    }
}
