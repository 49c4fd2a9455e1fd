using Vnetcni.Lab.Cluster;
using Vnetcni.Lab.Demo;
using Vnetcni.Lab.Nodes;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab;

/// <summary>Where the product's programs lie, and how the lab starts them.</summary>
internal static class LabPrograms
{
    /// <summary>Namespace of the operators' lease.</summary>
    public const string LeaseNamespace = "kube-system";

    /// <summary>Name of the operators' lease.</summary>
    public const string LeaseName = "vnetcni-operator";

    /// <summary>How long a dead leader's lease lasts: short, for people watch.</summary>
    public const string LeaseSeconds = "5";

    /// <summary>The agent.</summary>
    public static string Agent => Of("NodeAgent");

    /// <summary>A program that was built beside the lab.</summary>
    public static string Of(string project) => Path.Combine(AppContext.BaseDirectory, $"Vnetcni.{project}");

    /// <summary>Arguments of a node's agent.</summary>
    public static IReadOnlyList<string> AgentArguments(LabNode node, ControlPlane cluster) =>
    [
        "--node-name", node.Name, "--socket", node.Socket, "--pool", "kubernetes", "--kubeconfig", cluster.NodeKubeConfig,
    ];

    /// <summary>One operator replica, on the machine itself.</summary>
    public static Daemon StartOperator(DemoLab lab, DemoOptions options, int number)
    {
        var name = $"operator-{number}";
        return Daemon.Start(
            name, Path.Combine(options.Folder, $"{name}.log"), null, Of("Operator"),
            [
                "--kubeconfig", lab.Cluster.KubeConfig, "--identity", name, "--lease-namespace", LeaseNamespace, "--lease-name", LeaseName,
                "--lease-seconds", LeaseSeconds,
                "--arm-endpoint", lab.Arm.Endpoint.ToString(), "--arm-ca-file", lab.Arm.Certificate, "--arm-identity", "static",
                "--http", $"127.0.0.1:{19470 + number}",
            ],
            new Dictionary<string, string> { ["VNETCNI_ARM_TOKEN"] = "lab" });
    }
}
