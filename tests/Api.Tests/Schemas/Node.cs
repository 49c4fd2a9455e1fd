using System.Text.Json.Nodes;

namespace Vnetcni.Api.Tests.Schemas;

/// <summary>One field of a schema and where it stands.</summary>
internal sealed record Node(string Path, JsonObject Schema)
{
    internal string Type => (string?)Schema["type"] ?? string.Empty;

    internal JsonObject Properties => Schema["properties"]?.AsObject() ?? [];

    internal IReadOnlyList<string> Required => Texts("required");

    internal IReadOnlyList<string> Enum => Texts("enum");

    /// <summary>This field and all below it.</summary>
    internal IEnumerable<Node> Walk()
    {
        yield return this;
        var below = Properties.Select(pair => new Node($"{Path}.{pair.Key}", pair.Value!.AsObject()));
        if (Schema["items"] is JsonObject items)
            below = below.Append(new Node($"{Path}[]", items));
        if (Schema["additionalProperties"] is JsonObject values)
            below = below.Append(new Node($"{Path}{{}}", values));
        foreach (var node in below.SelectMany(child => child.Walk()))
            yield return node;
    }

    internal static IEnumerable<Node> All(string plural) =>
        new Node(plural, YamlFiles.Schema(plural)).Walk();

    /// <summary>Without the fields that every Kubernetes object has.</summary>
    internal static IEnumerable<Node> Own(string plural) =>
        All(plural).Where(node => node.Path != $"{plural}.apiVersion" && node.Path != $"{plural}.kind" && node.Path != $"{plural}.metadata");

    private List<string> Texts(string key) =>
        Schema[key]?.AsArray().Select(value => value!.GetValue<string>()).ToList() ?? [];
}
