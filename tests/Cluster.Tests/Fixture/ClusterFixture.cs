using k8s;
using k8s.Models;
using Vnetcni.Cluster.Tests.Fixture;
using Vnetcni.ControllerRuntime.Api;
using Xunit;

[assembly: AssemblyFixture(typeof(ClusterFixture))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Vnetcni.Cluster.Tests.Fixture;

/// <summary>
/// One real API server for all tests of this assembly. A test asks with <see cref="Require"/>; where there is no server,
/// it is skipped with the reason.
/// </summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private readonly string run = Guid.NewGuid().ToString("n")[..8];
    private ICluster? cluster;
    private string whyNot = "";
    private int names;

    public async ValueTask InitializeAsync()
    {
        (cluster, whyNot) = await ClusterSources.StartAsync();
        if (cluster is not null)
            TestContext.Current.SendDiagnosticMessage($"API server: {cluster.Source}");
    }

    /// <summary>The cluster, or a skip.</summary>
    public ICluster Require()
    {
        if (cluster is null)
            Assert.Skip(whyNot);
        return cluster;
    }

    /// <summary>A client of its own connection.</summary>
    public HttpKubeApi Api(string userAgent = "vnetcni-test/1")
    {
        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(Require().Kubeconfig);
        return HttpKubeApi.FromConfig(configuration, TimeProvider.System, new HttpKubeApiOptions { UserAgent = userAgent });
    }

    /// <summary>A name that no other test and no other run uses.</summary>
    public string Name(string what) => $"vnetcni-test-{run}-{what}-{Interlocked.Increment(ref names)}";

    /// <summary>A namespace for one test, removed by <paramref name="cleanUp"/>.</summary>
    public async Task<string> NamespaceAsync(IKubeApi api, List<Func<Task>> cleanUp)
    {
        var name = Name("ns");
        await api.CreateAsync(KubeKinds.Namespaces, new V1Namespace { Metadata = new() { Name = name } }, default);
        cleanUp.Add(() => api.DeleteAsync(KubeKinds.Namespaces, new ObjectKey(name), new(), default));
        return name;
    }

    public async ValueTask DisposeAsync()
    {
        if (cluster is not null)
            await cluster.DisposeAsync();
    }
}
