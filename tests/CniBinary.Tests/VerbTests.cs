using System.Text.Json;
using Vnetcni.AgentProtocol;
using Vnetcni.CniBinary.Tests.Support;
using Vnetcni.Ipam.Ledger;

namespace Vnetcni.CniBinary.Tests;

public sealed class VerbTests(PublishedBinary binary)
{
    public static TheoryData<string> Versions => new(CniVersions.All);

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task ADD_prints_the_result_in_the_version_asked_for(string version)
    {
        using var ns = new TestNamespace();
        await using var agent = await TestAgent.StartAsync();
        var run = await PluginRun.RunAsync(
            binary.Path,
            agent.Call("ADD", "c1", ns.Path, ("CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=cart-0")),
            PluginRun.Config(version, ""","dns":{"nameservers":["10.0.0.10"]},"mtu":1400"""));

        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Equal(version, run.Json.GetProperty("cniVersion").GetString());
        var interfaces = run.Json.GetProperty("interfaces");
        Assert.Equal(2, interfaces.GetArrayLength());
        Assert.False(interfaces[0].TryGetProperty("sandbox", out _));
        Assert.Equal("eth0", interfaces[1].GetProperty("name").GetString());
        Assert.Equal("0a:58:0a:e0:00:02", interfaces[1].GetProperty("mac").GetString());
        Assert.Equal(ns.Path, interfaces[1].GetProperty("sandbox").GetString());
        Assert.Equal(version == "1.1.0", interfaces[1].TryGetProperty("mtu", out _));
        var ip = Assert.Single(run.Json.GetProperty("ips").EnumerateArray());
        Assert.Equal("10.224.0.1/32", ip.GetProperty("address").GetString());
        Assert.Equal(1, ip.GetProperty("interface").GetInt32());
        Assert.Equal(!version.StartsWith('1'), ip.TryGetProperty("version", out _));
        Assert.Equal("10.0.0.10", run.Json.GetProperty("dns").GetProperty("nameservers")[0].GetString());
        Assert.Equal("", run.Errors);
        var add = Assert.Single(agent.Core.Adds);
        Assert.Equal(new Owner("vnet", "c1", "eth0"), add.Owner);
        Assert.Equal("shop/cart-0", add.Pod);
        Assert.Equal(1400, add.Mtu);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task DEL_prints_nothing_and_succeeds_again(string version)
    {
        await using var agent = await TestAgent.StartAsync();
        for (var i = 1; i <= 2; i++)
        {
            var run = await PluginRun.RunAsync(binary.Path, agent.Call("DEL", netns: "/run/netns/gone"), PluginRun.Config(version));
            Assert.Equal(new PluginResult(0, "", ""), run);
            Assert.Equal(i, agent.Core.Deletes.Count);
        }

        Assert.Equal(new Owner("vnet", "c1", "eth0"), agent.Core.Deletes[0]);
    }

    [Theory]
    [InlineData("0.4.0")]
    [InlineData("1.0.0")]
    [InlineData("1.1.0")]
    public async Task CHECK_passes_with_the_result_of_its_ADD(string version)
    {
        using var ns = new TestNamespace();
        await using var agent = await TestAgent.StartAsync();
        var added = await PluginRun.RunAsync(binary.Path, agent.Call("ADD", netns: ns.Path), PluginRun.Config(version));
        var check = await PluginRun.RunAsync(
            binary.Path, agent.Call("CHECK", netns: ns.Path), PluginRun.Config(version, $$""","prevResult":{{added.Output}}"""));

        Assert.Equal(new PluginResult(0, "", ""), check);
        Assert.Equal("10.224.0.1", Assert.Single(agent.Core.Checks).Address.ToString());
    }

    [Fact]
    public async Task CHECK_reports_what_the_core_found()
    {
        using var ns = new TestNamespace();
        await using var agent = await TestAgent.StartAsync();
        var added = await PluginRun.RunAsync(binary.Path, agent.Call("ADD", netns: ns.Path), PluginRun.Config());
        agent.Core.Fault = new CniException(CniErrorCode.CheckFailed, "the default route is missing");
        var check = await PluginRun.RunAsync(
            binary.Path, agent.Call("CHECK", netns: ns.Path), PluginRun.Config(more: $$""","prevResult":{{added.Output}}"""));

        Assert.Equal(1, check.ExitCode);
        Assert.Equal(CniErrorCode.CheckFailed, check.Code);
    }

    [Fact]
    public async Task CHECK_without_prevResult_is_an_error()
    {
        using var ns = new TestNamespace();
        await using var agent = await TestAgent.StartAsync();
        var check = await PluginRun.RunAsync(binary.Path, agent.Call("CHECK", netns: ns.Path), PluginRun.Config());
        Assert.Equal(CniErrorCode.InvalidConfig, check.Code);
        Assert.Contains("prevResult", check.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GC_keeps_the_listed_attachments_and_touches_nothing_without_a_list()
    {
        await using var agent = await TestAgent.StartAsync();
        var with = ""","cni.dev/valid-attachments":[{"containerID":"a","ifname":"eth0"}],"cni.dev/attachments":[{"containerID":"a","ifname":"eth0"}]""";
        foreach (var more in new[] { with, ""","cni.dev/valid-attachments":[]""", "", ""","cni.dev/valid-attachments":null""" })
            Assert.Equal(new PluginResult(0, "", ""), await PluginRun.RunAsync(binary.Path, agent.Call("GC"), PluginRun.Config(more: more)));

        Assert.Equal(2, agent.Core.Collections.Count);
        Assert.Equal([new Owner("vnet", "a", "eth0")], agent.Core.Collections[0].Valid);
        Assert.Empty(agent.Core.Collections[1].Valid);
    }

    [Fact]
    public async Task STATUS_passes_on_what_the_core_says()
    {
        await using var agent = await TestAgent.StartAsync();
        var variables = new Dictionary<string, string> { ["CNI_COMMAND"] = "STATUS", [AgentPaths.SocketVariable] = agent.Paths.Socket };
        Assert.Equal(new PluginResult(0, "", ""), await PluginRun.RunAsync(binary.Path, variables, PluginRun.Config()));
        agent.Core.Fault = new CniException(CniErrorCode.NotAvailable, "no pool yet");
        var run = await PluginRun.RunAsync(binary.Path, variables, PluginRun.Config());
        Assert.Equal(CniErrorCode.NotAvailable, run.Code);
        Assert.Equal("1.1.0", run.Json.GetProperty("cniVersion").GetString());
    }

    [Theory]
    [InlineData("", "1.1.0")]
    [InlineData("{oops", "1.1.0")]
    [InlineData("""{"cniVersion":"0.4.0"}""", "0.4.0")]
    [InlineData("""{"cniVersion":"9.9.9"}""", "9.9.9")]
    public async Task VERSION_needs_nothing_but_its_command(string stdin, string version)
    {
        var run = await PluginRun.RunAsync(binary.Path, new Dictionary<string, string> { ["CNI_COMMAND"] = "VERSION" }, stdin);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(version, run.Json.GetProperty("cniVersion").GetString());
        Assert.Equal(CniVersions.All, run.Json.GetProperty("supportedVersions").Deserialize<string[]>()!);
    }

    [Fact]
    public async Task A_chained_ADD_keeps_what_came_before_and_shifts_its_own_index()
    {
        using var ns = new TestNamespace();
        await using var agent = await TestAgent.StartAsync();
        var previous = ""","prevResult":{"cniVersion":"1.0.0","interfaces":[{"name":"net1","sandbox":"/x","odd":7}],"ips":[{"interface":0,"address":"192.168.0.9/24"}],"routes":[{"dst":"192.168.0.0/16"}],"dns":{"search":["corp"]}}""";
        var run = await PluginRun.RunAsync(binary.Path, agent.Call("ADD", netns: ns.Path), PluginRun.Config("1.0.0", previous));

        Assert.Equal(3, run.Json.GetProperty("interfaces").GetArrayLength());
        Assert.Equal(7, run.Json.GetProperty("interfaces")[0].GetProperty("odd").GetInt32());
        Assert.Equal("192.168.0.9/24", run.Json.GetProperty("ips")[0].GetProperty("address").GetString());
        Assert.Equal(2, run.Json.GetProperty("ips")[1].GetProperty("interface").GetInt32());
        Assert.Equal(2, run.Json.GetProperty("routes").GetArrayLength());
        Assert.Equal("corp", run.Json.GetProperty("dns").GetProperty("search")[0].GetString());
    }

    [Fact]
    public async Task The_configuration_names_the_socket_and_the_variable_wins_over_it()
    {
        await using var agent = await TestAgent.StartAsync();
        var variables = agent.Call("DEL");
        var wrong = PluginRun.Config(more: ""","socket":"/nowhere/agent.sock" """);
        Assert.Equal(0, (await PluginRun.RunAsync(binary.Path, variables, wrong)).ExitCode);
        Assert.Single(agent.Core.Deletes);
        variables.Remove(AgentPaths.SocketVariable);
        var right = PluginRun.Config(more: $$""","socket":"{{agent.Paths.Socket}}" """);
        Assert.Equal(0, (await PluginRun.RunAsync(binary.Path, variables, right)).ExitCode);
        Assert.Equal(2, agent.Core.Deletes.Count);
    }
}
