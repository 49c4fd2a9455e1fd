using Xunit;

namespace Vnetcni.Architecture.Tests;

/// <summary>Which assembly may know which. The compiler lists an assembly reference only when a type of it is used.</summary>
public class DependencyRuleTests
{
    private const string Bcl = "System.";

    [Theory]
    [InlineData("Vnetcni.Ipam")]
    [InlineData("Vnetcni.AgentProtocol")]
    [InlineData("Vnetcni.Dataplane")]
    public void The_core_knows_only_the_base_class_library(string assembly) => OnlyKnows(assembly);

    [Fact]
    public void The_API_types_know_only_the_Kubernetes_client() => OnlyKnows("Vnetcni.Api", "KubernetesClient");

    [Fact]
    public void The_controller_runtime_knows_the_Kubernetes_client_and_no_CRD_of_ours() =>
        OnlyKnows("Vnetcni.ControllerRuntime", "KubernetesClient", "Microsoft.Extensions.");

    [Fact]
    public void The_CNI_binary_knows_only_the_protocol() => OnlyKnows("vnetcni", "Vnetcni.AgentProtocol");

    // YamlDotNet reads fault plans: the line and column of a mistake are the parser's to tell.
    [Fact]
    public void The_ARM_simulator_knows_only_ASP_NET_and_YAML() =>
        OnlyKnows("Vnetcni.ArmSimulator", "Microsoft.AspNetCore", "Microsoft.Extensions.", "Microsoft.Net.Http.Headers", "YamlDotNet");

    [Fact]
    public void The_agent_knows_no_Azure_and_no_operator() =>
        OnlyKnows(
            "Vnetcni.NodeAgent",
            "Vnetcni.Ipam", "Vnetcni.Api", "Vnetcni.ControllerRuntime", "Vnetcni.AgentProtocol", "Vnetcni.Dataplane",
            "KubernetesClient", "Microsoft.AspNetCore", "Microsoft.Extensions.", "OpenTelemetry", "Polly", "Grpc.", "Google.Protobuf");

    [Fact]
    public void The_operator_knows_no_node() =>
        OnlyKnows(
            "Vnetcni.Operator",
            "Vnetcni.Ipam", "Vnetcni.Api", "Vnetcni.ControllerRuntime",
            "KubernetesClient", "Azure.", "Microsoft.AspNetCore", "Microsoft.Extensions.", "OpenTelemetry", "Polly");

    [Fact]
    public void No_product_assembly_knows_a_test_assembly()
    {
        foreach (var name in ProductAssemblies.Names)
        {
            var references = ProductAssemblies.Load(name).GetReferencedAssemblies().Select(r => r.Name!);
            Assert.DoesNotContain(references, r => r.EndsWith(".Tests", StringComparison.Ordinal) || r.Contains("TestSupport"));
        }
    }

    private static void OnlyKnows(string assembly, params string[] allowed)
    {
        var forbidden = ProductAssemblies.Load(assembly).GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => !name.StartsWith(Bcl, StringComparison.Ordinal) && name is not ("System" or "netstandard" or "Microsoft.Win32.Primitives"))
            .Where(name => !allowed.Any(a => name.StartsWith(a, StringComparison.Ordinal)))
            .ToArray();
        Assert.True(forbidden.Length == 0, $"{assembly} must not know {string.Join(", ", forbidden)}");
    }
}
