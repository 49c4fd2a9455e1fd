using System.Text.Json.Nodes;

namespace Vnetcni.TestSupport.Kubernetes;

/// <summary>Who owns which field of one object. Immutable use: <see cref="Copy"/> before a change.</summary>
internal sealed class FieldOwners
{
    private readonly SortedDictionary<string, SortedSet<string>> owners = new(StringComparer.Ordinal);

    /// <summary>The name under which a manager's fields are kept.</summary>
    public static string Name(string manager, bool apply, string subresource) =>
        $"{manager} {(apply ? "Apply" : "Update")}{(subresource.Length == 0 ? "" : " " + subresource)}";

    public FieldOwners Copy()
    {
        var copy = new FieldOwners();
        foreach (var (name, paths) in owners)
            copy.owners.Add(name, new SortedSet<string>(paths, StringComparer.Ordinal));
        return copy;
    }

    public IReadOnlyCollection<string> Of(string name) => owners.TryGetValue(name, out var paths) ? paths : [];

    public IEnumerable<string> OthersThan(string name, string path) =>
        owners.Where(o => o.Key != name && o.Value.Contains(path)).Select(o => o.Key);

    public void Take(string name, string path)
    {
        foreach (var other in OthersThan(name, path).ToList())
            Drop(other, path);
        Share(name, path);
    }

    public void Share(string name, string path)
    {
        if (!owners.TryGetValue(name, out var paths))
            owners.Add(name, paths = new SortedSet<string>(StringComparer.Ordinal));
        paths.Add(path);
    }

    public void Drop(string name, string path)
    {
        if (owners.TryGetValue(name, out var paths) && paths.Remove(path) && paths.Count == 0)
            owners.Remove(name);
    }

    /// <summary>After a write that is not an apply: what it changed is its manager's alone, what it removed is nobody's.</summary>
    public void Updated(string name, JsonObject? before, JsonObject after)
    {
        var old = before is null ? [] : FieldPaths.Of(before);
        var now = FieldPaths.Of(after);
        foreach (var (path, value) in now)
        {
            if (!old.TryGetValue(path, out var was) || !JsonNode.DeepEquals(was, value))
                Take(name, path);
        }

        foreach (var path in old.Keys.Where(p => !now.ContainsKey(p)))
        {
            foreach (var owner in owners.Keys.ToList())
                Drop(owner, path);
        }
    }

    public bool SameAs(FieldOwners other) =>
        owners.Count == other.owners.Count
        && owners.All(o => other.owners.TryGetValue(o.Key, out var paths) && paths.SetEquals(o.Value));
}
