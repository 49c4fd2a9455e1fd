using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Vnetcni.TestSupport.Kubernetes;

/// <summary>The CustomResourceDefinitions of the repository's folder crds.</summary>
public static class RepositoryCrds
{
    private static readonly Lazy<IReadOnlyList<JsonObject>> Loaded = new(Load);

    /// <summary>All of them, by file name. Not to be modified.</summary>
    public static IReadOnlyList<JsonObject> All => Loaded.Value;

    /// <summary>Takes all limits of values out of schemas, in place.</summary>
    public static void LiftLimits(JsonNode? schema)
    {
        if (schema is JsonObject value)
        {
            foreach (var keyword in new[] { "minimum", "maximum", "minLength", "maxLength", "pattern", "enum", "minItems", "maxItems" })
            {
                // A property of that name is an object.
                if (value[keyword] is not JsonObject)
                    value.Remove(keyword);
            }

            foreach (var (_, child) in value)
                LiftLimits(child);
        }
        else if (schema is JsonArray array)
        {
            foreach (var item in array)
                LiftLimits(item);
        }
    }

    /// <summary>Takes all properties of a name out of schemas, in place.</summary>
    public static void Forget(JsonNode? schema, string property)
    {
        foreach (var child in schema is JsonArray array ? array : (schema as JsonObject)?.Select(static pair => pair.Value) ?? [])
            Forget(child, property);
        if (schema is JsonObject value && value["properties"] is JsonObject properties)
            properties.Remove(property);
    }

    private static List<JsonObject> Load() =>
    [
        .. Directory.GetFiles(Folder(), "*.yaml").Order(StringComparer.Ordinal).SelectMany(Documents),
    ];

    private static IEnumerable<JsonObject> Documents(string path)
    {
        var stream = new YamlStream();
        using var reader = File.OpenText(path);
        stream.Load(reader);
        return [.. stream.Documents.Select(d => Convert(d.RootNode)!.AsObject())];
    }

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(p => KeyValuePair.Create(((YamlScalarNode)p.Key).Value!, Convert(p.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Convert)]),
        YamlScalarNode scalar => Scalar(scalar),
        _ => throw new InvalidDataException($"unexpected {node.NodeType}"),
    };

    private static JsonNode? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value!;
        if (scalar.Style != ScalarStyle.Plain)
            return text;
        if (text is "" or "null" or "~")
            return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return number;
        return bool.TryParse(text, out var flag) ? flag : text;
    }

    private static string Folder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Operator.sln")))
                return Path.Combine(folder.FullName, "crds");
        }

        throw new DirectoryNotFoundException("the repository's root is not above the tests");
    }
}
