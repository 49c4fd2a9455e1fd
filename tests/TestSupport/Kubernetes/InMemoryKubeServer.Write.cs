using System.Globalization;
using System.Text.Json.Nodes;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.TestSupport.Kubernetes;

public sealed partial class InMemoryKubeServer
{
    internal JsonObject Create(string resource, JsonObject body, string manager, bool withStatus)
    {
        KubeChange change;
        lock (gate)
        {
            var made = KubeJson.Copy(body);
            KubeJson.DropNulls(made);
            var key = KubeJson.Key(made);
            if (key.Name.Length == 0)
                throw new KubeApiException(422, "Invalid", "metadata.name is required");
            if (Find(resource, key) is not null)
                throw new KubeApiException(409, "AlreadyExists", $"{resource} \"{key}\" already exists");
            if (KubeJson.Text(made, "metadata", "resourceVersion").Length > 0)
                throw new KubeApiException(400, "BadRequest", "resourceVersion should not be set on objects to be created");
            if (HasStatus(resource) && !withStatus)
                made.Remove("status");
            Begin(made);
            var owners = new FieldOwners();
            owners.Updated(FieldOwners.Name(manager, apply: false, ""), null, made);
            change = Commit(resource, key, null, made, owners);
        }

        return Announce(change);
    }

    internal JsonObject Replace(string resource, JsonObject body, string manager)
    {
        KubeChange change;
        lock (gate)
        {
            var next = KubeJson.Copy(body);
            KubeJson.DropNulls(next);
            var key = KubeJson.Key(next);
            var stored = Find(resource, key) ?? throw NotFound(resource, key);
            if (KubeJson.Text(next, "metadata", "resourceVersion").Length == 0)
                throw new KubeApiException(422, "Invalid", "metadata.resourceVersion: must be specified for an update");
            CheckVersion(resource, key, stored.Json, next);
            if (HasStatus(resource))
                KubeJson.Set(next, "status", stored.Json["status"]);
            change = Update(resource, key, stored, next, manager, "", null);
        }

        return Announce(change);
    }

    internal JsonObject Patch(string resource, ObjectKey key, JsonObject body, KubePatchOptions options)
    {
        KubeChange change;
        lock (gate)
        {
            KubeJson.DropNulls(options.Type == KubePatchType.Apply ? body : null);
            var stored = Find(resource, key);
            if (stored is null && (options.Type != KubePatchType.Apply || options.Subresource.Length > 0))
                throw NotFound(resource, key);
            if (options.Type == KubePatchType.Apply && options.FieldManager.Length == 0)
                throw new KubeApiException(400, "BadRequest", "fieldManager is required for apply patch");
            if (stored is not null)
                CheckVersion(resource, key, stored.Json, body);
            else if (KubeJson.Text(body, "metadata", "resourceVersion").Length > 0)
                throw new KubeApiException(409, "Conflict", $"{resource} \"{key}\" does not exist in the version given");
            change = options.Type == KubePatchType.Apply
                ? Apply(resource, key, stored, body, options)
                : Merge(resource, key, stored!, body, options);
        }

        return Announce(change);
    }

    internal void Delete(string resource, ObjectKey key, KubeDeleteOptions options)
    {
        KubeChange change;
        lock (gate)
        {
            if (Find(resource, key) is not { } stored)
                return;
            if ((options.Uid.Length > 0 && options.Uid != KubeJson.Text(stored.Json, "metadata", "uid"))
                || (options.ResourceVersion.Length > 0 && options.ResourceVersion != KubeJson.Text(stored.Json, "metadata", "resourceVersion")))
                throw new KubeApiException(409, "Conflict", $"{resource} \"{key}\" is not the object or the version given");
            if (!KubeJson.HasFinalizers(stored.Json))
            {
                change = Commit(resource, key, stored.Json, null, stored.Owners);
            }
            else if (KubeJson.IsDeleting(stored.Json))
            {
                return;
            }
            else
            {
                var next = KubeJson.Copy(stored.Json);
                KubeJson.Metadata(next)["deletionTimestamp"] = Stamp();
                BumpGeneration(next);
                change = Commit(resource, key, stored.Json, next, stored.Owners);
            }
        }

        Announce(change);
    }

