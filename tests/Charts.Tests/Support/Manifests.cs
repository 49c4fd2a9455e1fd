using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Vnetcni.Charts.Tests.Support;

/// <summary>YAML documents as JSON objects. A key that stands twice is an error.</summary>
internal static class Manifests
{
    public static IReadOnlyList<JsonObject> Parse(string yaml)
    {
        var stream = new YamlStream();
        using var reader = new StringReader(yaml);
        stream.Load(reader);
        return [.. stream.Documents.Select(document => Convert(document.RootNode)).OfType<JsonObject>()];
    }

    public static JsonObject One(IReadOnlyList<JsonObject> objects, string kind, string ending = "") =>
        Assert.Single(objects, o => Kind(o) == kind && Name(o).EndsWith(ending, StringComparison.Ordinal));

    public static string Kind(JsonObject value) => (string?)value["kind"] ?? string.Empty;

    public static string Name(JsonObject value) => (string?)value["metadata"]?["name"] ?? string.Empty;

    /// <summary>The pod (template) of a workload, or null.</summary>
    public static JsonObject? PodSpec(JsonObject value) => Kind(value) switch
    {
        "Pod" => value["spec"] as JsonObject,
        "Deployment" or "DaemonSet" or "Job" => value["spec"]?["template"]?["spec"] as JsonObject,
        _ => null,
    };

    public static IEnumerable<JsonObject> Containers(JsonObject podSpec) =>
        ((JsonArray?)podSpec["initContainers"] ?? []).Concat((JsonArray?)podSpec["containers"] ?? []).OfType<JsonObject>();

    public static string[] Strings(JsonNode? list) => list is JsonArray values ? [.. values.Select(v => (string)v!)] : [];

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
}
