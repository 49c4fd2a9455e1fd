using System.Text.Json;
using System.Text.Json.Serialization;
using k8s.Models;

namespace Vnetcni.Api.Serialization;

/// <summary>
/// Object metadata by hand: the client library's converters for it are internal, and <c>managedFields</c> (an untyped tree,
/// often larger than the object) is skipped, so that no cache ever holds it.
/// </summary>
internal sealed class ObjectMetaConverter : JsonConverter<V1ObjectMeta>
{
    public override V1ObjectMeta Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("metadata is not an object");
        var meta = new V1ObjectMeta();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            if (reader.TokenType != JsonTokenType.Null)
                ReadProperty(ref reader, meta, name);
        }

        return meta;
    }

    public override void Write(Utf8JsonWriter writer, V1ObjectMeta value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        WriteText(writer, "name", value.Name);
        WriteText(writer, "generateName", value.GenerateName);
        WriteText(writer, "namespace", value.NamespaceProperty);
        WriteText(writer, "uid", value.Uid);
        WriteText(writer, "resourceVersion", value.ResourceVersion);
        if (value.Generation is { } generation)
            writer.WriteNumber("generation", generation);
        WriteTime(writer, "creationTimestamp", value.CreationTimestamp);
        WriteTime(writer, "deletionTimestamp", value.DeletionTimestamp);
        if (value.DeletionGracePeriodSeconds is { } grace)
            writer.WriteNumber("deletionGracePeriodSeconds", grace);
        WriteMap(writer, "labels", value.Labels);
        WriteMap(writer, "annotations", value.Annotations);
        if (value.Finalizers is { } finalizers)
        {
            writer.WriteStartArray("finalizers");
            foreach (var finalizer in finalizers)
                writer.WriteStringValue(finalizer);
            writer.WriteEndArray();
        }

        if (value.OwnerReferences is { } owners)
            OwnerReferences.Write(writer, owners);
        writer.WriteEndObject();
    }

    private static void ReadProperty(ref Utf8JsonReader reader, V1ObjectMeta meta, string? name)
    {
        switch (name)
        {
            case "name": meta.Name = reader.GetString(); break;
            case "generateName": meta.GenerateName = reader.GetString(); break;
            case "namespace": meta.NamespaceProperty = reader.GetString(); break;
            case "uid": meta.Uid = reader.GetString(); break;
            case "resourceVersion": meta.ResourceVersion = reader.GetString(); break;
            case "generation": meta.Generation = reader.GetInt64(); break;
            case "creationTimestamp": meta.CreationTimestamp = KubeTimeConverter.Read(ref reader).UtcDateTime; break;
            case "deletionTimestamp": meta.DeletionTimestamp = KubeTimeConverter.Read(ref reader).UtcDateTime; break;
            case "deletionGracePeriodSeconds": meta.DeletionGracePeriodSeconds = reader.GetInt64(); break;
            case "labels": meta.Labels = ReadMap(ref reader); break;
            case "annotations": meta.Annotations = ReadMap(ref reader); break;
            case "finalizers": meta.Finalizers = ReadTexts(ref reader); break;
            case "ownerReferences": meta.OwnerReferences = OwnerReferences.Read(ref reader); break;
            default: reader.Skip(); break;
        }
    }

    private static Dictionary<string, string> ReadMap(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("labels or annotations are not an object");
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString()!;
            reader.Read();
            map[key] = reader.GetString() ?? string.Empty;
        }

        return map;
    }

    private static List<string> ReadTexts(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("finalizers are not an array");
        var list = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            list.Add(reader.GetString() ?? string.Empty);
        return list;
    }

    private static void WriteText(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }

    private static void WriteTime(Utf8JsonWriter writer, string name, DateTime? value)
    {
        if (value is { } time)
            writer.WriteString(name, KubeTimeConverter.Text(new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc))));
    }

    private static void WriteMap(Utf8JsonWriter writer, string name, IDictionary<string, string>? map)
    {
        if (map is null)
            return;
        writer.WriteStartObject(name);
        foreach (var (key, value) in map.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
            writer.WriteString(key, value);
        writer.WriteEndObject();
    }
}
