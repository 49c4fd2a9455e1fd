namespace Vnetcni.ControllerRuntime.Events;

/// <summary>A dictionary that forgets what was used least recently. Not for concurrent use.</summary>
internal sealed class RecentMap<TKey, TValue>(int capacity)
    where TKey : notnull
{
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> nodes = [];
    private readonly LinkedList<(TKey Key, TValue Value)> order = [];

    public int Count => nodes.Count;

    public bool TryGet(TKey key, out TValue value)
    {
        if (!nodes.TryGetValue(key, out var node))
        {
            value = default!;
            return false;
        }

        order.Remove(node);
        order.AddLast(node);
        value = node.Value.Value;
        return true;
    }

    public void Set(TKey key, TValue value)
    {
        Remove(key);
        nodes.Add(key, order.AddLast((key, value)));
        if (nodes.Count > capacity && order.First is { } oldest)
            Remove(oldest.Value.Key);
    }

    public void Remove(TKey key)
    {
        if (nodes.Remove(key, out var node))
            order.Remove(node);
    }
}
