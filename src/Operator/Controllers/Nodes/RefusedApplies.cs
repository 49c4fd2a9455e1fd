using Vnetcni.Api.NodeIpPools;

namespace Vnetcni.Operator.Controllers.Nodes;

/// <summary>
/// Applies that the server refused because a person owns a field: the same one to the same spec is not sent with every event of the Node,
/// but now and then, for an owner that steps back changes nothing that a cache shows.
/// </summary>
internal sealed class RefusedApplies
{
    /// <summary>After this time the same apply is tried again.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    private readonly Lock gate = new();
    private readonly Dictionary<string, (string? Uid, long? Generation, byte[] Body, long At)> known = new(StringComparer.Ordinal);

    public bool IsKnown(NodeIpPool pool, byte[] body, TimeProvider time)
    {
        lock (gate)
        {
            return known.TryGetValue(pool.Metadata.Name, out var last)
                && last.Uid == pool.Metadata.Uid && last.Generation == pool.Metadata.Generation
                && time.GetElapsedTime(last.At) < Interval && last.Body.AsSpan().SequenceEqual(body);
        }
    }

    public void Note(NodeIpPool pool, byte[] body, TimeProvider time)
    {
        lock (gate)
            known[pool.Metadata.Name] = (pool.Metadata.Uid, pool.Metadata.Generation, body, time.GetTimestamp());
    }

    public void Forget(string pool)
    {
        lock (gate)
            known.Remove(pool);
    }
}
