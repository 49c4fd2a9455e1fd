using System.Globalization;
using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Fields;
using Vnetcni.Lab.ApiServer.Lifecycle;
using Vnetcni.Lab.ApiServer.Resources;
using Vnetcni.Lab.ApiServer.Schemas;
using Vnetcni.Lab.ApiServer.Status;
using Vnetcni.Lab.ApiServer.Writes;

namespace Vnetcni.Lab.ApiServer.Store;

/// <content>Create, update and patch.</content>
public sealed partial class KubeStore
{
    /// <summary>POST. The name is in the body (or its generateName).</summary>
    /// <param name="resource">Of which resource.</param>
    /// <param name="ns">The namespace of the path; empty for a cluster-scoped resource.</param>
    /// <param name="body">The object; it is copied.</param>
    /// <param name="query">The query.</param>
    /// <param name="now">The time for its timestamps.</param>
    public WriteResult Create(ResourceDefinition resource, string ns, JsonObject body, WriteQuery query, DateTimeOffset now) => Write(() =>
    {
        QueryRules.Check(query, "CreateOptions");
        var model = Model(resource);
        var made = body.Copy();
        var warnings = Decoding.Decode(model, made, query.FieldValidation, isPatch: false);
        var brought = Managers.Read(made["metadata"]!["managedFields"]);
        return (Make(model, ns, made, made.Copy(), brought ?? Managers.None, null, query, now), warnings);
    });

    /// <summary>PUT. A resourceVersion in the body makes it conditional.</summary>
    public WriteResult Update(ResourceDefinition resource, ObjectName name, JsonObject body, WriteQuery query, DateTimeOffset now) => Write(() =>
    {
        QueryRules.Check(query, "UpdateOptions");
        var model = Model(resource);
        var written = body.Copy();
        var warnings = Decoding.Decode(model, written, query.FieldValidation, isPatch: false);
        var brought = Managers.Read(written["metadata"]!["managedFields"]);
        CheckName(written, name);
        var stored = model.State.Objects.GetValueOrDefault(name);
        if (stored is null)
        {
            if (!model.AllowsCreateOnUpdate || query.Subresource.Length > 0 || written.Metadata("uid").Length > 0)
                throw written.Metadata("uid") is { Length: > 0 } asked ? UidDiffers(resource, name, asked, string.Empty) : Refusal.NotFound(resource, name.Name);
            written["metadata"]!.AsObject().Remove("resourceVersion");
            return (Make(model, name.Namespace, written, written.Copy(), brought ?? Managers.None, null, query, now), warnings);
        }

        CheckVersion(model, name, stored, written, isPatch: false);
        return ((Replace(model, stored, written, brought, null, query, now), false), warnings);
    });

    /// <summary>PATCH. The body is an array for <see cref="PatchType.Json"/>, else an object. An apply creates what is missing.</summary>
    public WriteResult Patch(
        ResourceDefinition resource, ObjectName name, PatchType type, JsonNode body, WriteQuery query, DateTimeOffset now) => Write(() =>
    {
        QueryRules.CheckPatch(query, type);
        var model = Model(resource);
        if (type == PatchType.Apply)
            return Apply(model, name, body, query, now);
        var stored = model.State.Objects.GetValueOrDefault(name) ?? throw Refusal.NotFound(resource, name.Name);
        var shown = stored.As(resource.ApiVersion);
        var patched = type switch
        {
            PatchType.Json => JsonPatch.Apply(shown.Full, body),
            PatchType.StrategicMerge when model.Definition.IsCustom => throw Refusal.UnsupportedMediaType(
                ["application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml"]),
            PatchType.StrategicMerge => StrategicPatch.Apply(model.Schema, shown.Json, QueryRules.PatchObject(body)),
            _ => MergePatch.Apply(shown.Json, QueryRules.PatchObject(body)),
        };
        var written = patched as JsonObject ?? throw Refusal.Unprocessable();
        var warnings = Decoding.Decode(model, written, query.FieldValidation, isPatch: true);
        var brought = Managers.Read(written["metadata"]!["managedFields"]);
        CheckName(written, name);
        CheckVersion(model, name, stored, written, isPatch: true);
        return ((Replace(model, stored, written, brought, null, query, now), false), warnings);
    });

