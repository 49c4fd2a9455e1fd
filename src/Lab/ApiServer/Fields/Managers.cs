using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Fields;

/// <summary>Who owns which fields of one object. Never changes.</summary>
internal sealed class Managers
{
    private Managers(IReadOnlyList<ManagerEntry> entries) => Entries = entries;

    public static Managers None { get; } = new([]);

    /// <summary>Appliers first, then by time and name, as managedFields are ordered.</summary>
    public IReadOnlyList<ManagerEntry> Entries { get; }

    public bool IsEmpty => Entries.Count == 0;

    public static Managers Of(IEnumerable<ManagerEntry> entries) => new(
    [
        .. entries.Where(e => !e.Set.IsEmpty)
            .OrderBy(e => e.Operation, StringComparer.Ordinal)
            .ThenBy(e => e.Time, StringComparer.Ordinal)
            .ThenBy(e => e.Manager, StringComparer.Ordinal)
            .ThenBy(e => e.ApiVersion, StringComparer.Ordinal)
            .ThenBy(e => e.Subresource, StringComparer.Ordinal),
    ]);

    /// <summary>
    /// The managedFields that a body brings: null when it brings none that count (then the live ones hold), empty for
    /// <c>[{}]</c>, by which a client clears them.
    /// </summary>
    public static Managers? Read(JsonNode? managedFields)
    {
        if (managedFields is not JsonArray { Count: > 0 } array)
            return null;
        if (array is [JsonObject { Count: 0 }])
            return None;
        var entries = array.Select(ManagerEntry.Read).ToList();
        return entries.Contains(null) ? null : Of(entries!);
    }

    public ManagerEntry? Find(ManagerEntry like) => Entries.FirstOrDefault(like.IsSameManager);

    public bool SameAs(Managers other)
    {
        if (ReferenceEquals(this, other))
            return true;
        return Entries.Count == other.Entries.Count
            && Entries.Zip(other.Entries).All(p => p.First.IsSameManager(p.Second) && p.First.ApiVersion == p.Second.ApiVersion && p.First.Set.SameAs(p.Second.Set));
    }

    public JsonArray ToJson() => [.. Entries.Select(e => e.ToJson())];
}
