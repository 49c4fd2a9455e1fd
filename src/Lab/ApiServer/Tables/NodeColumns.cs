using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Tables;

/// <summary>Columns of nodes, as k8s.io/kubernetes/pkg/printers/internalversion prints them.</summary>
internal static class NodeColumns
{
    private const string RolePrefix = "node-role.kubernetes.io/";

    /// <summary>NAME STATUS ROLES AGE VERSION, and with -o wide addresses and what the node runs.</summary>
    public static IReadOnlyList<TableColumn> All { get; } =
    [
        TableColumn.ObjectName,
        TableColumn.Text("Status", "The status of the node", static (node, _) => Status(node)),
        TableColumn.Text("Roles", "The roles of the node", static (node, _) => Roles(node)),
        TableColumn.Age,
        TableColumn.Text("Version", "Kubelet Version reported by the node.", static (node, _) => Cells.Text(node, "status", "nodeInfo", "kubeletVersion") ?? string.Empty),
        TableColumn.Text("Internal-IP", "Address inside the network.", static (node, _) => Address(node, "InternalIP"), 1),
        TableColumn.Text("External-IP", "Address on the outside.", static (node, _) => Address(node, "ExternalIP"), 1),
        TableColumn.Text("OS-Image", "Operating system.", static (node, _) => Info(node, "osImage"), 1),
        TableColumn.Text("Kernel-Version", "Kernel.", static (node, _) => Info(node, "kernelVersion"), 1),
        TableColumn.Text("Container-Runtime", "Container runtime.", static (node, _) => Info(node, "containerRuntimeVersion"), 1),
    ];

    private static string Status(JsonObject node)
    {
        var ready = Cells.Items(node, "status", "conditions").FirstOrDefault(c => Cells.Text(c, "type") == "Ready");
        var status = ready is null ? "Unknown" : Cells.Text(ready, "status") == "True" ? "Ready" : "NotReady";
        return Cells.IsTrue(node, "spec", "unschedulable") ? status + ",SchedulingDisabled" : status;
    }

    private static string Roles(JsonObject node)
    {
        var labels = Cells.At(node, "metadata", "labels") as JsonObject ?? [];
        var roles = labels
            .Select(label => label.Key.StartsWith(RolePrefix, StringComparison.Ordinal) ? label.Key[RolePrefix.Length..]
                : label.Key == "kubernetes.io/role" ? label.Value?.ToString() ?? string.Empty : string.Empty)
            .Where(role => role.Length > 0)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);
        return Cells.OrNone(string.Join(',', roles));
    }

    private static string Address(JsonObject node, string type) =>
        Cells.OrNone(Cells.Text(Cells.Items(node, "status", "addresses").FirstOrDefault(a => Cells.Text(a, "type") == type), "address"));

    private static string Info(JsonObject node, string member) => Cells.OrUnknown(Cells.Text(node, "status", "nodeInfo", member));
}
