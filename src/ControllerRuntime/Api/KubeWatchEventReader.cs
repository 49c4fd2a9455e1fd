using System.Text.Json;

namespace Vnetcni.ControllerRuntime.Api;

/// <summary>Cuts one line of a watch into its type and its object.</summary>
internal static class KubeWatchEventReader
{
    /// <summary>A watch event in raw form; <c>Type</c> is as the server wrote it.</summary>
    public readonly record struct Envelope(string Type, ReadOnlyMemory<byte> Object);

    /// <summary>Throws <see cref="JsonException"/> when the line is not an event.</summary>
    public static Envelope Read(ReadOnlyMemory<byte> line)
    {
        var reader = new Utf8JsonReader(line.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("a watch event is not an object");
        var type = string.Empty;
        var value = ReadOnlyMemory<byte>.Empty;
        while (JsonSlicer.NextProperty(ref reader, out var name))
        {
            if (name == "type")
                type = JsonSlicer.Text(ref reader);
            else if (name == "object" && reader.TokenType == JsonTokenType.StartObject)
                value = JsonSlicer.Value(ref reader, line);
            else
                reader.Skip();
        }

        JsonSlicer.End(ref reader);
        if (value.IsEmpty)
            throw new JsonException("a watch event has no object");
        return new Envelope(type, value);
    }

    /// <summary>The type of an event that is not an ERROR.</summary>
    public static KubeWatchEventType TypeOf(string type) => type switch
    {
        "ADDED" => KubeWatchEventType.Added,
        "MODIFIED" => KubeWatchEventType.Modified,
        "DELETED" => KubeWatchEventType.Deleted,
        "BOOKMARK" => KubeWatchEventType.Bookmark,
        _ => throw new JsonException($"a watch event is of an unknown type, {type.Length} characters long"),
    };
}
