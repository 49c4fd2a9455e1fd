using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vnetcni.Api.Serialization;

/// <summary>RFC 3339 as <c>metav1.Time</c> writes it: UTC, whole seconds. Reads any RFC 3339 time.</summary>
internal sealed class KubeTimeConverter : JsonConverter<DateTimeOffset>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Read(ref reader);

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Text(value));

    internal static DateTimeOffset Read(ref Utf8JsonReader reader) =>
        reader.TryGetDateTimeOffset(out var value)
            ? value
            : throw new JsonException("a time is not RFC 3339, such as 2026-01-02T03:04:05Z");

    internal static string Text(DateTimeOffset value) =>
        value.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);
}
