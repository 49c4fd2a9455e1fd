using Vnetcni.Api.Settings;

namespace Vnetcni.Api.NodeIpPoolClasses;

/// <summary>Which nodes a class takes and how their pools are run.</summary>
public sealed record NodeIpPoolClassSpec : INodeSettings
{
    /// <summary>Labels of the nodes; empty or null takes all.</summary>
    public NodeSelector? NodeSelector { get; init; }

    /// <summary>The highest wins, then the first name; default 0.</summary>
    public int? Priority { get; init; }

    /// <inheritdoc/>
    public NetworkInterfaceSettings? NetworkInterface { get; init; }

    /// <inheritdoc/>
    public PoolSettings? Pool { get; init; }

    /// <inheritdoc/>
    public SnatSettings? Snat { get; init; }

    /// <inheritdoc/>
    public string? MetadataAccess { get; init; }

    /// <inheritdoc/>
    public DataplaneSettings? Dataplane { get; init; }

    /// <summary>Whether ARM writes are only told (events, metrics) and not done; default false.</summary>
    public bool? DryRun { get; init; }
}
