using System.Text.Json;
using Vnetcni.AgentProtocol;

namespace Vnetcni.NodeAgent.CniServer.Config;

/// <summary>Fields of a configuration with errors that name key, value and what is taken.</summary>
internal static class JsonFields
{
    private const int LongestShown = 64;

    /// <summary>The field, or null when it is absent or null.</summary>
    /// <exception cref="CniException">Decode: a key beside it has half a surrogate pair.</exception>
    public static JsonElement? Optional(this JsonElement parent, string key)
    {
        try
        {
            return parent.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
        }
        catch (InvalidOperationException)
        {
            throw HalfPair($"key beside {key}");
        }
    }

    /// <summary>The field as an object, or null when absent.</summary>
    /// <exception cref="CniException">Decode.</exception>
    public static JsonElement? OptionalObject(this JsonElement parent, string key) =>
        OfKind(parent, key, JsonValueKind.Object, "an object");

    /// <summary>The field as an array, or null when absent.</summary>
    /// <exception cref="CniException">Decode.</exception>
    public static JsonElement? OptionalArray(this JsonElement parent, string key) =>
        OfKind(parent, key, JsonValueKind.Array, "an array");

    /// <summary>The field as a string; empty when absent.</summary>
    /// <exception cref="CniException">Decode.</exception>
    public static string OptionalString(this JsonElement parent, string key) =>
        OfKind(parent, key, JsonValueKind.String, "a string") is { } value ? Text(value, key) : "";

    /// <summary>The field as strings; empty when absent.</summary>
    /// <exception cref="CniException">Decode.</exception>
    public static IReadOnlyList<string> OptionalStrings(this JsonElement parent, string key)
    {
        if (parent.OptionalArray(key) is not { } array)
            return [];
        List<string> strings = [];
        foreach (var item in array.EnumerateArray())
            strings.Add(item.ValueKind == JsonValueKind.String ? Text(item, key) : throw Wrong(key, item, "a list of strings"));
        return strings;
    }

    /// <summary>A value of the wrong type.</summary>
    public static CniException Wrong(string key, JsonElement value, string wanted) => new(
        CniErrorCode.Decode, $"the network configuration's {key} is not {wanted}", $"{key} is {Show(value)}");

    /// <summary>A value, cut to a length that fits a message.</summary>
    public static string Show(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= LongestShown ? text : text[..LongestShown] + "...";
    }

    private static JsonElement? OfKind(JsonElement parent, string key, JsonValueKind kind, string wanted)
    {
        if (parent.Optional(key) is not { } value)
            return null;
        return value.ValueKind == kind ? value : throw Wrong(key, value, wanted);
    }

    private static string Text(JsonElement value, string key)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw HalfPair(key);
        }
    }

    private static CniException HalfPair(string where) => new(
        CniErrorCode.Decode, $"the network configuration's {where} has half a surrogate pair", "write both halves, or the character itself");
}
