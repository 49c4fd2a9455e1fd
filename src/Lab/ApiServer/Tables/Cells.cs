using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Tables;

/// <summary>Reads values out of objects for cells. Objects come from clients: any field may have any shape.</summary>
internal static class Cells
{
    /// <summary>The node under nested members, or null.</summary>
    public static JsonNode? At(JsonNode? node, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            node = (node as JsonObject)?[name];
        return node;
    }

    /// <summary>A string under nested members, or null.</summary>
    public static string? Text(JsonNode? node, params ReadOnlySpan<string> names) =>
        At(node, names) is { } value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    /// <summary>An array under nested members; empty when there is none.</summary>
    public static IEnumerable<JsonNode?> Items(JsonNode? node, params ReadOnlySpan<string> names) =>
        At(node, names) as JsonArray ?? [];

    /// <summary>The text, or <c>&lt;none&gt;</c>.</summary>
    public static string OrNone(string? text) => string.IsNullOrEmpty(text) ? "<none>" : text;

    /// <summary>The text, or <c>&lt;unknown&gt;</c>.</summary>
    public static string OrUnknown(string? text) => string.IsNullOrEmpty(text) ? "<unknown>" : text;

    /// <summary>A JSON number as a double, whatever the CLR type inside is.</summary>
    public static double Number(JsonNode node) =>
        double.Parse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>An integer under nested members; 0 when there is none.</summary>
    public static long Integer(JsonNode? node, params ReadOnlySpan<string> names) =>
        At(node, names) is { } value && value.GetValueKind() == JsonValueKind.Number ? (long)Number(value) : 0;

    /// <summary>Whether a boolean under nested members is true.</summary>
    public static bool IsTrue(JsonNode? node, params ReadOnlySpan<string> names) =>
        At(node, names)?.GetValueKind() == JsonValueKind.True;
}
