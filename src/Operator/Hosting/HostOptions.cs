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

    /// <summary>Seconds after which others take a lease that is not renewed.</summary>
    public string LeaseSeconds { get; init; } = "15";

    /// <summary>public, usgov or china, or Azure's own names of them.</summary>
    public string Cloud { get; init; } = "public";

    /// <summary>ARM's address; empty = the cloud's.</summary>
    public string ArmEndpoint { get; init; } = string.Empty;

    /// <summary>Resource that the token is asked for; empty = the cloud's, or the address of ARM where that is given.</summary>
    public string ArmAudience { get; init; } = string.Empty;

    /// <summary>Sign-in host; empty = the cloud's.</summary>
    public string AuthorityHost { get; init; } = string.Empty;

    /// <summary>PEM file with the only certificates to trust for ARM; empty = the machine's.</summary>
    public string ArmCaFile { get; init; } = string.Empty;

    /// <summary>workload, managed, secret, certificate or static.</summary>
    public string ArmIdentity { get; init; } = "workload";

    /// <summary>Address and port of health and metrics.</summary>
    public string Http { get; init; } = "0.0.0.0:9467";

    /// <summary>The most pod addresses per node.</summary>
    public string PerNode { get; init; } = "250";

    /// <summary>The most pod addresses per virtual network.</summary>
    public string PerVnet { get; init; } = "16000";

    /// <summary>Pools worked on at a time.</summary>
    public string Workers { get; init; } = "32";

    /// <summary>Percent of each of ARM's limits that is left for others.</summary>
    public string ArmLeftForOthers { get; init; } = "5";

    /// <summary>true = ARM writes are only told.</summary>
    public string DryRun { get; init; } = "false";

    /// <summary><c>run</c>; or of an uninstall: <c>drain</c>, <c>await-clean-up</c>.</summary>
    public string Task { get; init; } = "run";

    /// <summary>For <c>drain</c>: true = also while pods use addresses.</summary>
    public string Force { get; init; } = "false";

    /// <summary>For <c>drain</c>: the operator's Deployment, in the lease's namespace; empty = none is stopped.</summary>
    public string Deployment { get; init; } = string.Empty;

    /// <summary>For <c>drain</c>, the agents' DaemonSet; for <c>await-clean-up</c>, the one that cleans up. Empty = none.</summary>
    public string DaemonSet { get; init; } = string.Empty;

    /// <summary>Least level that is logged.</summary>
    public string LogLevel { get; init; } = "Information";
}