    /// <summary>PUT of namespaces/NAME/finalize: replaces spec.finalizers.</summary>
    public WriteResult FinalizeNamespace(string name, JsonObject body, DateTimeOffset now) => Write(() =>
    {
        var model = Model(BuiltInResources.Namespaces);
        var key = new ObjectName(string.Empty, name);
        var stored = model.State.Objects.GetValueOrDefault(key) ?? throw Refusal.NotFound(BuiltInResources.Namespaces, name);
        var next = stored.Json.Copy();
        next.Ensure("spec").Set("finalizers", body["spec"] is JsonObject spec && spec["finalizers"] is JsonArray { Count: > 0 } left ? left : null);
        return ((Finish(model, stored, next, stored.Managers, new WriteQuery()), false), []);
    });

    private WriteResult Write(Func<((KubeObject Object, bool Created) Done, IReadOnlyList<string> Warnings)> write)
    {
        WriteResult result;
        lock (Gate)
        {
            var (done, warnings) = write();
            result = new WriteResult(done.Object, done.Created, warnings);
        }

        Announce();
        return result;
    }

    // Applied: the managers that an apply computed; null for a plain create.
    private (KubeObject, bool) Make(
        KindModel model, string ns, JsonObject made, JsonObject owned, Managers brought, Managers? applied, WriteQuery query, DateTimeOffset now)
    {
        var definition = model.Definition;
        var metadata = made.EnsureMetadata();
        if (!definition.Namespaced)
            metadata.Remove("namespace");
        else if (metadata.Text("namespace") is { Length: > 0 } place && place != ns)
            throw Refusal.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        else
            metadata["namespace"] = ns;
        if (metadata.Text("name").Length == 0 && metadata.Text("generateName") is { Length: > 0 } prefix)
            metadata["name"] = prefix + options.NewSuffix();
        var name = new ObjectName(definition.Namespaced ? ns : string.Empty, metadata.Text("name"));
        CheckNamespace(model, name);
        KindRules.Default(model, made);
        var managers = applied ?? Owned(model, made, owned, brought, query, now);
        KindRules.Begin(model, made);
        foreach (var field in (string[])["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "managedFields", "generation"])
            metadata.Remove(field);
        var asked = metadata.Text("resourceVersion");
        metadata.Remove("resourceVersion");
        metadata["uid"] = options.NewUid();
        metadata["creationTimestamp"] = Stamp(now);
        if (model.HasGeneration)
            metadata["generation"] = 1L;
        Validate(model, made, null);
        if (asked.Length > 0 && applied is null)
            throw Refusal.Internal("resourceVersion should not be set on objects to be created");
        if (model.State.Objects.ContainsKey(name))
            throw Refusal.AlreadyExists(definition, name.Name);
        KubeJson.Materialise(made);
        if (query.DryRun)
            return (new KubeObject(made, managers), true);
        var created = Commit(model, name, null, made, managers)!;
        if (model.Is(BuiltInResources.CustomResourceDefinitions))
            Establish(model, created, now);
        return (created.As(definition.ApiVersion), true);
    }

    private static Managers Owned(KindModel model, JsonObject made, JsonObject owned, Managers brought, WriteQuery query, DateTimeOffset now)
    {
        KindRules.Default(model, owned);
        if (model.Definition.HasStatus)
            owned.Remove("status");
        var name = made.Metadata("name");
        if (name.Length > 0)
            owned.EnsureMetadata()["name"] = name;
        var before = KindRules.Empty(model);
        if (!model.Definition.IsCustom && owned["status"] is null)
            before.Remove("status");
        return Ownership.Updated(model.Schema, before, owned, brought, By(model, query, isApply: false, now));
    }

    private KubeObject Replace(
        KindModel model, KubeObject stored, JsonObject written, Managers? brought, Managers? applied, WriteQuery query, DateTimeOffset now)
    {
        KindRules.Default(model, written);
        var uid = written.Metadata("uid");
        if (uid.Length > 0 && uid != stored.Uid)
            throw Refusal.Invalid(model.Definition, stored.Name.Name, FieldError.Invalid("metadata.uid", FieldError.Quote(uid), "field is immutable"));
        var next = WriteScope.Limit(model, written, stored.Json, query.Subresource);
        var known = brought ?? stored.Managers;
        // Fields that nobody owns stay so until the first apply.
        var managers = applied ?? (known.IsEmpty ? known : Ownership.Updated(model.Schema, stored.Json, next, known, By(model, query, isApply: false, now)));
        if (model.HasGeneration && GenerationGrows(model, stored.Json, next))
            next["metadata"]!["generation"] = (stored.Json["metadata"]?["generation"].Number() ?? 0) + 1;
        Validate(model, next, stored.Json);
        var done = Finish(model, stored, next, managers, query);
        if (model.Is(BuiltInResources.CustomResourceDefinitions) && !query.DryRun && !ReferenceEquals(done, stored))
        {
            if (model.State.Objects.ContainsKey(done.Name))
                Establish(model, done, now);
            else
                RebuildCatalog();
        }

        return done.As(model.Definition.ApiVersion);
    }

    // The common end of every change of an object that exists. Nothing is committed when nothing changes.
    private KubeObject Finish(KindModel model, KubeObject stored, JsonObject next, Managers managers, WriteQuery query)
    {
        next["apiVersion"] = stored.Json["apiVersion"]?.DeepClone();
        next["metadata"]!["resourceVersion"] = stored.ResourceVersion;
        if (managers.SameAs(stored.Managers) && JsonNode.DeepEquals(stored.Json, next))
            return stored;
        KubeJson.Materialise(next);
        if (query.DryRun)
            return new KubeObject(next, managers);
        if (!IsDone(model, next))
            return Commit(model, stored.Name, stored, next, managers)!;
        Commit(model, stored.Name, new KubeObject(next, managers), null, managers);
        return new KubeObject(next, managers);
    }

    // Deleted, and nothing holds it any more.
    private static bool IsDone(KindModel model, JsonObject value) =>
        value["metadata"]?["deletionTimestamp"] is not null && !value.HasFinalizers()
        && (value["metadata"]?["deletionGracePeriodSeconds"].Number() ?? 0) == 0
        && !(model.Is(BuiltInResources.Namespaces) && value["spec"]?["finalizers"] is JsonArray { Count: > 0 });

    private static bool GenerationGrows(KindModel model, JsonObject before, JsonObject after)
    {
        bool Counts(string name) => name is not ("metadata" or "apiVersion") && !(name == "status" && model.Definition.HasStatus);
        return before.Select(p => p.Key).Union(after.Select(p => p.Key)).Any(name => Counts(name) && !JsonNode.DeepEquals(before[name], after[name]));
    }

    private static void Validate(KindModel model, JsonObject value, JsonObject? before)
    {
        var errors = new List<FieldError>();
        MetadataRules.Check(model.Definition, value, before, errors);
        if (model.Definition.IsCustom)
            errors.AddRange(SchemaValidator.Check(model.Schema, value));
        KindRules.Check(model, value, before, errors);
        if (errors.Count > 0)
            throw Refusal.Invalid(model.Definition.Group, model.Definition.Kind, value.Metadata("name"), errors);
    }

    private static ManagerEntry By(KindModel model, WriteQuery query, bool isApply, DateTimeOffset now) => new(
        query.FieldManager.Length > 0 ? query.FieldManager : "unknown", isApply, model.Definition.ApiVersion, query.Subresource, Stamp(now), new FieldSet());

    private static string Stamp(DateTimeOffset now) => now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
