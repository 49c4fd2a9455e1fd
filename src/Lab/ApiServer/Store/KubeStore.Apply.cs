using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Fields;
using Vnetcni.Lab.ApiServer.Lifecycle;
using Vnetcni.Lab.ApiServer.Resources;
using Vnetcni.Lab.ApiServer.Schemas;
using Vnetcni.Lab.ApiServer.Status;
using Vnetcni.Lab.ApiServer.Writes;

namespace Vnetcni.Lab.ApiServer.Store;

/// <content>Server-side apply, and what writes check first.</content>
public sealed partial class KubeStore
{
    private ((KubeObject, bool), IReadOnlyList<string>) Apply(KindModel model, ObjectName name, JsonNode patch, WriteQuery query, DateTimeOffset now)
    {
        var definition = model.Definition;
        var body = QueryRules.PatchObject(patch).Copy();
        if (body.Text("apiVersion") != definition.ApiVersion)
            throw Refusal.BadRequest($"Incorrect version specified in apply patch. Specified patch version: {body.Text("apiVersion")}, expected: {definition.ApiVersion}");
        if (body["metadata"] is JsonObject { } given && given["managedFields"] is not null)
            throw Refusal.BadRequest("metadata.managedFields must be nil");
        if (body.Text("kind") != definition.Kind)
            throw Refusal.Internal($"failed to create typed patch object: no corresponding type for {definition.ApiVersion}, Kind={body.Text("kind")}");
        MetadataRules.Normalise(definition, body, null);
        KubeJson.DropNulls(body);
        var unknown = new List<string>();
        Pruning.Prune(model.Schema, body, string.Empty, unknown.Add);
        if (unknown.Count > 0)
            throw Refusal.Internal($"failed to create typed patch object: .{unknown[0]}: field not declared in schema");
        var metadata = body.EnsureMetadata();
        if (metadata.Text("name").Length == 0)
            metadata["name"] = name.Name;
        CheckName(body, name);

        var stored = model.State.Objects.GetValueOrDefault(name);
        if (stored is null && query.Subresource.Length > 0)
            throw Refusal.NotFound(definition, name.Name);
        if (stored is null && metadata.Text("uid") is { Length: > 0 } uid)
            throw Refusal.Conflict(definition, name.Name, $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
        if (stored is not null && metadata.Text("resourceVersion") is { Length: > 0 } asked && asked != stored.ResourceVersion)
            throw Refusal.Modified(definition, name.Name);
        if (!definition.IsCustom && SchemaValidator.Check(model.Schema, body) is [var wrong, ..])
            throw Refusal.Internal($"failed to create typed patch object: .{wrong}");

        var applied = WriteScope.LimitApplied(model, body, query.Subresource);
        var (result, managers) = Ownership.Apply(
            model.Schema, stored?.As(definition.ApiVersion).Json ?? [], applied, stored is null ? Managers.None : BeforeApply(model, stored, now),
            By(model, query, isApply: true, now), out var conflicts);
        if (conflicts.Count > 0 && query.Force != true)
            throw ApplyConflicts.Of(conflicts);
        Defaulting.Apply(model.Schema, result);
        if (stored is not null)
            return ((Replace(model, stored, result, null, managers, query, now), false), []);
        return (Make(model, name.Namespace, result, [], Managers.None, managers, query, now), []);
    }

    // Whatever is in an object whose fields nobody owns is one manager's, from its first apply on.
    private static Managers BeforeApply(KindModel model, KubeObject stored, DateTimeOffset now) => stored.Managers.IsEmpty
        ? Ownership.Updated(
            model.Schema, KindRules.Empty(model), stored.As(model.Definition.ApiVersion).Json, Managers.None,
            By(model, new WriteQuery { FieldManager = "before-first-apply" }, isApply: false, now))
        : stored.Managers;

    private void CheckNamespace(KindModel model, ObjectName name)
    {
        if (model.Definition.IsCustom && Definitions.TryGetValue(new ObjectName(string.Empty, model.Definition.GroupResource), out var crd) && crd.IsDeleting)
        {
            throw new ApiStatusException(new ApiStatus
            {
                Code = 405,
                Reason = "MethodNotAllowed",
                Name = name.Name,
                Group = model.Definition.Group,
                Kind = model.Definition.Plural,
                Message = "create not allowed while custom resource definition is terminating",
            });
        }

        if (!model.Definition.Namespaced)
            return;
        if (name.Namespace.Length == 0)
            throw Refusal.BadRequest("an empty namespace may not be set during creation");
        var ns = states[BuiltInResources.Namespaces.GroupResource].Objects.GetValueOrDefault(new ObjectName(string.Empty, name.Namespace))
            ?? throw Refusal.NotFound(BuiltInResources.Namespaces, name.Namespace);
        if (!ns.IsDeleting)
            return;
        throw Refusal.Forbidden(
            model.Definition, name.Name, $"unable to create new content in namespace {name.Namespace} because it is being terminated",
            [new StatusCause("NamespaceTerminating", $"namespace {name.Namespace} is being terminated", "metadata.namespace")]);
    }

    private static void CheckName(JsonObject body, ObjectName name)
    {
        var (ns, given) = (body.Metadata("namespace"), body.Metadata("name"));
        if (given.Length == 0)
            throw Refusal.BadRequest($"the name of the object ({name.Name} based on URL) was undeterminable: name must be provided");
        if (given != name.Name)
            throw Refusal.BadRequest($"the name of the object ({given}) does not match the name on the URL ({name.Name})");
        if (name.Namespace.Length > 0 && ns.Length > 0 && ns != name.Namespace)
            throw Refusal.BadRequest($"the namespace of the object ({ns}) does not match the namespace on the request ({name.Namespace})");
    }

    private static void CheckVersion(KindModel model, ObjectName name, KubeObject stored, JsonObject written, bool isPatch)
    {
        var metadata = written["metadata"]!;
        // To a replace the uid is a condition, to a patch one more field that it changes.
        if (metadata.Text("uid") is { Length: > 0 } uid && uid != stored.Uid && !isPatch)
            throw UidDiffers(model.Definition, name, uid, stored.Uid);
        var asked = metadata.Text("resourceVersion");
        if (asked.Length > 0 && asked != "0")
        {
            if (asked != stored.ResourceVersion)
                throw Refusal.Modified(model.Definition, name.Name);
        }
        else if (!model.AllowsUnconditionalUpdate)
        {
            throw Refusal.Invalid(
                model.Definition.Group, model.Definition.Plural, name.Name,
                [FieldError.Invalid("metadata.resourceVersion", "0x0", "must be specified for an update")]);
        }
    }

    private static ApiStatusException UidDiffers(ResourceDefinition resource, ObjectName name, string asked, string present) =>
        Refusal.Conflict(resource, name.Name, $"Precondition failed: UID in precondition: {asked}, UID in object meta: {present}");
}
