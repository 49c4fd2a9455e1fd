using System.Globalization;
using System.Text.Json.Nodes;

namespace Vnetcni.Lab.ApiServer.Tables;

/// <summary>Columns of pods, as k8s.io/kubernetes/pkg/printers/internalversion prints them.</summary>
internal static class PodColumns
{
    /// <summary>NAME READY STATUS RESTARTS AGE, and with -o wide IP NODE NOMINATED NODE READINESS GATES.</summary>
    public static IReadOnlyList<TableColumn> All { get; } =
    [
        TableColumn.ObjectName,
        TableColumn.Text("Ready", "The aggregate readiness state of this pod for accepting traffic.", static (pod, _) => Ready(pod)),
        TableColumn.Text("Status", "The aggregate status of the containers in this pod.", static (pod, _) => Status(pod)),
        TableColumn.Text("Restarts", "The number of times the containers in this pod have been restarted.", static (pod, now) => Restarts(pod, now)),
        TableColumn.Age,
        TableColumn.Text("IP", "Address of the pod.", static (pod, _) => Cells.OrNone(Cells.Text(Cells.Items(pod, "status", "podIPs").FirstOrDefault(), "ip") ?? Cells.Text(pod, "status", "podIP")), 1),
        TableColumn.Text("Node", "Node that the pod is bound to.", static (pod, _) => Cells.OrNone(Cells.Text(pod, "spec", "nodeName")), 1),
        TableColumn.Text("Nominated Node", "Node that the scheduler makes room on.", static (pod, _) => Cells.OrNone(Cells.Text(pod, "status", "nominatedNodeName")), 1),
        TableColumn.Text("Readiness Gates", "Extra conditions that readiness waits for.", static (pod, _) => Gates(pod), 1),
    ];

    private static string Ready(JsonObject pod)
    {
        var ready = Cells.Items(pod, "status", "containerStatuses").Count(c => Cells.IsTrue(c, "ready") && Cells.At(c, "state", "running") is not null);
        return string.Create(CultureInfo.InvariantCulture, $"{ready}/{Cells.Items(pod, "spec", "containers").Count()}");
    }

    private static string Status(JsonObject pod)
    {
        var phase = Cells.Text(pod, "status", "phase") ?? string.Empty;
        var reason = Cells.Text(pod, "status", "reason") is { Length: > 0 } own ? own : phase;
        foreach (var container in Cells.Items(pod, "status", "containerStatuses").Reverse())
        {
            if (Cells.Text(container, "state", "waiting", "reason") is { Length: > 0 } waiting)
                reason = waiting;
            else if (Cells.At(container, "state", "terminated") is { } ended)
                reason = Ended(ended);
        }

        if (Cells.Text(pod, "metadata", "deletionTimestamp") is null)
            return reason;
        return Cells.Text(pod, "status", "reason") == "NodeLost" ? "Unknown" : phase is "Failed" or "Succeeded" ? reason : "Terminating";
    }

    private static string Ended(JsonNode ended)
    {
        if (Cells.Text(ended, "reason") is { Length: > 0 } reason)
            return reason;
        return Cells.Integer(ended, "signal") is var signal and not 0
            ? string.Create(CultureInfo.InvariantCulture, $"Signal:{signal}")
            : string.Create(CultureInfo.InvariantCulture, $"ExitCode:{Cells.Integer(ended, "exitCode")}");
    }

    private static string Restarts(JsonObject pod, DateTimeOffset now)
    {
        var containers = Cells.Items(pod, "status", "containerStatuses").ToArray();
        var count = containers.Sum(c => Cells.Integer(c, "restartCount"));
        var last = containers.Select(c => Cells.Text(c, "lastState", "terminated", "finishedAt")).Where(t => t is not null).Max(StringComparer.Ordinal);
        return count > 0 && last is not null
            ? string.Create(CultureInfo.InvariantCulture, $"{count} ({HumanDuration.Since(last, now)} ago)")
            : count.ToString(CultureInfo.InvariantCulture);
    }

    private static string Gates(JsonObject pod)
    {
        var gates = Cells.Items(pod, "spec", "readinessGates").Select(g => Cells.Text(g, "conditionType")).ToArray();
        if (gates.Length == 0)
            return "<none>";
        var met = gates.Count(gate => Cells.Items(pod, "status", "conditions").Any(c => Cells.Text(c, "type") == gate && Cells.Text(c, "status") == "True"));
        return string.Create(CultureInfo.InvariantCulture, $"{met}/{gates.Length}");
    }
}
