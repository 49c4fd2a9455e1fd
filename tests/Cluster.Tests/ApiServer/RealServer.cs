using k8s;
using Vnetcni.Cluster.Tests.Fixture;
using Vnetcni.TestSupport.Kubernetes.Contract;

namespace Vnetcni.Cluster.Tests.ApiServer;

/// <summary>The cluster of the tests as the contract's cases want it: an HTTP client with all rights.</summary>
public sealed class RealServer(ClusterFixture cluster) : IDisposable
{
    private Kubernetes? client;
    private ContractTarget? target;

    /// <summary>The target, or a skip.</summary>
    internal ContractTarget Target => target ??= new(Connect(), Guid.NewGuid().ToString("n")[..6]);

    public void Dispose() => client?.Dispose();

    private HttpClient Connect()
    {
        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(cluster.Require().Kubeconfig);
        client = new(configuration);
        client.HttpClient.BaseAddress = new Uri(configuration.Host);
        return client.HttpClient;
    }
}
