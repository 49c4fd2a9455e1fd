using System.Globalization;
using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Tables;

/// <summary>Columns of events, as k8s.io/kubernetes/pkg/printers/internalversion prints them.</summary>
internal static class EventColumns
{
    /// <summary>LAST SEEN TYPE REASON OBJECT MESSAGE, and with -o wide SUBOBJECT SOURCE FIRST SEEN COUNT NAME.</summary>
    public static IReadOnlyList<TableColumn> All { get; } =
    [
        TableColumn.Text("Last Seen", "When it was last observed.", static (e, now) => LastSeen(e, now)),
        TableColumn.Text("Type", "Normal or Warning.", static (e, _) => Cells.Text(e, "type") ?? string.Empty),
        TableColumn.Text("Reason", "Machine-readable cause.", static (e, _) => Cells.Text(e, "reason") ?? string.Empty),
        TableColumn.Text("Object", "The object that the event is about.", static (e, _) => Target(e)),
        TableColumn.Text("Subobject", "Part of the object.", static (e, _) => Cells.Text(e, "involvedObject", "fieldPath") ?? string.Empty, 1),
        TableColumn.Text("Source", "Who reported it.", static (e, _) => Source(e), 1),
        TableColumn.Text("Message", "What happened.", static (e, _) => (Cells.Text(e, "message") ?? string.Empty).Trim()),
        TableColumn.Text("First Seen", "When it was first observed.", static (e, now) => FirstSeen(e, now), 1),
        TableColumn.Text("Count", "How often it was observed.", static (e, _) => Count(e), 1),
        TableColumn.ObjectName with { Priority = 1 },
    ];

    private static string FirstSeen(JsonObject e, DateTimeOffset now) =>
        HumanDuration.Since(Cells.Text(e, "firstTimestamp") ?? Cells.Text(e, "eventTime"), now);

    private static string LastSeen(JsonObject e, DateTimeOffset now) =>
        Cells.Text(e, "series", "lastObservedTime") is { } observed ? HumanDuration.Since(observed, now)
        : Cells.Text(e, "lastTimestamp") is { } last ? HumanDuration.Since(last, now)
        : FirstSeen(e, now);

    private static string Count(JsonObject e)
    {
        var count = Cells.At(e, "series") is JsonObject series ? Cells.Integer(series, "count") : Math.Max(1, Cells.Integer(e, "count"));
        return count.ToString(CultureInfo.InvariantCulture);
    }

    private static string Target(JsonObject e)
    {
        var kind = (Cells.Text(e, "involvedObject", "kind") ?? string.Empty).ToLowerInvariant();
        return Cells.Text(e, "involvedObject", "name") is { Length: > 0 } name ? $"{kind}/{name}" : kind;
    }

    private static string Source(JsonObject e)
    {
        var component = Cells.Text(e, "source", "component") is { Length: > 0 } own ? own : Cells.Text(e, "reportingComponent");
        var host = Cells.Text(e, "source", "host") is { Length: > 0 } place ? place : Cells.Text(e, "reportingInstance");
        return string.Join(", ", new[] { component, host }.Where(part => !string.IsNullOrEmpty(part)));
    }
}
