using System.Text.Json;

namespace Vnetcni.Operator.Azure.Errors;

/// <summary>A code and its message, of an error or of one of its details.</summary>
internal sealed record ArmErrorEntry(string Code, string Message);

/// <summary>
/// Reads <c>{"error":{"code","message","details":[...]}}</c> (or without the outer object), as deep as four levels and sixteen
/// entries. Anything else gives what was understood so far: an error must never hide behind its own malformed body.
/// </summary>
internal static class ArmErrorReader
{
    private const int MaxBody = 256 * 1024;
    private const int MaxEntries = 16;
    private const int MaxLevels = 4;
    private const int MaxText = 1024;

    internal static IReadOnlyList<ArmErrorEntry> Read(ReadOnlySpan<byte> utf8)
    {
        var entries = new List<ArmErrorEntry>();
        if (utf8.Length is 0 or > MaxBody)
            return entries;
        var reader = new Utf8JsonReader(utf8);
        try
        {
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                ReadError(ref reader, entries, level: 0);
        }
        catch (JsonException)
        {
            // Not JSON (a gateway's HTML page): the status alone decides, with the entries read so far.
        }
        catch (InvalidOperationException)
        {
            // A text with invalid UTF-8 or a lone surrogate: likewise.
        }

        return entries;
    }

    /// <summary>The reader is on the start of an error object; leaves it on its end.</summary>
    internal static void ReadError(ref Utf8JsonReader reader, List<ArmErrorEntry> entries, int level)
    {
        var (code, message) = (string.Empty, string.Empty);
        var place = entries.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("code"u8))
                code = Text(ref reader);
            else if (reader.ValueTextEquals("message"u8))
                message = Text(ref reader);
            else if (level < MaxLevels && reader.ValueTextEquals("details"u8))
                ReadDetails(ref reader, entries, level);
            else if (level < MaxLevels && reader.ValueTextEquals("error"u8))
                ReadNested(ref reader, entries, level);
            else
                Skip(ref reader);
        }

        // The outermost first, whatever the order of the properties.
        if ((code.Length != 0 || message.Length != 0) && entries.Count < MaxEntries)
            entries.Insert(place, new ArmErrorEntry(code, message));
    }

    private static void ReadNested(ref Utf8JsonReader reader, List<ArmErrorEntry> entries, int level)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
            ReadError(ref reader, entries, level + 1);
        else
            reader.Skip();
    }

    private static void ReadDetails(ref Utf8JsonReader reader, List<ArmErrorEntry> entries, int level)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject && entries.Count < MaxEntries)
                ReadError(ref reader, entries, level + 1);
            else
                reader.Skip();
        }
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return string.Empty;
        }

        var text = reader.GetString()!;
        return text.Length <= MaxText ? text : text[..MaxText];
    }

    private static void Skip(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }
}
