using k8s;
using k8s.Models;
using Vnetcni.Api.Names;

namespace Vnetcni.Api.NodeIpPools;

/// <summary>The pod addresses of one node; <c>metadata.name</c> is the node's name.</summary>
public sealed class NodeIpPool : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Kind name.</summary>
    public const string KindName = "NodeIpPool";

    /// <summary>Resource name in URLs.</summary>
    public const string Plural = "nodeippools";

    /// <inheritdoc/>
    public string ApiVersion { get; set; } = ApiGroup.ApiVersion;

    /// <inheritdoc/>
    public string Kind { get; set; } = KindName;

    /// <inheritdoc/>
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted: the class's settings resolved, or a person's own.</summary>
    public NodeIpPoolSpec? Spec { get; set; }

    /// <summary>What is: the operator's part, and the agent's in <see cref="NodeIpPoolStatus.Usage"/>.</summary>
    public NodeIpPoolStatus? Status { get; set; }
}
