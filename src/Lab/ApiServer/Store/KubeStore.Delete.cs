using System.Globalization;
using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Lifecycle;
using Vnetcni.Lab.ApiServer.Resources;
using Vnetcni.Lab.ApiServer.Status;

namespace Vnetcni.Lab.ApiServer.Store;

/// <content>Delete: preconditions, finalizers, grace.</content>
public sealed partial class KubeStore
{
    private static readonly string[] ClusterNamespaces = ["default", "kube-node-lease", "kube-public", "kube-system"];

    /// <summary>DELETE of one object. 404 when it does not exist.</summary>
    public DeleteResult Delete(ResourceDefinition resource, ObjectName name, DeleteQuery query, DateTimeOffset now)
    {
        DeletionFinalizers.Check(query);
        DeleteResult result;
        lock (Gate)
        {
            var model = Model(resource);
            var stored = model.State.Objects.GetValueOrDefault(name) ?? throw Refusal.NotFound(resource, name.Name);
            result = Delete(model, stored, query, now);
        }

        Announce();
        return result;
    }

    /// <summary>DELETE of all that are selected; answers with them as they were.</summary>
    public ListPage DeleteCollection(ResourceDefinition resource, ListQuery list, DeleteQuery query, DateTimeOffset now)
    {
        DeletionFinalizers.Check(query);
        ListPage page;
        lock (Gate)
        {
            var model = Model(resource);
            page = List(resource, list);
            foreach (var item in page.Items)
            {
                if (model.State.Objects.TryGetValue(item.Name, out var stored))
                    Delete(model, stored, query, now);
            }
        }

        Announce();
        return page;
    }

    // Under the lock.
    private DeleteResult Delete(KindModel model, KubeObject stored, DeleteQuery query, DateTimeOffset now)
    {
        CheckPreconditions(model, stored, query);
        if (model.Is(BuiltInResources.Namespaces))
            return DeleteNamespace(model, stored, query, now);
        if (model.Is(BuiltInResources.CustomResourceDefinitions) && !stored.IsDeleting)
            return DeleteDefinition(model, stored, query, now);

        var metadata = stored.Json["metadata"]!;
        var isPod = model.Is(BuiltInResources.Pods);
        if (isPod && stored.IsDeleting && metadata["deletionGracePeriodSeconds"].Number() is { } left && !(query.GracePeriodSeconds < left))
            return new DeleteResult(stored, null);

        var next = stored.Json.Copy();
        var changed = DeletionFinalizers.Set(next, query);
        var grace = isPod ? PodRules.Grace(next, query.GracePeriodSeconds) : 0;
        var held = next.HasFinalizers() || grace > 0;
        if (held || isPod)
            changed |= MarkDeleted(model, next, grace, now);
        if (query.DryRun)
            return held || isPod ? new DeleteResult(new KubeObject(next, stored.Managers).As(model.Definition.ApiVersion), null) : Success(model, stored);
        var last = changed && (held || isPod) ? Commit(model, stored.Name, stored, Ready(next), stored.Managers)! : stored;
        if (held)
            return new DeleteResult(last.As(model.Definition.ApiVersion), null);
        Commit(model, stored.Name, last, null, stored.Managers);
        if (model.Is(BuiltInResources.CustomResourceDefinitions))
            RebuildCatalog();
        return isPod ? new DeleteResult(last, null) : Success(model, stored);
    }

    private static JsonObject Ready(JsonObject json)
    {
        KubeJson.Materialise(json);
        return json;
    }

    private static bool MarkDeleted(KindModel model, JsonObject next, long grace, DateTimeOffset now)
    {
        var metadata = next.EnsureMetadata();
        var old = metadata["deletionGracePeriodSeconds"].Number();
        if (metadata["deletionTimestamp"] is not null && old is not null && old <= grace)
            return false;
        if (metadata["deletionTimestamp"] is null && model.HasGeneration)
            metadata["generation"] = (metadata["generation"].Number() ?? 0) + 1;
        var started = metadata.Text("deletionTimestamp") is { Length: > 0 } before
            ? DateTimeOffset.Parse(before, CultureInfo.InvariantCulture).AddSeconds(-(old ?? 0))
            : now;
        metadata["deletionTimestamp"] = Stamp(started.AddSeconds(grace));
        metadata["deletionGracePeriodSeconds"] = grace;
        return true;
    }

    private DeleteResult DeleteNamespace(KindModel model, KubeObject stored, DeleteQuery query, DateTimeOffset now)
    {
        if (stored.Name.Name is "default" or "kube-system" or "kube-public")
            throw Refusal.Forbidden(BuiltInResources.Namespaces, stored.Name.Name, "this namespace may not be deleted");
        if (stored.IsDeleting && stored.Json["spec"]?["finalizers"] is JsonArray { Count: > 0 })
            return new DeleteResult(stored, null);
        var next = stored.Json.Copy();
        DeletionFinalizers.Set(next, query);
        if (!stored.IsDeleting)
            next.EnsureMetadata()["deletionTimestamp"] = Stamp(now);
        next.Ensure("status")["phase"] = "Terminating";
        return new DeleteResult(Finish(model, stored, next, stored.Managers, new WriteQuery { DryRun = query.DryRun }), null);
    }

    // It stays until its objects are gone.
    private DeleteResult DeleteDefinition(KindModel model, KubeObject stored, DeleteQuery query, DateTimeOffset now)
    {
        var next = stored.Json.Copy();
        DeletionFinalizers.Set(next, query);
        if (!DeletionFinalizers.Has(next, DefinitionRules.CleanupFinalizer))
        {
            var finalizers = next["metadata"]!["finalizers"] as JsonArray ?? [];
            finalizers.Add(JsonValue.Create(DefinitionRules.CleanupFinalizer));
            if (finalizers.Parent is null)
                next["metadata"]!["finalizers"] = finalizers;
        }

        next["metadata"]!["deletionTimestamp"] = Stamp(now);
        DefinitionRules.SetCondition(
            next, "Terminating", "InstanceDeletionPending", "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon", now);
        return new DeleteResult(Finish(model, stored, next, stored.Managers, new WriteQuery { DryRun = query.DryRun }), null);
    }

    private static DeleteResult Success(KindModel model, KubeObject stored) => new(null, new ApiStatus
    {
        Code = 200,
        Name = stored.Name.Name,
        Group = model.Definition.Group,
        Kind = model.Definition.Plural,
        Uid = stored.Uid,
    });

    private static void CheckPreconditions(KindModel model, KubeObject stored, DeleteQuery query)
    {
        if (query.Uid.Length > 0 && query.Uid != stored.Uid)
        {
            throw Precondition(
                $"the UID in the precondition ({query.Uid}) does not match the UID in record ({stored.Uid}). The object might have been deleted and then recreated");
        }

        if (query.ResourceVersion.Length > 0 && query.ResourceVersion != stored.ResourceVersion)
        {
            throw Precondition(
                $"the ResourceVersion in the precondition ({query.ResourceVersion}) does not match the ResourceVersion in record ({stored.ResourceVersion}). The object might have been modified");
        }

        ApiStatusException Precondition(string why)
        {
            var definition = model.Definition;
            var kind = definition.Group.Length == 0 ? definition.Kind : $"{definition.Kind}.{definition.Group}";
            return new ApiStatusException(new ApiStatus
            {
                Code = 409,
                Reason = "Conflict",
                Name = stored.Name.Name,
                Group = definition.Group,
                Kind = definition.Kind,
                Message = $"Operation cannot be fulfilled on {kind} \"{stored.Name.Name}\": {why}",
            });
        }
    }
}
