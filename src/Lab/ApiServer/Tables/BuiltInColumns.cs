namespace Vnetcni.Lab.ApiServer.Tables;

/// <summary>Columns of the kinds that every API server has.</summary>
internal static class BuiltInColumns
{
    private static readonly IReadOnlyList<TableColumn> Namespaces =
    [
        TableColumn.ObjectName,
        TableColumn.Text("Status", "The status of the namespace", static (o, _) => Cells.Text(o, "status", "phase") ?? string.Empty),
        TableColumn.Age,
    ];

    private static readonly IReadOnlyList<TableColumn> Leases =
    [
        TableColumn.ObjectName,
        TableColumn.Text("Holder", "Who holds the lease.", static (o, _) => Cells.Text(o, "spec", "holderIdentity") ?? string.Empty),
        TableColumn.Age,
    ];

    // What the real server prints for kinds without columns of their own.
    private static readonly IReadOnlyList<TableColumn> Others =
    [
        TableColumn.ObjectName,
        new("Created At", "date", string.Empty, "When the object was made.", 0, static (o, _) => Cells.Text(o, "metadata", "creationTimestamp") ?? string.Empty),
    ];

    /// <summary>The columns of a resource such as <c>pods</c> or <c>leases.coordination.k8s.io</c>.</summary>
    public static IReadOnlyList<TableColumn> Of(string groupResource) => groupResource switch
    {
        "pods" => PodColumns.All,
        "nodes" => NodeColumns.All,
        "events" or "events.events.k8s.io" => EventColumns.All,
        "namespaces" => Namespaces,
        "leases.coordination.k8s.io" => Leases,
        _ => Others,
    };
}
