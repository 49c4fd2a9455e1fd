using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Resources;
using Vnetcni.Lab.ApiServer.Status;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Schemas;

/// <summary>What every object's metadata must keep to.</summary>
internal static class MetadataRules
{
    private const int MaxAnnotationBytes = 256 * 1024;
    private static readonly string[] Texts =
    [
        "name", "generateName", "namespace", "uid", "resourceVersion", "selfLink", "creationTimestamp", "deletionTimestamp",
    ];

    // Fields of ObjectMeta; others are dropped.
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "name", "generateName", "namespace", "uid", "resourceVersion", "selfLink", "generation", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers", "managedFields", "clusterName",
    };

    private static readonly HashSet<string> StandardFinalizers = new(StringComparer.Ordinal) { "kubernetes", "orphan", "foregroundDeletion" };
    private static readonly string[] Times = ["creationTimestamp", "deletionTimestamp"];
    private static readonly string[] Numbers = ["generation", "deletionGracePeriodSeconds"];

    /// <summary>Makes the metadata what a typed server decodes: known fields without nulls. 400 for a wrong type.</summary>
    public static void Normalise(ResourceDefinition resource, JsonObject value, Action<string>? unknown)
    {
        if (value["metadata"] is not JsonObject metadata)
        {
            if (value["metadata"] is not null)
                throw Undecodable(resource, "v1.ObjectMeta: expects { or n, but found a value of another type");
            value["metadata"] = metadata = [];
        }

        foreach (var name in metadata.Select(p => p.Key).Where(k => !Known.Contains(k)).ToList())
        {
            unknown?.Invoke("metadata." + name);
            metadata.Remove(name);
        }

        KubeJson.DropNulls(metadata);
        foreach (var name in Texts)
        {
            if (metadata[name] is { } text && text.GetValueKind() != JsonValueKind.String)
                throw Undecodable(resource, $"v1.ObjectMeta.{name}: ReadString: expects \" or n");
        }

        foreach (var name in Times)
        {
            if (metadata.Text(name) is { Length: > 0 } time && !Formats.IsDateTime(time))
                throw Undecodable(resource, $"v1.ObjectMeta.{Capital(name)}: parsing time {FieldError.Quote(time)}: it is not of RFC 3339");
        }

        foreach (var name in Numbers)
        {
            if (metadata[name] is { } number && number.Number() is null)
                throw Undecodable(resource, $"v1.ObjectMeta.{Capital(name)}: expects a whole number");
        }

        foreach (var name in new[] { "labels", "annotations" })
            TextMap(resource, metadata, name);
        foreach (var name in new[] { "finalizers", "ownerReferences", "managedFields" })
            List(resource, metadata, name);
        if ((metadata["finalizers"] as JsonArray)?.Any(f => f?.GetValueKind() != JsonValueKind.String) == true)
            throw Undecodable(resource, "v1.ObjectMeta.Finalizers: ReadString: expects \" or n");
        if ((metadata["ownerReferences"] as JsonArray)?.All(IsOwner) == false)
            throw Undecodable(resource, "v1.ObjectMeta.OwnerReferences: v1.OwnerReference: a field of another type");
    }

    /// <summary>What is wrong with metadata; <paramref name="before"/> is null on a create.</summary>
    public static void Check(ResourceDefinition resource, JsonObject value, JsonObject? before, List<FieldError> errors)
    {
        var metadata = value["metadata"]!.AsObject();
        var name = metadata.Text("name");
        if (before is null)
            errors.AddRange(NameErrors(resource, name));
        var old = before?["metadata"] as JsonObject;
        if (!Same(metadata, old, "labels"))
            Labels(metadata["labels"] as JsonObject, errors);
        if (!Same(metadata, old, "annotations"))
            Annotations(metadata["annotations"] as JsonObject, errors);
        if (!Same(metadata, old, "finalizers"))
            Finalizers(resource, metadata["finalizers"] as JsonArray, errors);
        if (!Same(metadata, old, "ownerReferences"))
            Owners(metadata["ownerReferences"] as JsonArray, errors);
        foreach (var field in old is null ? [] : (string[])["deletionTimestamp", "deletionGracePeriodSeconds"])
        {
            if (old![field] is null && metadata[field] is { } written)
                errors.Add(FieldError.Invalid("metadata." + field, FieldError.Show(written), "field is immutable"));
        }

        if (old?["deletionTimestamp"] is not null)
            NoNewFinalizers(old, metadata, errors);
    }

    private static IEnumerable<FieldError> NameErrors(ResourceDefinition resource, string name)
    {
        if (name.Length == 0)
            yield return FieldError.Required("metadata.name", "name or generateName is required");
        else if ((resource.Kind == "Namespace" && !resource.IsCustom ? Names.DnsLabelError(name) : Names.SubdomainError(name)) is { } error)
            yield return FieldError.Invalid("metadata.name", FieldError.Quote(name), error);
    }

    private static void Labels(JsonObject? labels, List<FieldError> errors)
    {
        foreach (var (key, value) in labels ?? [])
        {
            if (Names.LabelKeyError(key) is { } wrongKey)
                errors.Add(FieldError.Invalid("metadata.labels", FieldError.Quote(key), wrongKey));
            if (Names.LabelValueError(value!.GetValue<string>()) is { } wrongValue)
                errors.Add(FieldError.Invalid("metadata.labels", FieldError.Quote(value.GetValue<string>()), wrongValue));
        }
    }

    private static void Annotations(JsonObject? annotations, List<FieldError> errors)
    {
        var size = 0L;
        foreach (var (key, value) in annotations ?? [])
        {
            if (Names.LabelKeyError(key.ToLowerInvariant()) is { } wrong)
                errors.Add(FieldError.Invalid("metadata.annotations", FieldError.Quote(key), wrong));
            size += key.Length + value!.GetValue<string>().Length;
        }

        if (size > MaxAnnotationBytes)
            errors.Add(FieldError.TooLong("metadata.annotations", MaxAnnotationBytes));
    }

    private static void Finalizers(ResourceDefinition resource, JsonArray? finalizers, List<FieldError> errors)
    {
        for (var i = 0; i < (finalizers?.Count ?? 0); i++)
        {
            var name = finalizers![i]!.GetValue<string>();
            if (Names.LabelKeyError(name) is { } wrong)
                errors.Add(FieldError.Invalid("metadata.finalizers", FieldError.Quote(name), wrong));
            else if (!name.Contains('/') && !resource.IsCustom && !StandardFinalizers.Contains(name))
            {
                errors.Add(FieldError.Invalid(
                    string.Create(CultureInfo.InvariantCulture, $"metadata.finalizers[{i}]"), FieldError.Quote(name),
                    "name is neither a standard finalizer name nor is it fully qualified"));
            }
        }
    }

    private static void Owners(JsonArray? owners, List<FieldError> errors)
    {
        const string Path = "metadata.ownerReferences";
        foreach (var owner in owners ?? [])
        {
            foreach (var (field, what) in new[] { ("apiVersion", "version"), ("kind", "kind"), ("name", "name"), ("uid", "uid") })
            {
                if (owner.Text(field).Length == 0)
                    errors.Add(FieldError.Invalid($"{Path}.{field}", "\"\"", $"{what} must not be empty"));
            }
        }

        if ((owners ?? []).Count(o => o?["controller"]?.GetValueKind() == JsonValueKind.True) > 1)
            errors.Add(FieldError.Invalid(Path, FieldError.Show(owners), "Only one reference can have Controller set to true"));
    }

    private static void NoNewFinalizers(JsonObject old, JsonObject metadata, List<FieldError> errors)
    {
        static IEnumerable<string> Of(JsonObject m) => (m["finalizers"] as JsonArray ?? []).Select(f => f!.GetValue<string>());
        var added = Of(metadata).Except(Of(old), StringComparer.Ordinal).ToList();
        if (added.Count > 0)
        {
            errors.Add(FieldError.Forbidden(
                "metadata.finalizers",
                $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Select(FieldError.Quote))}}}"));
        }
    }

    private static bool Same(JsonObject metadata, JsonObject? old, string name) =>
        old is null ? metadata[name] is null : JsonNode.DeepEquals(metadata[name], old[name]);

    private static void TextMap(ResourceDefinition resource, JsonObject metadata, string name)
    {
        if (metadata[name] is not { } node)
            return;
        if (node is not JsonObject map || map.Any(p => p.Value?.GetValueKind() != JsonValueKind.String))
            throw Undecodable(resource, $"v1.ObjectMeta.{Capital(name)}: ReadString: expects \" or n");
        if (map.Count == 0)
            metadata.Remove(name);
    }

    private static void List(ResourceDefinition resource, JsonObject metadata, string name)
    {
        if (metadata[name] is not { } node)
            return;
        if (node is not JsonArray list)
            throw Undecodable(resource, $"v1.ObjectMeta.{Capital(name)}: decode slice: expect [ or n");
        if (list.Count == 0)
            metadata.Remove(name);
    }

    private static bool IsOwner(JsonNode? node) => node is JsonObject owner && owner.All(field => field.Key switch
    {
        "apiVersion" or "kind" or "name" or "uid" => field.Value?.GetValueKind() == JsonValueKind.String,
        "controller" or "blockOwnerDeletion" => field.Value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        _ => true,
    });

    private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    private static ApiStatusException Undecodable(ResourceDefinition resource, string why) => Refusal.BadRequest(
        $"{resource.Kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}: {why}");
}
