using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Status;

/// <summary>What is wrong with one field, in the words of Kubernetes' field errors.</summary>
/// <param name="Field">The path, such as <c>spec.pool.minFree</c>.</param>
/// <param name="Reason">Such as <c>FieldValueInvalid</c>.</param>
/// <param name="Body">The message without the field.</param>
internal sealed record FieldError(string Field, string Reason, string Body)
{
    public static FieldError Required(string field, string detail = "") =>
        new(field, "FieldValueRequired", "Required value" + Detail(detail));

    public static FieldError Invalid(string field, string value, string detail) => new(field, "FieldValueInvalid", $"Invalid value: {value}{Detail(detail)}");

    public static FieldError Forbidden(string field, string detail) => new(field, "FieldValueForbidden", "Forbidden" + Detail(detail));

    public static FieldError Duplicate(string field, string value) => new(field, "FieldValueDuplicate", $"Duplicate value: {value}");

    public static FieldError TooLong(string field, long bytes) =>
        new(field, "FieldValueTooLong", string.Create(CultureInfo.InvariantCulture, $"Too long: must have at most {bytes} bytes"));

    public static FieldError NotSupported(string field, string value, IEnumerable<string> supported) =>
        new(field, "FieldValueNotSupported", $"Unsupported value: {value}: supported values: {string.Join(", ", supported.Select(Quote))}");

    /// <summary>A text as Go's %q writes it.</summary>
    public static string Quote(string text) => JsonValue.Create(text).ToJsonString(Plain);

    /// <summary>A value as it is shown in messages.</summary>
    public static string Show(JsonNode? value) => value switch
    {
        null => "null",
        JsonValue scalar when scalar.GetValueKind() == JsonValueKind.String => Quote(scalar.GetValue<string>()),
        JsonValue scalar => scalar.ToJsonString(),
        _ => value.ToJsonString(Plain),
    };

    public override string ToString() => $"{Field}: {Body}";

    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static string Detail(string detail) => detail.Length == 0 ? string.Empty : ": " + detail;
}
