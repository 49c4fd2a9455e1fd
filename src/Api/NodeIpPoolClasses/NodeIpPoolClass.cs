using k8s;
using k8s.Models;
using Vnetcni.Api.Names;

namespace Vnetcni.Api.NodeIpPoolClasses;

/// <summary>Policy for the nodes that it selects.</summary>
public sealed class NodeIpPoolClass : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Kind name.</summary>
    public const string KindName = "NodeIpPoolClass";

    /// <summary>Resource name in URLs.</summary>
    public const string Plural = "nodeippoolclasses";

    /// <inheritdoc/>
    public string ApiVersion { get; set; } = ApiGroup.ApiVersion;

    /// <inheritdoc/>
    public string Kind { get; set; } = KindName;

    /// <inheritdoc/>
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>The policy; never written by the product.</summary>
    public NodeIpPoolClassSpec? Spec { get; set; }

    /// <summary>Sums over its nodes.</summary>
    public NodeIpPoolClassStatus? Status { get; set; }
}
