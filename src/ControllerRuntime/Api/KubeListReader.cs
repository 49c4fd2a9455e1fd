using System.Text.Json;

namespace Vnetcni.ControllerRuntime.Api;

/// <summary>Cuts a list answer into its items without knowing their type.</summary>
internal static class KubeListReader
{
    /// <summary>A list in raw form.</summary>
    public readonly record struct Envelope(IReadOnlyList<ReadOnlyMemory<byte>> Items, string ResourceVersion, string Continue);

    /// <summary>Throws <see cref="JsonException"/> when the text is not a list with a resourceVersion.</summary>
    public static Envelope Read(ReadOnlyMemory<byte> body)
    {
        var reader = new Utf8JsonReader(body.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("a list is not an object");
        var items = new List<ReadOnlyMemory<byte>>();
        var (version, next) = (string.Empty, string.Empty);
        while (JsonSlicer.NextProperty(ref reader, out var name))
        {
            if (name == "items" && reader.TokenType == JsonTokenType.StartArray)
                ReadItems(ref reader, body, items);
            else if (name == "metadata" && reader.TokenType == JsonTokenType.StartObject)
                (version, next) = ReadMetadata(ref reader);
            else
                reader.Skip();
        }

        JsonSlicer.End(ref reader);
        if (version.Length == 0)
            throw new JsonException("a list has no resourceVersion");
        return new Envelope(items, version, next);
    }

    private static void ReadItems(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, List<ReadOnlyMemory<byte>> items)
    {
        while (true)
        {
            if (!reader.Read())
                throw new JsonException("the text ends within the items");
            if (reader.TokenType == JsonTokenType.EndArray)
                return;
            if (reader.TokenType != JsonTokenType.StartObject)
                throw new JsonException("an item is not an object");
            items.Add(JsonSlicer.Value(ref reader, body));
        }
    }

    private static (string Version, string Continue) ReadMetadata(ref Utf8JsonReader reader)
    {
        var (version, next) = (string.Empty, string.Empty);
        while (JsonSlicer.NextProperty(ref reader, out var name))
        {
            if (name == "resourceVersion")
                version = JsonSlicer.Text(ref reader);
            else if (name == "continue")
                next = JsonSlicer.Text(ref reader);
            else
                reader.Skip();
        }

        return (version, next);
    }
}
