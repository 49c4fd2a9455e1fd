using Vnetcni.TestSupport.Kubernetes.Contract;
using Xunit;

namespace Vnetcni.Cluster.Tests.ApiServer;

/// <summary>A real API server against the contract that the embedded one is held to in its own tests.</summary>
public sealed class ContractTests(RealServer server) : IClassFixture<RealServer>
{
    public static TheoryData<string> Cases => [.. ContractSuite.Cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public Task The_real_server_keeps_it(string name) =>
        server.Target.RunAsync(ContractSuite.Cases[name], TestContext.Current.CancellationToken);
}
