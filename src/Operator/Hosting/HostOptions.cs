namespace Vnetcni.Operator.Hosting;

/// <summary>How the process was started.</summary>
internal sealed record HostOptions
{
    /// <summary>A kubeconfig; empty = the service account of the pod.</summary>
    public string Kubeconfig { get; init; } = string.Empty;

    /// <summary>Name of this replica; a random part is added, since no two processes may share a name.</summary>
    public string Identity { get; init; } = string.Empty;

    /// <summary>Namespace of the lease.</summary>
    public string LeaseNamespace { get; init; } = "vnetcni-system";

    /// <summary>Name of the lease; empty = no election.</summary>
    public string LeaseName { get; init; } = "vnetcni-operator";

    /// <summary>public, usgov or china.</summary>
    public string Cloud { get; init; } = "public";

    /// <summary>ARM's address; empty = the cloud's.</summary>
    public string ArmEndpoint { get; init; } = string.Empty;

    /// <summary>PEM file with the only certificates to trust for ARM; empty = the machine's.</summary>
    public string ArmCaFile { get; init; } = string.Empty;

    /// <summary>workload, managed, secret or static.</summary>
    public string ArmIdentity { get; init; } = "workload";

    /// <summary>Address and port of health and metrics.</summary>
    public string Http { get; init; } = "0.0.0.0:9467";

    /// <summary>The most pod addresses per node.</summary>
    public string PerNode { get; init; } = "250";

    /// <summary>The most pod addresses per virtual network.</summary>
    public string PerVnet { get; init; } = "16000";

    /// <summary>Pools worked on at a time.</summary>
    public string Workers { get; init; } = "32";

    /// <summary>true = ARM writes are only told.</summary>
    public string DryRun { get; init; } = "false";

    /// <summary>Least level that is logged.</summary>
    public string LogLevel { get; init; } = "Information";
}
