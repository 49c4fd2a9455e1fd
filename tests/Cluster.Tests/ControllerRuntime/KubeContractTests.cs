using Vnetcni.Cluster.Tests.Fixture;
using Vnetcni.TestSupport.Kubernetes;
using Xunit;

namespace Vnetcni.Cluster.Tests.ControllerRuntime;

/// <summary>A real API server against the contract that the in-memory one is held to in its own tests.</summary>
public sealed class KubeContractTests(ClusterFixture cluster)
{
    public static TheoryData<string> Scenarios => [.. KubeContract.Names];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public async Task The_real_server_keeps_it(string scenario)
    {
        using var api = cluster.Api();
        var contract = new KubeContract(api, cluster.Name("node"));
        try
        {
            await contract.Scenarios[scenario]();
        }
        finally
        {
            await contract.CleanAsync();
        }
    }
}
