using System.Text.Json;
using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Schemas;
using Vnetcni.Lab.ApiServer.Status;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Writes;

/// <summary>Makes of a body what a typed server has after decoding it: known fields, no nulls, the schema's defaults.</summary>
internal static class Decoding
{
    private const int MaxShown = 1024;
    private static readonly string[] TypeFields = ["apiVersion", "kind"];

    /// <summary>Decodes in place. Throws for another kind, a wrong type in the metadata, or (strict) unknown fields.</summary>
    /// <returns>Warnings about unknown fields, where they were asked for.</returns>
    public static IReadOnlyList<string> Decode(KindModel model, JsonObject body, string fieldValidation, bool isPatch)
    {
        try
        {
            return Decode(model, body, fieldValidation);
        }
        catch (ApiStatusException e) when (isPatch && e.Status.Code == 400)
        {
            // The patch can be read; what it makes of the object cannot.
            throw Refusal.Invalid(string.Empty, string.Empty, string.Empty, [FieldError.Invalid("patch", FieldError.Quote(Shown(body)), e.Status.Message)]);
        }
    }

    private static List<string> Decode(KindModel model, JsonObject body, string fieldValidation)
    {
        CheckType(model, body);
        var unknown = new List<string>();
        Action<string>? report = fieldValidation is "Strict" or "Warn" ? unknown.Add : null;
        MetadataRules.Normalise(model.Definition, body, report);
        if (!model.Definition.IsCustom)
            KubeJson.DropNulls(body);
        Pruning.Prune(model.Schema, body, string.Empty, report);
        if (!model.Definition.IsCustom)
            EmptyValues.Drop(model.Schema, body);
        if (!model.Definition.IsCustom && SchemaValidator.Check(model.Schema, body) is [var wrong, ..])
        {
            throw Refusal.BadRequest(
                $"{model.Definition.Kind} in version \"{model.Definition.Version}\" cannot be handled as a {model.Definition.Kind}: {wrong.Field}: {wrong.Body}");
        }

        Defaulting.Apply(model.Schema, body);
        return Report(model, fieldValidation, [.. unknown.Select(u => $"unknown field \"{u}\"")]);
    }

    /// <summary>apiVersion and kind of a body; where a built-in kind's are missing they are filled in.</summary>
    private static void CheckType(KindModel model, JsonObject body)
    {
        var definition = model.Definition;
        foreach (var field in TypeFields)
        {
            if (body[field] is { } said && said.GetValueKind() != JsonValueKind.String)
            {
                throw Refusal.BadRequest(
                    $"the object provided is unrecognized (must be of type {definition.Kind}): couldn't get version/kind; json parse error: .{field} is not a string");
            }
        }

        var (apiVersion, kind) = (body.Text("apiVersion"), body.Text("kind"));
        var cannot = $"{(kind.Length > 0 ? kind : definition.Kind)} in version \"{apiVersion[(apiVersion.IndexOf('/') + 1)..]}\" cannot be handled as a {definition.Kind}";
        if (definition.IsCustom)
        {
            if (kind.Length == 0)
                throw Refusal.BadRequest($"{definition.Kind} in version \"{definition.Version}\" cannot be handled as a {definition.Kind}: Object 'Kind' is missing in '{Shown(body)}'");
            if (apiVersion != definition.ApiVersion)
                throw Refusal.BadRequest($"the API version in the data ({apiVersion}) does not match the expected API version ({definition.ApiVersion})");
            if (kind != definition.Kind)
            {
                throw Refusal.Invalid(
                    definition.Group, kind, body.Metadata("name"), [FieldError.Invalid("kind", FieldError.Quote(kind), $"must be {definition.Kind}")]);
            }

            return;
        }

        if (apiVersion.Length > 0 && apiVersion != definition.ApiVersion)
        {
            throw Refusal.BadRequest(
                kind.Length == 0 || kind == definition.Kind
                    ? $"{cannot}: no kind \"{definition.Kind}\" is registered for version \"{apiVersion}\" in scheme"
                    : $"the API version in the data ({apiVersion}) does not match the expected API version ({definition.ApiVersion})");
        }

        if (kind.Length > 0 && kind != definition.Kind)
            throw Refusal.BadRequest($"{cannot}: converting ({kind}) to ({definition.Kind}): unknown conversion");
        body["apiVersion"] = definition.ApiVersion;
        body["kind"] = definition.Kind;
    }

    private static List<string> Report(KindModel model, string fieldValidation, List<string> unknown)
    {
        if (unknown.Count == 0 || fieldValidation == "Warn")
            return unknown;
        var message = $"strict decoding error: {string.Join(", ", unknown)}";
        throw Refusal.BadRequest($"{model.Definition.Kind} in version \"{model.Definition.Version}\" cannot be handled as a {model.Definition.Kind}: {message}");
    }

    private static string Shown(JsonObject body) => body.ToJsonString() is var text && text.Length > MaxShown ? text[..MaxShown] + "..." : text;
}
