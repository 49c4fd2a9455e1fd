using k8s;
using k8s.Models;
using Vnetcni.Api.Names;

namespace Vnetcni.Api.VirtualNetworks;

/// <summary>The budget of pod addresses of one Azure virtual network.</summary>
public sealed class VirtualNetwork : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Kind name.</summary>
    public const string KindName = "VirtualNetwork";

    /// <summary>Resource name in URLs.</summary>
    public const string Plural = "virtualnetworks";

    /// <inheritdoc/>
    public string ApiVersion { get; set; } = ApiGroup.ApiVersion;

    /// <inheritdoc/>
    public string Kind { get; set; } = KindName;

    /// <inheritdoc/>
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>Limits; written by the operator only when it made the object.</summary>
    public VirtualNetworkSpec? Spec { get; set; }

    /// <summary>The count, and reservations in flight.</summary>
    public VirtualNetworkStatus? Status { get; set; }
}
