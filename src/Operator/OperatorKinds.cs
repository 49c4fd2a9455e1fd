using k8s;
using k8s.Models;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Serialization;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.Operator;

/// <summary>Our kinds as the client of the API server takes them.</summary>
public static class OperatorKinds
{
    /// <summary>The pool of a node.</summary>
    public static KubeKind<NodeIpPool> Pools { get; } = Of(ApiKinds.NodeIpPool);

    /// <summary>The policy of nodes.</summary>
    public static KubeKind<NodeIpPoolClass> Classes { get; } = Of(ApiKinds.NodeIpPoolClass);

    /// <summary>The budget of a virtual network.</summary>
    public static KubeKind<VirtualNetwork> VirtualNetworks { get; } = Of(ApiKinds.VirtualNetwork);

    private static KubeKind<T> Of<T>(ApiKind<T> kind)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        new(kind.Group, kind.Version, kind.Plural, kind.Kind, kind.Namespaced, kind.Read, kind.Write);
}