    private KubeChange Apply(string resource, ObjectKey key, Stored? stored, JsonObject body, KubePatchOptions options)
    {
        var applied = Scoped(resource, body, options.Subresource, new JsonObject());
        var manager = FieldOwners.Name(options.FieldManager, apply: true, options.Subresource);
        var (next, owners) = ServerSideApply.Apply(
            stored?.Json ?? [], stored?.Owners ?? new FieldOwners(), applied, manager, options.Force);
        if (stored is not null)
            return Update(resource, key, stored, next, options.FieldManager, options.Subresource, owners);
        next["apiVersion"] = body["apiVersion"]?.DeepClone();
        next["kind"] = body["kind"]?.DeepClone();
        var metadata = KubeJson.Metadata(next);
        metadata["name"] = key.Name;
        if (key.Namespace.Length > 0)
            metadata["namespace"] = key.Namespace;
        Begin(next);
        return Commit(resource, key, null, next, owners);
    }

    private KubeChange Merge(string resource, ObjectKey key, Stored stored, JsonObject body, KubePatchOptions options)
    {
        var patched = options.Type == KubePatchType.Merge ? KubePatch.Merge(stored.Json, body) : KubePatch.Strategic(stored.Json, body);
        return Update(resource, key, stored, Scoped(resource, patched, options.Subresource, stored.Json), options.FieldManager, options.Subresource, null);
    }

    // What a write through this subresource may touch; the rest is taken from the present object.
    private static JsonObject Scoped(string resource, JsonObject written, string subresource, JsonObject present)
    {
        if (!HasStatus(resource))
            return KubeJson.Copy(written);
        var result = KubeJson.Copy(subresource == "status" ? present : written);
        KubeJson.Set(result, "status", (subresource == "status" ? written : present)["status"]);
        return result;
    }

    // Common end of every change of an object that exists. Nothing is committed when nothing changes.
    private KubeChange Update(
        string resource, ObjectKey key, Stored stored, JsonObject next, string manager, string subresource, FieldOwners? owners)
    {
        var before = stored.Json;
        foreach (var field in new[] { "name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "generation", "resourceVersion" })
            KubeJson.Set(KubeJson.Metadata(next), field, before["metadata"]?[field]);
        KubeJson.Metadata(next).Remove("managedFields");
        if (owners is null)
        {
            owners = stored.Owners.Copy();
            owners.Updated(FieldOwners.Name(manager, apply: false, subresource), before, next);
        }

        if (KubeJson.SameButVersion(before, next) && owners.SameAs(stored.Owners))
            return new KubeChange(0, resource, key, before, before);
        if (!KubeJson.SameSpec(before, next))
            BumpGeneration(next);
        var gone = KubeJson.IsDeleting(next) && !KubeJson.HasFinalizers(next);
        return Commit(resource, key, before, gone ? null : next, owners);
    }

    private void Begin(JsonObject made)
    {
        var metadata = KubeJson.Metadata(made);
        metadata["uid"] = string.Create(CultureInfo.InvariantCulture, $"00000000-0000-4000-8000-{++uids:x12}");
        metadata["creationTimestamp"] = Stamp();
        metadata["generation"] = 1L;
        metadata.Remove("managedFields");
        metadata.Remove("deletionTimestamp");
    }

    private KubeChange Commit(string resource, ObjectKey key, JsonObject? before, JsonObject? after, FieldOwners owners)
    {
        version++;
        if (after is null)
        {
            Objects(resource).Remove(key);
        }
        else
        {
            KubeJson.Metadata(after)["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture);
            Objects(resource)[key] = new Stored(after, owners);
        }

        var change = new KubeChange(version, resource, key, before, after);
        history.Add(change);
        return change;
    }

    // Outside the lock: what awaits may run at once, here.
    private JsonObject Announce(KubeChange change)
    {
        if (change.Version > 0)
        {
            Committed?.Invoke(change);
            List<Watcher> woken;
            lock (gate)
                woken = [.. watchers];
            woken.ForEach(w => w.Wake());
        }

        return change.After ?? change.Before!;
    }

    private static void CheckVersion(string resource, ObjectKey key, JsonObject present, JsonObject body)
    {
        foreach (var field in new[] { "resourceVersion", "uid" })
        {
            var asked = KubeJson.Text(body, "metadata", field);
            if (asked.Length > 0 && asked != KubeJson.Text(present, "metadata", field))
                throw new KubeApiException(409, "Conflict", $"Operation cannot be fulfilled on {resource} \"{key}\": the object has been modified ({field})");
        }
    }

    private static bool HasStatus(string resource) => !NoStatus.Contains(resource);

    private static KubeApiException NotFound(string resource, ObjectKey key) => new(404, "NotFound", $"{resource} \"{key}\" not found");

    private static void BumpGeneration(JsonObject value)
    {
        var metadata = KubeJson.Metadata(value);
        metadata["generation"] = (metadata["generation"] is JsonValue v ? v.GetValue<long>() : 0) + 1;
    }

    private string Stamp() => time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
