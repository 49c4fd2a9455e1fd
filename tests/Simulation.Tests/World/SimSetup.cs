using k8s.Models;
using Vnetcni.Api.Durations;
using Vnetcni.Api.NodeIpPoolClasses;
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

    public static void Objects(InMemoryKubeApi person, SimCloud cloud, SimOptions options)
    {
        person.Seed(KubeKinds.Namespaces, new V1Namespace { Metadata = new V1ObjectMeta { Name = "kube-system" } });
        person.Seed(ApiKinds.NodeIpPoolClass.ToKubeKind(), new NodeIpPoolClass
        {
            Metadata = new V1ObjectMeta { Name = "all" },
            Spec = new NodeIpPoolClassSpec
            {
                Pool = options.Pool,
                Dataplane = new DataplaneSettings { AddTimeout = KubeDuration.Format(options.AddTimeout) },
            },
        });
        var vnet = $"/subscriptions/{cloud.Scenario.Subscription}/resourceGroups/{cloud.Scenario.ResourceGroup}/providers/Microsoft.Network/virtualNetworks/vnet";
        person.Seed(ApiKinds.VirtualNetwork.ToKubeKind(), new VirtualNetwork
        {
            Metadata = new V1ObjectMeta { Name = VirtualNetworkNames.For(vnet) },
            Spec = new VirtualNetworkSpec { ResourceId = vnet, PodAddressLimit = options.VNetLimit },
        });
        for (var i = 1; i <= options.Nodes; i++)
        {
            person.Seed(KubeKinds.Nodes, new V1Node
            {
                Metadata = new V1ObjectMeta
                {
                    Name = NodeName(i),
                    Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["kubernetes.io/os"] = "linux" },
                },
                Spec = new V1NodeSpec { ProviderID = $"azure://{cloud.VmResource(i)}" },
            });
        }
    }

    /// <summary>Our kind as the runtime takes it.</summary>
    public static KubeKind<T> ToKubeKind<T>(this ApiKind<T> kind)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta> =>
        new(kind.Group, kind.Version, kind.Plural, kind.Kind, kind.Namespaced, kind.Read, kind.Write);
}
