using System.Text.Json;

namespace Vnetcni.Operator.Azure.Json;

/// <summary>Small steps of a <see cref="Utf8JsonReader"/> over an untrusted answer. A wrong shape throws <see cref="ArmAnswerException"/>.</summary>
internal static class JsonObjects
{
    /// <summary>The reader on the first token of a whole document.</summary>
    internal static Utf8JsonReader Open(ReadOnlySpan<byte> utf8, string what)
    {
        var reader = new Utf8JsonReader(utf8);
        reader.Read();
        Expect(ref reader, JsonTokenType.StartObject, what);
        return reader;
    }

    /// <summary>On the name of the next property, or false at the end of the object. Call with the reader past the last value.</summary>
    internal static bool NextProperty(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    /// <summary>On the next element, or false at the end of the array.</summary>
    internal static bool NextElement(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType != JsonTokenType.EndArray;

    /// <summary>Moves from a property's name to its value; false for null, which is then consumed.</summary>
    internal static bool Enter(ref Utf8JsonReader reader, JsonTokenType type, string what)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return false;
        Expect(ref reader, type, what);
        return true;
    }

    /// <summary>The text value of the property that the reader is on; null for null.</summary>
    internal static string? Text(ref Utf8JsonReader reader, string what)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        Expect(ref reader, JsonTokenType.String, what);
        return reader.GetString();
    }

    /// <summary>The boolean value of the property that the reader is on; false for null.</summary>
    internal static bool Flag(ref Utf8JsonReader reader, string what)
    {
        reader.Read();
        if (reader.TokenType is JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null)
            return reader.TokenType == JsonTokenType.True;
        throw Wrong(what, reader.TokenType);
    }

    /// <summary>Skips the value of the property that the reader is on.</summary>
    internal static void SkipValue(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    /// <summary>A list of texts under the property that the reader is on.</summary>
    internal static void Texts(ref Utf8JsonReader reader, List<string> list, int max, string what)
    {
        if (!Enter(ref reader, JsonTokenType.StartArray, what))
            return;
        while (NextElement(ref reader))
        {
            Expect(ref reader, JsonTokenType.String, what);
            if (list.Count == max)
                throw new ArmAnswerException($"{what} has more than {max} entries");
            list.Add(reader.GetString()!);
        }
    }

    internal static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string what)
    {
        if (reader.TokenType != type)
            throw Wrong(what, reader.TokenType);
    }

    internal static ArmAnswerException Wrong(string what, JsonTokenType found) =>
        new($"{what} has an unexpected shape ({found})");

    /// <summary>What the reader throws: a <see cref="JsonException"/>, or an <see cref="InvalidOperationException"/> for invalid UTF-8 in a text.</summary>
    internal static bool IsMalformed(Exception e) => e is JsonException or InvalidOperationException or FormatException;

    internal static ArmAnswerException NotJson(string what, Exception cause) => new($"{what} is not valid JSON: {cause.Message}", cause);
}
