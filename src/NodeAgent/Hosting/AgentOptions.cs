namespace Vnetcni.NodeAgent.Hosting;

/// <summary>How the process was started.</summary>
internal sealed record AgentOptions
{
    /// <summary>The node's name in Kubernetes.</summary>
    public string NodeName { get; init; } = string.Empty;

    /// <summary>The CNI socket; spool and alive file lie beside it.</summary>
    public string Socket { get; init; } = AgentProtocol.AgentPaths.DefaultSocket;

    /// <summary>Where checkpoint and lock are kept, on tmpfs; empty = beside the socket.</summary>
    public string RunFolder { get; init; } = string.Empty;

    /// <summary><c>kubernetes</c>, or <c>file:PATH</c>.</summary>
    public string Pool { get; init; } = "kubernetes";

    /// <summary>A kubeconfig; empty = the service account of the pod.</summary>
    public string Kubeconfig { get; init; } = string.Empty;

    /// <summary>The NIC that carries the addresses; empty = the one of the default route.</summary>
    public string Nic { get; init; } = string.Empty;

    /// <summary>The VM's id; empty = not compared.</summary>
    public string VmId { get; init; } = string.Empty;

    /// <summary>Prefix of host interface names.</summary>
    public string VethPrefix { get; init; } = "azv";

    /// <summary>Address and port of health and metrics.</summary>
    public string Http { get; init; } = "0.0.0.0:9468";

    /// <summary>Where to write the network configuration when the agent first serves; empty = nowhere.</summary>
    public string Conflist { get; init; } = string.Empty;

    /// <summary>Name of the network in that configuration.</summary>
    public string Network { get; init; } = "vnetcni";

    /// <summary>Plug-ins that run after ours, separated by commas; empty = none.</summary>
    public string ChainedPlugins { get; init; } = string.Empty;

    /// <summary>The container runtime's socket; empty = the first usual one that is there, <c>none</c> = none is asked.</summary>
    public string CriSocket { get; init; } = string.Empty;

    /// <summary><c>run</c>, or <c>clean-up</c>: take everything off this node, then end.</summary>
    public string Task { get; init; } = "run";

    /// <summary>For <c>clean-up</c>: the CNI binary as installed; empty = it stays.</summary>
    public string CniBinary { get; init; } = string.Empty;

    /// <summary>Least level that is logged.</summary>
    public string LogLevel { get; init; } = "Information";

    /// <summary>The pool file, or null for Kubernetes.</summary>
    public string? PoolFile => Pool.StartsWith("file:", StringComparison.Ordinal) ? Pool["file:".Length..] : null;
}
