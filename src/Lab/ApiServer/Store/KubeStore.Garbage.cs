using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Lifecycle;
using Vnetcni.Lab.ApiServer.Resources;

namespace Vnetcni.Lab.ApiServer.Store;

/// <content>What a cluster's controllers do about deleted namespaces, definitions and owners.</content>
public sealed partial class KubeStore
{
    private static readonly DeleteQuery Background = new() { PropagationPolicy = "Background" };

    /// <summary>
    /// What the controllers of a cluster do about deleted owners, namespaces and CustomResourceDefinitions: one pass.
    /// True when it changed something: call it again (as a real cluster would, later).
    /// </summary>
    /// <remarks>Source: https://kubernetes.io/docs/concepts/architecture/garbage-collection/</remarks>
    public bool CollectGarbage(DateTimeOffset now)
    {
        bool changed;
        lock (Gate)
        {
            if (!MayHaveGarbage)
                return false;
            var before = version;
            EmptyNamespaces(now);
            EmptyDefinitions(now);
            FollowOwners(now);
            changed = version != before;
            MayHaveGarbage = changed;
        }

        Announce();
        return changed;
    }

    private void EmptyNamespaces(DateTimeOffset now)
    {
        var model = Model(BuiltInResources.Namespaces);
        foreach (var ns in model.State.Objects.Values.Where(n => n.IsDeleting).ToList())
        {
            var contents = states.Values.Where(s => s.Definition.Namespaced).Where(IsServed)
                .SelectMany(s => s.Objects.Values.Where(o => o.Name.Namespace == ns.Name.Name).Select(o => (s, o))).ToList();
            foreach (var (state, value) in contents.Where(c => !c.o.IsDeleting))
                Delete(Model(state.Definition), value, Background, now);
            if (states.Values.Any(s => s.Objects.Keys.Any(k => k.Namespace == ns.Name.Name)))
                continue;
            var next = ns.Json.Copy();
            var left = (next["spec"]?["finalizers"] as JsonArray ?? []).Where(f => f?.ToString() != "kubernetes").Select(f => f?.DeepClone()).ToList();
            next.Ensure("spec").Set("finalizers", left.Count == 0 ? null : new JsonArray([.. left]));
            Finish(model, ns, next, ns.Managers, new WriteQuery());
        }
    }

    private void EmptyDefinitions(DateTimeOffset now)
    {
        var model = Model(BuiltInResources.CustomResourceDefinitions);
        foreach (var crd in Definitions.Values.Where(d => d.IsDeleting && DeletionFinalizers.Has(d.Json, DefinitionRules.CleanupFinalizer)).ToList())
        {
            var contents = states.GetValueOrDefault(crd.Name.Name)?.Objects.Values.ToList() ?? [];
            foreach (var value in contents.Where(v => !v.IsDeleting))
                Delete(Model(states[crd.Name.Name].Definition), value, Background, now);
            if (states.GetValueOrDefault(crd.Name.Name)?.Objects.Count > 0)
                continue;
            var next = crd.Json.Copy();
            DeletionFinalizers.Remove(next, DefinitionRules.CleanupFinalizer);
            Finish(model, crd, next, crd.Managers, new WriteQuery());
            RebuildCatalog();
        }
    }

    private bool IsServed(ResourceState state) => models.ContainsKey(Key(state.Definition));

    private void FollowOwners(DateTimeOffset now)
    {
        var all = states.Values.Where(IsServed).SelectMany(s => s.Objects.Values.Select(o => (Model: Model(s.Definition), Object: o))).ToList();
        var byUid = all.GroupBy(o => o.Object.Uid, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First().Object, StringComparer.Ordinal);
        var dependents = all.Where(o => OwnerReferences.Of(o.Object.Json).Any())
            .SelectMany(o => OwnerReferences.Of(o.Object.Json).Select(r => (Owner: r.Uid, o.Model, o.Object)))
            .ToLookup(d => d.Owner, d => (d.Model, d.Object), StringComparer.Ordinal);
        foreach (var (model, value) in all)
        {
            if (value.IsDeleting && DeletionFinalizers.Has(value.Json, DeletionFinalizers.Orphan))
                Orphan(model, value, dependents[value.Uid]);
            else if (value.IsDeleting && DeletionFinalizers.Has(value.Json, DeletionFinalizers.Foreground))
                DeleteForeground(model, value, dependents[value.Uid], now);
            else if (!value.IsDeleting)
                FollowOwnersOf(model, value, byUid, now);
        }
    }

    private void FollowOwnersOf(KindModel model, KubeObject value, Dictionary<string, KubeObject> byUid, DateTimeOffset now)
    {
        var owners = OwnerReferences.Of(value.Json).ToList();
        if (owners.Count == 0 || owners.Exists(o => byUid.ContainsKey(o.Uid) || Catalog.FindKind(o.ApiVersion, o.Kind) is null))
        {
            // Absent owners beside a present one are taken out.
            var absent = owners.Where(o => !byUid.ContainsKey(o.Uid) && Catalog.FindKind(o.ApiVersion, o.Kind) is not null).Select(o => o.Uid).ToHashSet();
            if (absent.Count > 0 && Current(model, value) is { } live)
                Change(model, live, json => OwnerReferences.Remove(json, absent));
            return;
        }

        if (Current(model, value) is { } orphan)
            Delete(model, orphan, Background, now);
    }

    private void Orphan(KindModel model, KubeObject owner, IEnumerable<(KindModel Model, KubeObject Object)> dependents)
    {
        foreach (var (kind, dependent) in dependents)
        {
            if (Current(kind, dependent) is { } live)
                Change(kind, live, json => OwnerReferences.Remove(json, new HashSet<string> { owner.Uid }));
        }

        if (Current(model, owner) is { } deleted)
            Change(model, deleted, json => DeletionFinalizers.Remove(json, DeletionFinalizers.Orphan));
    }

    private void DeleteForeground(KindModel model, KubeObject owner, IEnumerable<(KindModel Model, KubeObject Object)> dependents, DateTimeOffset now)
    {
        var blocked = false;
        foreach (var (kind, dependent) in dependents)
        {
            if (Current(kind, dependent) is not { } live)
                continue;
            if (!live.IsDeleting)
                Delete(kind, live, new DeleteQuery { PropagationPolicy = "Foreground" }, now);
            blocked |= OwnerReferences.Blocks(live.Json, owner.Uid) && Current(kind, dependent) is not null;
        }

        if (!blocked && Current(model, owner) is { } deleted)
            Change(model, deleted, json => DeletionFinalizers.Remove(json, DeletionFinalizers.Foreground));
    }

    private static KubeObject? Current(KindModel model, KubeObject seen) =>
        model.State.Objects.TryGetValue(seen.Name, out var live) && live.Uid == seen.Uid ? live : null;

    private void Change(KindModel model, KubeObject live, Action<JsonObject> change)
    {
        var next = live.Json.Copy();
        change(next);
        Finish(model, live, next, live.Managers, new WriteQuery());
        if (model.Is(BuiltInResources.CustomResourceDefinitions))
            RebuildCatalog();
    }
}
