using System.Globalization;
using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Schemas;
using Vnetcni.Lab.ApiServer.Status;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Lifecycle;

/// <summary>Defaults, checks and conditions of CustomResourceDefinitions.</summary>
internal static class DefinitionRules
{
    /// <summary>Holds a deleted definition until its objects are gone.</summary>
    public const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    public static void Default(JsonObject crd)
    {
        var spec = crd.Ensure("spec");
        var names = spec.Ensure("names");
        var kind = names.Text("kind");
        if (names.Text("singular").Length == 0 && kind.Length > 0)
            names["singular"] = kind.ToLowerInvariant();
        if (names.Text("listKind").Length == 0 && kind.Length > 0)
            names["listKind"] = kind + "List";
        if (spec.Ensure("conversion").Text("strategy").Length == 0)
            spec["conversion"]!["strategy"] = "None";
    }

    public static JsonObject NewStatus(JsonObject crd) => new()
    {
        ["conditions"] = null,
        ["acceptedNames"] = new JsonObject { ["plural"] = "", ["kind"] = "" },
        ["storedVersions"] = new JsonArray([.. Versions(crd).Where(v => v.Flag("storage")).Select(v => JsonValue.Create(v.Text("name")))]),
    };

    /// <summary>The status once its names are accepted, or are not: <paramref name="conflict"/> says why.</summary>
    public static JsonObject Established(JsonObject crd, string? conflict, DateTimeOffset now)
    {
        var status = NewStatus(crd);
        var time = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        JsonObject Condition(string type, bool holds, string reason, string message) => new()
        {
            ["type"] = type,
            ["status"] = holds ? "True" : "False",
            ["lastTransitionTime"] = time,
            ["reason"] = reason,
            ["message"] = message,
        };
        status["conditions"] = conflict is null
            ? new JsonArray(
                Condition("NamesAccepted", true, "NoConflicts", "no conflicts found"),
                Condition("Established", true, "InitialNamesAccepted", "the initial names have been accepted"))
            : new JsonArray(
                Condition("NamesAccepted", false, "NameConflict", conflict),
                Condition("Established", false, "NotAccepted", "not all names are accepted"));
        if (conflict is null)
            status["acceptedNames"] = crd["spec"]!["names"]!.DeepClone();
        return status;
    }

    /// <summary>Sets one condition in place.</summary>
    public static void SetCondition(JsonObject crd, string type, string reason, string message, DateTimeOffset now)
    {
        var status = crd.Ensure("status");
        var conditions = status["conditions"] as JsonArray ?? [];
        if (conditions.Parent is null)
            status["conditions"] = conditions;
        foreach (var old in conditions.OfType<JsonObject>().Where(c => c.Text("type") == type).ToList())
            conditions.Remove(old);
        conditions.Add(new JsonObject
        {
            ["type"] = type,
            ["status"] = "True",
            ["lastTransitionTime"] = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["reason"] = reason,
            ["message"] = message,
        });
    }

    public static bool Is(JsonObject crd, string condition) =>
        (crd["status"]?["conditions"] as JsonArray ?? []).OfType<JsonObject>().Any(c => c.Text("type") == condition && c.Text("status") == "True");

    public static void Check(JsonObject crd, JsonObject? before, List<FieldError> errors)
    {
        var spec = crd["spec"]!.AsObject();
        var names = spec["names"]!.AsObject();
        Required(spec, "group", "spec", errors);
        Required(names, "plural", "spec.names", errors);
        Required(names, "kind", "spec.names", errors);
        if (spec.Text("scope") is not ("Cluster" or "Namespaced"))
            errors.Add(FieldError.NotSupported("spec.scope", FieldError.Quote(spec.Text("scope")), ["Cluster", "Namespaced"]));
        if (crd.Metadata("name") != $"{names.Text("plural")}.{spec.Text("group")}")
        {
            errors.Add(FieldError.Invalid(
                "metadata.name", FieldError.Quote(crd.Metadata("name")), $"must be spec.names.plural+\".\"+spec.group"));
        }

        if (spec["conversion"].Text("strategy") != "None")
            errors.Add(FieldError.NotSupported("spec.conversion.strategy", FieldError.Quote(spec["conversion"].Text("strategy")), ["None"]));
        CheckVersions(crd, errors);
        if (before is not null && Is(before, "Established"))
        {
            Immutable("spec.group", spec["group"], before["spec"]?["group"], errors);
            Immutable("spec.scope", spec["scope"], before["spec"]?["scope"], errors);
            Immutable("spec.names.plural", names["plural"], before["spec"]?["names"]?["plural"], errors);
            Immutable("spec.names.kind", names["kind"], before["spec"]?["names"]?["kind"], errors);
        }
    }

    public static IEnumerable<JsonObject> Versions(JsonObject crd) => (crd["spec"]?["versions"] as JsonArray ?? []).OfType<JsonObject>();

    private static void CheckVersions(JsonObject crd, List<FieldError> errors)
    {
        var versions = Versions(crd).ToList();
        if (versions.Count(v => v.Flag("storage")) != 1)
            errors.Add(FieldError.Invalid("spec.versions", FieldError.Show(crd["spec"]?["versions"]), "must have exactly one version marked as storage version"));
        for (var i = 0; i < versions.Count; i++)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"spec.versions[{i}]");
            if (Names.DnsLabelError(versions[i].Text("name")) is { } wrong)
                errors.Add(FieldError.Invalid($"{path}.name", FieldError.Quote(versions[i].Text("name")), wrong));
            if (versions[i]["schema"]?["openAPIV3Schema"] is not JsonObject schema)
                errors.Add(FieldError.Required($"{path}.schema.openAPIV3Schema", "schemas are required"));
            else
                CheckSchema(schema, $"{path}.schema.openAPIV3Schema", errors);
        }
    }

    private static void CheckSchema(JsonObject schema, string path, List<FieldError> errors)
    {
        StructuralSchema.Check(schema, path, errors);
        try
        {
            SchemaCompiler.CustomResource(schema);
        }
        catch (FormatException e)
        {
            errors.Add(FieldError.Invalid(path, "\"\"", e.Message));
        }
    }

    private static void Required(JsonObject value, string field, string path, List<FieldError> errors)
    {
        if (value.Text(field).Length == 0)
            errors.Add(FieldError.Required($"{path}.{field}"));
    }

    private static void Immutable(string path, JsonNode? value, JsonNode? before, List<FieldError> errors)
    {
        if (!JsonNode.DeepEquals(value, before))
            errors.Add(FieldError.Invalid(path, FieldError.Show(value), "field is immutable"));
    }
}
