namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>The memories of all pools.</summary>
internal sealed class PoolMemories
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, PoolMemory> memories = new(StringComparer.Ordinal);

    public PoolMemory Get(string pool)
    {
        lock (gate)
        {
            if (!memories.TryGetValue(pool, out var memory))
                memories.Add(pool, memory = new PoolMemory());
            return memory;
        }
    }

    public void Forget(string pool)
    {
        lock (gate)
            memories.Remove(pool);
    }
}
