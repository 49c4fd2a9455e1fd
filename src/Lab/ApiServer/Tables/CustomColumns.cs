using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Resources;

namespace Vnetcni.Lab.ApiServer.Tables;

/// <summary>
/// Columns of a custom resource, from <c>additionalPrinterColumns</c>; the rules of the real server's
/// apiextensions-apiserver/pkg/registry/customresource/tableconvertor.
/// </summary>
internal static class CustomColumns
{
    /// <summary>The name, then the definition's columns; without any, the age.</summary>
    /// <exception cref="FormatException">A column's JSONPath cannot be read.</exception>
    public static IReadOnlyList<TableColumn> From(IReadOnlyList<PrinterColumn> definitions) =>
        definitions.Count == 0
            ? [TableColumn.ObjectName, Column(new PrinterColumn("Age", "date", ".metadata.creationTimestamp"))]
            : [TableColumn.ObjectName, .. definitions.Select(Column)];

    private static TableColumn Column(PrinterColumn definition)
    {
        var path = JsonPath.Parse(definition.JsonPath);
        var description = definition.Description.Length > 0
            ? definition.Description
            : $"Custom resource definition column (in JSONPath format): {definition.JsonPath}";
        return new TableColumn(
            definition.Name, definition.Type, definition.Format, description, definition.Priority,
            (o, now) => path.Find(o) is [{ } value, ..] ? Cell(definition.Type, value, now) : null);
    }

    private static JsonNode? Cell(string type, JsonNode value, DateTimeOffset now)
    {
        var kind = value.GetValueKind();
        return (type, kind) switch
        {
            ("integer", JsonValueKind.Number) => Whole(value),
            ("number", JsonValueKind.Number) => Cells.Number(value),
            ("boolean", JsonValueKind.True or JsonValueKind.False) => kind == JsonValueKind.True,
            ("date", JsonValueKind.String) => HumanDuration.Since(value.GetValue<string>(), now),
            ("string", JsonValueKind.String) => value.GetValue<string>(),
            // Objects and arrays as JSON, numbers and booleans as they are written.
            ("string", _) => value.ToJsonString(),
            _ => null,
        };
    }

    private static long Whole(JsonNode value) =>
        long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : (long)Cells.Number(value);
}
