namespace Vnetcni.Lab.ApiServer.Schemas;

/// <summary>The schemas of the built-in kinds, from <see cref="BuiltInTypes"/>.</summary>
internal static class BuiltInSchemas
{
    private static readonly SchemaNode Text = new() { Type = "string" };
    private static readonly Dictionary<string, string[]> Lines = Read();
    private static readonly Dictionary<string, SchemaNode> Made = new(StringComparer.Ordinal);
    private static readonly Dictionary<string, SchemaNode> Kinds = new[] { "CustomResourceDefinition", "DeleteOptions", "Event", "Lease", "Namespace", "Node", "Pod" }
        .ToDictionary(kind => kind, Kind, StringComparer.Ordinal);

    /// <summary>ObjectMeta, whose fields are checked apart.</summary>
    public static SchemaNode Metadata => ObjectMeta.Schema;

    /// <summary>The schema of a built-in kind, or of DeleteOptions.</summary>
    public static SchemaNode Of(string kind) => Kinds[kind];

    private static SchemaNode Kind(string name)
    {
        var type = Type(name);
        return type with
        {
            Properties = new Dictionary<string, SchemaNode>(type.Properties, StringComparer.Ordinal) { ["apiVersion"] = Text, ["kind"] = Text },
        };
    }

    private static Dictionary<string, string[]> Read()
    {
        var result = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var type in BuiltInTypes.Table.ReplaceLineEndings("\n").Replace("\n  ", " ", StringComparison.Ordinal).Split('\n'))
        {
            var words = type.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            result.Add(words[0].TrimEnd('!'), words);
        }

        return result;
    }

    // A type may contain itself: it is known before its fields are.
    private static SchemaNode Type(string name)
    {
        if (name == "ObjectMeta")
            return Metadata;
        if (Made.TryGetValue(name, out var made))
            return made;
        var words = Lines[name];
        var properties = new Dictionary<string, SchemaNode>(StringComparer.Ordinal);
        made = Made[name] = new SchemaNode { Type = "object", Properties = properties, IsAtomicMap = words[0].EndsWith('!') };
        foreach (var field in words.Skip(1).Select(w => w.Split(':')))
            properties.Add(field[0], Field(field));
        if (name == "ContainerPort")
            properties["protocol"] = Text with { Default = "TCP" };
        return made;
    }

    private static SchemaNode Field(string[] field)
    {
        var type = field[1];
        if (type[0] == '{')
            return new SchemaNode { Type = "object", Additional = Field(["", type.TrimEnd('!')[1..^1]]), IsAtomicMap = type.EndsWith('!') };
        if (type[0] != '[')
            return Scalar(type);
        var keys = field.Length < 3 ? [] : field[2].Split(',');
        return new SchemaNode
        {
            Type = "array",
            Items = Field(["", type[1..^1]]),
            List = keys switch { [] => ListKind.Atomic, ["set"] => ListKind.Set, _ => ListKind.Map },
            MapKeys = keys is ["set"] ? [] : keys,
        };
    }

    private static SchemaNode Scalar(string type) => type switch
    {
        "s" => Text,
        "i" => new SchemaNode { Type = "integer" },
        "n" => new SchemaNode { Type = "number" },
        "b" => new SchemaNode { Type = "boolean" },
        "t" => Text with { Format = "date-time" },
        "q" or "x" => SchemaNode.Any with { PreservesUnknown = true },
        _ => Type(type),
    };

    private static class ObjectMeta
    {
        public static readonly SchemaNode Schema = SchemaNode.Struct with
        {
            Properties = new Dictionary<string, SchemaNode>(StringComparer.Ordinal)
            {
                ["labels"] = new() { Type = "object", Additional = Text },
                ["annotations"] = new() { Type = "object", Additional = Text },
                ["finalizers"] = new() { Type = "array", List = ListKind.Set, Items = Text },
                ["ownerReferences"] = new()
                {
                    Type = "array",
                    List = ListKind.Map,
                    MapKeys = ["uid"],
                    Items = SchemaNode.Struct with { IsAtomicMap = true },
                },
            },
        };
    }
}
