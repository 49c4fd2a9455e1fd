using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vnetcni.ArmSimulator.Core;

/// <summary>Reads a client's JSON and refuses what a later step could stumble over, so that a commit cannot fail half-way.</summary>
internal static class UntrustedJson
{
    private const int MostExponentDigits = 5;

    /// <summary>Throws <see cref="JsonException"/> when the bytes are not one JSON object that can be worked with.</summary>
    public static JsonObject ParseObject(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var body = Json.ParseObject(utf8);
            Check(body);
            return body;
        }
        catch (InvalidOperationException e)
        {
            // A lone surrogate is valid JSON and no text.
            throw new JsonException(e.Message, e);
        }
    }

    /// <summary>The same for an object that was read without these checks.</summary>
    public static JsonObject Copy(JsonObject read)
    {
        try
        {
            return ParseObject(Json.Utf8(read));
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException(e.Message, e);
        }
    }

    private static void Check(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject obj:
                foreach (var (_, value) in obj)
                    Check(value);
                break;
            case JsonArray array:
                foreach (var item in array)
                    Check(item);
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                _ = value.GetValue<string>();
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.Number:
                CheckNumber(value.ToJsonString());
                break;
        }
    }

    private static void CheckNumber(string text)
    {
        var exponent = text.AsSpan().IndexOfAny('e', 'E');
        if (exponent >= 0 && text.Length - exponent - 1 > MostExponentDigits)
            throw new JsonException($"The exponent of a number has more than {MostExponentDigits} digits.");
    }
}
