using System.Text.Json;

namespace Vnetcni.ControllerRuntime.Api;

/// <summary>Walks one JSON object with <see cref="Utf8JsonReader"/> and cuts values out of it as raw bytes.</summary>
/// <remarks>Everything here throws <see cref="JsonException"/> for malformed text, and nothing else.</remarks>
internal static class JsonSlicer
{
    /// <summary>
    /// Moves to the value of the next property of the object that the reader is in; false at its end. The caller reads
    /// or skips the value.
    /// </summary>
    public static bool NextProperty(ref Utf8JsonReader reader, out string name)
    {
        name = string.Empty;
        if (!reader.Read())
            throw new JsonException("the text ends within an object");
        if (reader.TokenType == JsonTokenType.EndObject)
            return false;
        name = Text(ref reader);
        if (!reader.Read())
            throw new JsonException("the text ends within an object");
        return true;
    }

    /// <summary>The string or property name under the reader; empty for null.</summary>
    public static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.TokenType switch
            {
                JsonTokenType.String or JsonTokenType.PropertyName => reader.GetString() ?? string.Empty,
                JsonTokenType.Null => string.Empty,
                var other => throw new JsonException($"a string was expected, not {other}"),
            };
        }
        catch (InvalidOperationException e)
        {
            // Invalid UTF-8 or a lone surrogate.
            throw new JsonException("a string is not valid UTF-8", e);
        }
    }

    /// <summary>The bytes of the value under the reader, which is left on the value's last token.</summary>
    public static ReadOnlyMemory<byte> Value(ref Utf8JsonReader reader, ReadOnlyMemory<byte> source)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return source[start..(int)reader.BytesConsumed];
    }

    /// <summary>Fails when anything but white space follows.</summary>
    public static void End(ref Utf8JsonReader reader)
    {
        if (reader.Read())
            throw new JsonException("text follows the object");
    }
}
