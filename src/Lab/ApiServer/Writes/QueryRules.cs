using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Status;
using Vnetcni.Lab.ApiServer.Store;

namespace Vnetcni.Lab.ApiServer.Writes;

/// <summary>What the options of a write must keep to.</summary>
internal static class QueryRules
{
    private const int MaxManager = 128;

    public static void Check(WriteQuery query, string kind)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(query.FieldManager) > MaxManager)
            throw Refusal.InvalidOptions(kind, FieldError.TooLong("fieldManager", MaxManager));
        if (query.FieldManager.Any(c => char.IsControl(c) || c > '\u007e'))
            throw Refusal.InvalidOptions(kind, FieldError.Invalid("fieldManager", FieldError.Quote(query.FieldManager), "should only contain printable characters"));
        if (query.FieldValidation is not ("" or "Ignore" or "Warn" or "Strict"))
        {
            throw Refusal.InvalidOptions(
                kind, FieldError.NotSupported("fieldValidation", FieldError.Quote(query.FieldValidation), ["", "Ignore", "Warn", "Strict"]));
        }
    }

    public static void CheckPatch(WriteQuery query, PatchType type)
    {
        if (type == PatchType.Apply && query.FieldManager.Length == 0)
            throw Refusal.InvalidOptions("PatchOptions", FieldError.Required("fieldManager", "is required for apply patch"));
        if (type != PatchType.Apply && query.Force is not null)
            throw Refusal.InvalidOptions("PatchOptions", FieldError.Forbidden("force", "may not be specified for non-apply patch"));
        Check(query, "PatchOptions");
    }

    public static JsonObject PatchObject(JsonNode body) => body as JsonObject ?? throw Refusal.Invalid(
        string.Empty, string.Empty, string.Empty,
        [FieldError.Invalid("patch", FieldError.Quote(body.ToJsonString()), "couldn't get version/kind; json parse error: json: cannot unmarshal a value that is no object")]);
}
