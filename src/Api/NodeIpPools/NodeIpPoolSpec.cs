using Vnetcni.Api.Durations;
using Vnetcni.Api.Settings;

namespace Vnetcni.Api.NodeIpPools;

/// <summary>What is wanted of a node's pool.</summary>
public sealed record NodeIpPoolSpec : INodeSettings
{
    /// <summary>Name of the Node; equals <c>metadata.name</c>; never changes.</summary>
    public string? NodeName { get; init; }

    /// <summary>Name of the class that the settings come from; empty for a pool that a person wrote.</summary>
    public string? ClassName { get; init; }

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

    /// <summary>The spec that the operator makes for a node: every field of the settings, defaults included.</summary>
    /// <param name="nodeName">The Node.</param>
    /// <param name="className">The class that won.</param>
    /// <param name="settings">Its settings, with the product's limits already applied.</param>
    public static NodeIpPoolSpec Resolve(string nodeName, string className, EffectiveSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new NodeIpPoolSpec
        {
            NodeName = nodeName,
            ClassName = className,
            NetworkInterface = new NetworkInterfaceSettings
            {
                Selector = settings.InterfaceSelector,
                Name = settings.InterfaceName.Length == 0 ? null : settings.InterfaceName,
            },
            Pool = new PoolSettings
            {
                MinFree = settings.MinFree,
                MaxFree = settings.MaxFree,
                BatchSize = settings.BatchSize,
                MaxAddresses = settings.MaxAddresses,
                ReuseCooldown = KubeDuration.Format(settings.ReuseCooldown),
                ReleaseDelay = KubeDuration.Format(settings.ReleaseDelay),
                WarmUp = settings.WarmUp,
            },
            Snat = new SnatSettings { Mode = settings.SnatMode, ExcludedCidrs = settings.ExcludedCidrs },
            MetadataAccess = settings.MetadataAccess,
            Dataplane = new DataplaneSettings
            {
                Mode = settings.DataplaneMode,
                Mtu = settings.Mtu,
                AddTimeout = KubeDuration.Format(settings.AddTimeout),
            },
        };
    }
}
