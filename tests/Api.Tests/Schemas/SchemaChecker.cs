using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Vnetcni.Api.Tests.Schemas;

/// <summary>Checks a document as strictly as the API server does with strict field validation (CEL rules apart), after filling in defaults.</summary>
internal static class SchemaChecker
{
    internal static List<string> Check(JsonNode? value, JsonObject schema)
    {
        var errors = new List<string>();
        Default(value, schema);
        Check(value, new Node("", schema), errors, root: true);
        return errors;
    }

    /// <summary>Fills in the schema's defaults, nested ones too.</summary>
    internal static void Default(JsonNode? value, JsonObject schema)
    {
        if (value is JsonArray list && schema["items"] is JsonObject items)
        {
            foreach (var item in list)
                Default(item, items);
        }

        if (value is not JsonObject map)
            return;
        foreach (var (name, below) in new Node("", schema).Properties)
        {
            if (!map.ContainsKey(name) && below!["default"] is { } otherwise)
                map[name] = otherwise.DeepClone();
            Default(map[name], below!.AsObject());
        }
    }

    private static void Check(JsonNode? value, Node node, List<string> errors, bool root = false)
    {
        switch (node.Type, value)
        {
            case ("object", JsonObject map): CheckObject(map, node, errors, root); break;
            case ("array", JsonArray list): CheckArray(list, node, errors); break;
            case ("string", JsonValue text) when text.TryGetValue<string>(out var s): CheckText(s, node, errors); break;
            case ("integer", JsonValue number) when number.TryGetValue<long>(out var n): CheckNumber(n, node, errors); break;
            case ("boolean", JsonValue flag) when flag.TryGetValue<bool>(out _): break;
            default: errors.Add($"{node.Path} is not of type {node.Type}"); break;
        }
    }

    private static void CheckObject(JsonObject map, Node node, List<string> errors, bool root)
    {
        errors.AddRange(node.Required.Where(name => !map.ContainsKey(name)).Select(name => $"{node.Path}.{name} is missing"));
        if (map.Count > ((long?)node.Schema["maxProperties"] ?? long.MaxValue))
            errors.Add($"{node.Path} has too many keys");
        foreach (var (name, value) in map)
        {
            if (node.Schema["additionalProperties"] is JsonObject any)
                Check(value, new Node($"{node.Path}.{name}", any), errors);
            else if (node.Properties[name] is JsonObject schema)
            {
                if (!root || name != "metadata")
                    Check(value, new Node($"{node.Path}.{name}", schema), errors);
            }
            else
                errors.Add($"{node.Path}.{name} is unknown");
        }
    }

    private static void CheckArray(JsonArray list, Node node, List<string> errors)
    {
        if (list.Count > (long)node.Schema["maxItems"]!)
            errors.Add($"{node.Path} is too long");
        for (var i = 0; i < list.Count; i++)
            Check(list[i], new Node($"{node.Path}[{i}]", node.Schema["items"]!.AsObject()), errors);
    }

    private static void CheckText(string text, Node node, List<string> errors)
    {
        var outside = text.Length > ((long?)node.Schema["maxLength"] ?? long.MaxValue) || text.Length < ((long?)node.Schema["minLength"] ?? 0);
        if (outside || (node.Enum.Count != 0 && !node.Enum.Contains(text)))
            errors.Add($"{node.Path} is '{text}'");
        if ((string?)node.Schema["pattern"] is { } pattern && !Regex.IsMatch(text, pattern, RegexOptions.None, TimeSpan.FromSeconds(1)))
            errors.Add($"{node.Path} '{text}' does not match {pattern}");
        if ((string?)node.Schema["format"] == "date-time" && !DateTimeOffset.TryParse(text, out _))
            errors.Add($"{node.Path} '{text}' is no time");
    }

    private static void CheckNumber(long number, Node node, List<string> errors)
    {
        if (number < ((long?)node.Schema["minimum"] ?? long.MinValue) || number > ((long?)node.Schema["maximum"] ?? long.MaxValue))
            errors.Add($"{node.Path} is {number}");
    }
}
