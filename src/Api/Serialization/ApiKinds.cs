using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using k8s;
using k8s.Models;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.VirtualNetworks;

namespace Vnetcni.Api.Serialization;

/// <summary>Our kinds.</summary>
public static class ApiKinds
{
    /// <summary>The pool of a node.</summary>
    public static ApiKind<NodeIpPool> NodeIpPool { get; } =
        Make(NodeIpPools.NodeIpPool.Plural, NodeIpPools.NodeIpPool.KindName, VnetcniJsonContext.Default.NodeIpPool);

    /// <summary>The policy of nodes.</summary>
    public static ApiKind<NodeIpPoolClass> NodeIpPoolClass { get; } = Make(
        NodeIpPoolClasses.NodeIpPoolClass.Plural,
        NodeIpPoolClasses.NodeIpPoolClass.KindName,
        VnetcniJsonContext.Default.NodeIpPoolClass);

    /// <summary>The budget of a virtual network.</summary>
    public static ApiKind<VirtualNetwork> VirtualNetwork { get; } = Make(
        VirtualNetworks.VirtualNetwork.Plural,
        VirtualNetworks.VirtualNetwork.KindName,
        VnetcniJsonContext.Default.VirtualNetwork);

    private static ApiKind<T> Make<T>(string plural, string kind, JsonTypeInfo<T> type)
        where T : class, IKubernetesObject<V1ObjectMeta> => new(
            ApiGroup.Group,
            ApiGroup.Version,
            plural,
            kind,
            Namespaced: false,
            body => JsonSerializer.Deserialize(body.Span, type) ?? throw new JsonException($"a {kind} is null"),
            value => JsonSerializer.SerializeToUtf8Bytes(value, type));
}
