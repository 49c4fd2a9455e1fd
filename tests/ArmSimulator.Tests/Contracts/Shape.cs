using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Vnetcni.ArmSimulator.Tests.Contracts;

/// <summary>
/// Compares JSON with a documented shape. In a shape an object lists every member (<c>name?</c> may be absent, <c>*</c> allows others), an array
/// has the shape of its elements, a text is a type (string, boolean, number, object, any), <c>=value</c> or <c>~pattern</c>.
/// </summary>
internal static class Shape
{
    public static List<string> Differences(JsonNode? actual, JsonNode? shape)
    {
        var found = new List<string>();
        Compare(actual, shape!, "$", found);
        return found;
    }

    private static void Compare(JsonNode? actual, JsonNode shape, string path, List<string> found)
    {
        switch (shape)
        {
            case JsonObject members when actual is JsonObject there:
                CompareMembers(there, members, path, found);
                break;
            case JsonArray { Count: 1 } element when actual is JsonArray items:
                for (var i = 0; i < items.Count; i++)
                    Compare(items[i], element[0]!, $"{path}[{i}]", found);
                break;
            case JsonValue text when text.TryGetValue<string>(out var wanted):
                if (!Matches(actual, wanted))
                    found.Add($"{path} is {actual?.ToJsonString() ?? "null"}, wanted {wanted}");
                break;
            default:
                found.Add($"{path} is {actual?.GetValueKind().ToString() ?? "null"}, wanted {shape.GetValueKind()}");
                break;
        }
    }

    private static void CompareMembers(JsonObject actual, JsonObject shape, string path, List<string> found)
    {
        foreach (var (key, member) in shape)
        {
            var name = key.TrimEnd('?');
            if (key == "*")
                continue;
            if (actual.TryGetPropertyValue(name, out var value))
                Compare(value, member!, $"{path}.{name}", found);
            else if (!key.EndsWith('?'))
                found.Add($"{path}.{name} is missing");
        }

        if (shape.ContainsKey("*"))
            return;
        foreach (var (name, _) in actual)
        {
            if (!shape.ContainsKey(name) && !shape.ContainsKey(name + "?"))
                found.Add($"{path}.{name} is not documented");
        }
    }

    private static bool Matches(JsonNode? actual, string wanted) => wanted switch
    {
        "any" => true,
        "object" => actual is JsonObject,
        "string" => Text(actual) is not null,
        "boolean" => actual?.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False,
        "number" => actual?.GetValueKind() == System.Text.Json.JsonValueKind.Number,
        ['=', .. var literal] => (Text(actual) ?? actual?.ToJsonString()) == literal,
        ['~', .. var pattern] => Text(actual) is { } text && Regex.IsMatch(text, pattern, RegexOptions.None, TimeSpan.FromSeconds(5)),
        _ => throw new FormatException($"\"{wanted}\" is no shape"),
    };

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
