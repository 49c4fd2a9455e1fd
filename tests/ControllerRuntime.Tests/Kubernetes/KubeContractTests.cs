using Vnetcni.TestSupport.Kubernetes;
using Vnetcni.TestSupport.Simulation;
using Xunit;

namespace Vnetcni.ControllerRuntime.Tests.Kubernetes;

/// <summary>The stand-in against the contract that a real API server is held to as well.</summary>
public sealed class KubeContractTests
{
    public static TheoryData<string> Scenarios => [.. KubeContract.Names];

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void The_stand_in_keeps_it(string scenario) =>
        Simulator.Run(1, s => new KubeContract(new InMemoryKubeServer(s.Time).Client("contract"), "node").Scenarios[scenario]());
}
