using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Tables;

/// <summary>What a table row carries besides its cells.</summary>
internal enum RowObject
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The object's metadata; the default.</summary>
    Metadata,

    /// <summary>The whole object.</summary>
    Object,
}

/// <summary>Turns objects and lists into <c>meta.k8s.io/v1</c> tables and metadata.</summary>
/// <param name="columns">The columns of the kind.</param>
/// <param name="time">Ages are counted to its now.</param>
internal sealed class TableFormat(IReadOnlyList<TableColumn> columns, TimeProvider time)
{
    /// <summary>The metadata of a list or table.</summary>
    public static JsonObject MetadataOf(string resourceVersion) => new() { ["resourceVersion"] = resourceVersion };

    /// <summary>A table of objects.</summary>
    public JsonObject Table(IEnumerable<JsonObject> items, JsonObject metadata, RowObject include, bool headers)
    {
        var now = time.GetUtcNow();
        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = metadata,
            ["columnDefinitions"] = headers ? new JsonArray([.. columns.Select(c => c.Definition())]) : null,
            ["rows"] = new JsonArray([.. items.Select(item => Row(item, include, now))]),
        };
    }

    /// <summary>An object's metadata alone.</summary>
    public static JsonObject Metadata(JsonObject item) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = item["metadata"]?.DeepClone(),
    };

    /// <summary>The metadata of objects alone.</summary>
    public static JsonObject MetadataList(IEnumerable<JsonObject> items, JsonObject metadata) => new()
    {
        ["kind"] = "PartialObjectMetadataList",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = metadata,
        ["items"] = new JsonArray([.. items.Select(Metadata)]),
    };

    private JsonObject Row(JsonObject item, RowObject include, DateTimeOffset now)
    {
        var row = new JsonObject { ["cells"] = new JsonArray([.. columns.Select(c => c.Cell(item, now))]) };
        if (include != RowObject.None)
            row["object"] = include == RowObject.Object ? item.DeepClone() : Metadata(item);
        return row;
    }
}
