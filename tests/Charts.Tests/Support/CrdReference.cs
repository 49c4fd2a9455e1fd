using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Vnetcni.Charts.Tests.Support;

/// <summary>The page docs/install/crd-reference.md, from the CustomResourceDefinitions.</summary>
internal static class CrdReference
{
    public static string Of(IEnumerable<JsonObject> crds)
    {
        var page = new StringBuilder();
        page.Append("""
            # Reference of the kinds

            Made from `crds/` by `eng/crd-reference.sh`; a test keeps it in step. `kubectl explain nodeippoolclass.spec --recursive` shows the same on a cluster.

            """);
        foreach (var crd in crds)
            Kind(page, crd["spec"]!.AsObject());
        return page.ToString();
    }

    private static void Kind(StringBuilder page, JsonObject spec)
    {
        var names = spec["names"]!;
        var version = spec["versions"]![0]!;
        var schema = version["schema"]!["openAPIV3Schema"]!.AsObject();
        Line(page, $"\n## {names["kind"]}\n");
        Line(page, $"{schema["description"]} `apiVersion: {spec["group"]}/{version["name"]}`, {((string)spec["scope"]!).ToLowerInvariant()}-scoped; short name `{names["shortNames"]![0]}`.\n");
        Line(page, "| column | from | |\n|---|---|---|");
        foreach (var column in (JsonArray)version["additionalPrinterColumns"]!)
        {
            var wide = column!["priority"] is null ? string.Empty : " (`-o wide`)";
            Line(page, $"| {((string)column["name"]!).ToUpperInvariant()}{wide} | `{column["jsonPath"]}` | {Cell((string?)column["description"])} |");
        }

        foreach (var part in new[] { "spec", "status" })
        {
            Line(page, $"\n### {names["kind"]} {part}\n\n| field | type | default | |\n|---|---|---|---|");
            Fields(page, schema["properties"]![part]!.AsObject(), part);
        }

        var rules = new List<string>();
        Rules(schema, rules);
        if (rules.Count == 0)
            return;
        Line(page, $"\n### {names["kind"]} rules\n");
        foreach (var rule in rules)
            Line(page, $"- {rule}");
    }

    private static void Fields(StringBuilder page, JsonObject schema, string path)
    {
        var required = Manifests.Strings(schema["required"]);
        foreach (var (name, node) in (schema["properties"] as JsonObject) ?? [])
        {
            var field = node!.AsObject();
            var inner = field["items"] is JsonObject items ? items : field;
            var at = $"{path}.{name}{(field["items"] is null ? string.Empty : "[]")}";
            var text = Cell((string?)field["description"]);
            var must = required.Contains(name) ? "**required.** " : string.Empty;
            var preset = field["default"] is { } value ? $"`{value.ToJsonString().Trim('"')}`" : string.Empty;
            Line(page, $"| `{at[(at.IndexOf('.', StringComparison.Ordinal) + 1)..]}` | {Type(field)} | {preset} | {must}{text} |");
            Fields(page, inner, at);
        }
    }

    private static string Type(JsonObject field)
    {
        if (field["items"] is JsonObject items)
            return $"list of {Type(items)}{(field["maxItems"] is { } most ? $", at most {most}" : string.Empty)}";
        if (field["enum"] is JsonArray choices)
            return string.Join(" or ", choices.Select(c => $"`{c}`"));
        var type = (string?)field["type"] ?? "any";
        if (field["minimum"] is { } least && field["maximum"] is { } largest)
            return string.Create(CultureInfo.InvariantCulture, $"{type}, {least} to {largest}");
        if (field["minimum"] is { } only)
            return string.Create(CultureInfo.InvariantCulture, $"{type}, at least {only}");
        return field["maxLength"] is { } longest ? $"{type}, at most {longest} characters" : type;
    }

    private static void Rules(JsonNode? node, List<string> rules)
    {
        if (node is not JsonObject schema)
            return;
        foreach (var rule in (schema["x-kubernetes-validations"] as JsonArray) ?? [])
        {
            if ((string?)rule!["message"] is { } message && !rules.Contains(message))
                rules.Add(message);
        }

        foreach (var (_, child) in (schema["properties"] as JsonObject) ?? [])
            Rules(child, rules);
        Rules(schema["items"], rules);
    }

    private static string Cell(string? text) => (text ?? string.Empty).Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ").Trim();

    private static void Line(StringBuilder page, string text) => page.Append(text).Append('\n');
}
