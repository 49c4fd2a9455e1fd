using k8s.Models;
using Vnetcni.Api.Durations;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Serialization;
using Vnetcni.Api.Settings;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Simulation.Tests.World.Azure;
using Vnetcni.TestSupport.Kubernetes;

namespace Vnetcni.Simulation.Tests.World;

/// <summary>What people and the cloud provider put there: Nodes, a class, the virtual network's budget.</summary>
internal static class SimSetup
{
    public const string Namespace = "default";

    public static string NodeName(int number) => $"node-{number}";

    public static KubeKind<NodeIpPool> Pools { get; } = ApiKinds.NodeIpPool.ToKubeKind();

    public static KubeKind<VirtualNetwork> Networks { get; } = ApiKinds.VirtualNetwork.ToKubeKind();

    public static string NetworkName(SimCloud cloud) => VirtualNetworkNames.For(NetworkId(cloud));

    public static void Objects(InMemoryKubeApi person, SimCloud cloud, SimOptions options)
    {
        person.Seed(KubeKinds.Namespaces, new V1Namespace { Metadata = new V1ObjectMeta { Name = "vnetcni-system" } });
        person.Seed(ApiKinds.NodeIpPoolClass.ToKubeKind(), new NodeIpPoolClass
        {
            Metadata = new V1ObjectMeta { Name = "all" },
            Spec = new NodeIpPoolClassSpec
            {
                Pool = options.Pool,
                Dataplane = new DataplaneSettings { AddTimeout = KubeDuration.Format(options.AddTimeout) },
            },
        });
        var vnet = NetworkId(cloud);
        person.Seed(ApiKinds.VirtualNetwork.ToKubeKind(), new VirtualNetwork
        {
            Metadata = new V1ObjectMeta { Name = VirtualNetworkNames.For(vnet) },
            Spec = new VirtualNetworkSpec { ResourceId = vnet, PodAddressLimit = options.VNetLimit },
        });
        for (var i = 1; i <= options.Nodes; i++)
        {
            person.Seed(KubeKinds.Nodes, Node(cloud, i));
        }

        if (options.OwnPool)
        {
            person.Seed(Pools, new NodeIpPool
            {
                Metadata = new V1ObjectMeta { Name = NodeName(1) },
                Spec = new NodeIpPoolSpec
                {
                    NodeName = NodeName(1),
                    Pool = options.Pool,
                    Dataplane = new DataplaneSettings { AddTimeout = KubeDuration.Format(options.AddTimeout) },
                },
            });
        }
    }

    public static V1Node Node(SimCloud cloud, int number) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = NodeName(number),
            Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["kubernetes.io/os"] = "linux" },
        },
        Spec = new V1NodeSpec { ProviderID = $"azure://{cloud.VmResource(number)}" },
    };

    private static string NetworkId(SimCloud cloud) =>
        $"/subscriptions/{cloud.Scenario.Subscription}/resourceGroups/{cloud.Scenario.ResourceGroup}/providers/Microsoft.Network/virtualNetworks/vnet";

    /// <summary>Our kind as the runtime takes it.</summary>
    public static KubeKind<T> ToKubeKind<T>(this ApiKind<T> kind)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta> =>
        new(kind.Group, kind.Version, kind.Plural, kind.Kind, kind.Namespaced, kind.Read, kind.Write);
}
