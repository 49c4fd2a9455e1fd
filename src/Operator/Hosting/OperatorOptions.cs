namespace Vnetcni.Operator.Hosting;

/// <summary>How the process was started.</summary>
internal sealed record OperatorOptions
{
    /// <summary>A kubeconfig; empty = the service account of the pod.</summary>
    public string Kubeconfig { get; init; } = string.Empty;

    /// <summary>Name of this replica: holder of the lease, source of events.</summary>
    public string Identity { get; init; } = string.Empty;

    /// <summary>Namespace of the lease.</summary>
    public string LeaseNamespace { get; init; } = "vnetcni-system";

    /// <summary>Name of the lease.</summary>
    public string LeaseName { get; init; } = "vnetcni-operator";

    /// <summary>Base address of ARM.</summary>
    public string ArmEndpoint { get; init; } = string.Empty;

    /// <summary>PEM file with the only certificates to trust for ARM; empty = the machine's roots.</summary>
    public string ArmCaFile { get; init; } = string.Empty;

    /// <summary>workload, managed, secret, or static for the simulator.</summary>
    public string ArmIdentity { get; init; } = "workload";

    /// <summary>Address and port of health and metrics.</summary>
    public string Http { get; init; } = "0.0.0.0:9467";

    /// <summary>Pod addresses per node.</summary>
    public string PerNode { get; init; } = "250";

    /// <summary>Pod addresses per virtual network.</summary>
    public string PerVirtualNetwork { get; init; } = "16000";

    /// <summary>Whether ARM writes are only told.</summary>
    public string DryRun { get; init; } = "false";

    /// <summary>Least level that is logged.</summary>
    public string LogLevel { get; init; } = "Information";
}
