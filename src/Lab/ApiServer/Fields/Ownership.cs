using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Schemas;

namespace Vnetcni.Lab.ApiServer.Fields;

/// <summary>
/// How writes move the ownership of fields, after Kubernetes' structured-merge-diff.
/// Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/
/// </summary>
internal static class Ownership
{
    // Nobody owns these.
    private static readonly FieldSet Unowned = FieldSet.Of(
        ["f:apiVersion"], ["f:kind"], ["f:metadata"], ["f:metadata", "f:name"], ["f:metadata", "f:namespace"], ["f:metadata", "f:uid"],
        ["f:metadata", "f:resourceVersion"], ["f:metadata", "f:generation"], ["f:metadata", "f:creationTimestamp"],
        ["f:metadata", "f:selfLink"], ["f:metadata", "f:managedFields"]);

    /// <summary>After a write that is no apply: what it added or changed is its manager's.</summary>
    public static Managers Updated(
        SchemaNode schema, JsonObject before, JsonObject after, Managers managers, ManagerEntry by)
    {
        var changes = ObjectComparison.Of(schema, before, after);
        changes.Ignore(Unowned);
        if (changes.IsSame)
            return managers;
        var mine = managers.Find(by) ?? by;
        var set = mine.Set.Union(changes.Modified).Union(changes.Added).Except(changes.Removed);
        var taken = Taken(changes);
        var others = managers.Entries.Where(e => !e.IsSameManager(by)).Select(e => Without(e, taken.Union(changes.Removed)));
        return Managers.Of([.. others, (taken.IsEmpty ? mine : by) with { Set = set }]);
    }

    /// <summary>
    /// An apply: the object after it and its managers. <paramref name="conflicts"/> are the fields that others own with
    /// another value; with force they are taken over.
    /// </summary>
    public static (JsonObject Object, Managers Managers) Apply(
        SchemaNode schema, JsonObject live, JsonObject applied, Managers managers, ManagerEntry by,
        out IReadOnlyList<(ManagerEntry Owner, FieldSet Fields)> conflicts)
    {
        var last = managers.Find(by)?.Set ?? new FieldSet();
        var claimed = FieldSets.Of(schema, applied).Except(Unowned);
        var merged = live.DeepClone().AsObject();
        ObjectMerge.Into(schema, merged, applied);
        var others = managers.Entries.Where(e => !e.IsSameManager(by)).ToList();
        var result = Prune(schema, merged, last, others.Select(e => e.Set).Append(claimed));

        var changes = ObjectComparison.Of(schema, live, result);
        changes.Ignore(Unowned);
        var taken = Taken(changes);
        conflicts = [.. others.Select(e => (e, e.Set.Intersect(taken))).Where(c => !c.Item2.IsEmpty)];
        var mine = managers.Find(by) is { } known && changes.IsSame && known.Set.SameAs(claimed) && known.ApiVersion == by.ApiVersion
            ? known
            : by with { Set = claimed };
        return (result, Managers.Of([.. others.Select(e => Without(e, taken.Union(changes.Removed))), mine]));
    }

    // What this manager applied last time, and nobody claims now, goes.
    private static JsonObject Prune(SchemaNode schema, JsonObject merged, FieldSet last, IEnumerable<FieldSet> claims)
    {
        if (last.IsEmpty)
            return merged;
        var before = FieldSets.WithParents(last, schema);
        var kept = FieldSets.WithParents(claims.Aggregate(new FieldSet(), (a, b) => a.Union(b)), schema);
        // A struct that still holds what was never applied stays.
        var present = FieldSets.WithParents(FieldSets.Of(schema, merged), schema);
        var gone = before.Except(kept);
        var rest = FieldSets.WithParents(FieldSets.Of(schema, merged).Except(before), schema);
        gone = gone.Except(rest).Intersect(present);
        return gone.IsEmpty ? merged : ObjectMerge.Without(schema, merged, gone);
    }

    private static FieldSet Taken(ObjectComparison changes) => changes.Modified.Union(changes.Added);

    private static ManagerEntry Without(ManagerEntry entry, FieldSet lost)
    {
        var left = entry.Set.Except(lost);
        return left.SameAs(entry.Set) ? entry : entry with { Set = left };
    }
}
