using Vnetcni.AgentProtocol;
using Vnetcni.CniBinary.Tests.Support;

namespace Vnetcni.CniBinary.Tests;

/// <summary>What users of other CNI plug-ins reported, done to this one. Each name ends with where it was reported.</summary>
public sealed class PainTests(PublishedBinary binary)
{
    [Fact]
    public async Task An_exhausted_pool_prints_one_valid_error_and_nothing_else__azure_container_networking_195()
    {
        using var ns = new TestNamespace();
        await using var agent = await TestAgent.StartAsync();
        agent.Core.Fault = new CniException(CniErrorCode.NoAddress, "no free address on node n1 within 60 s", "held 4 of at most 4; SubnetExhausted");
        var run = await PluginRun.RunAsync(binary.Path, agent.Call("ADD", netns: ns.Path), PluginRun.Config("1.0.0"));
        Assert.NotEqual(0, run.ExitCode);
        // Json fails where the output is not one value.
        Assert.Equal(["cniVersion", "code", "details", "msg"], run.Json.EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));
        Assert.Equal((int)CniErrorCode.NoAddress, run.Json.GetProperty("code").GetInt32());
        Assert.Contains("SubnetExhausted", run.Json.GetProperty("details").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_DEL_succeeds_for_a_namespace_that_is_gone_as_often_as_it_is_asked__azure_container_networking_218()
    {
        await using var agent = await TestAgent.StartAsync();
        for (var time = 1; time <= 3; time++)
        {
            var run = await PluginRun.RunAsync(binary.Path, agent.Call("DEL", "c1", "/run/netns/gone"), PluginRun.Config());
            Assert.Equal(new PluginResult(0, "", ""), run);
        }

        Assert.Equal(3, agent.Core.Deletes.Count);
    }
}
