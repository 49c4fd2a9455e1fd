using Vnetcni.AgentProtocol;
using Vnetcni.CniBinary.Tests.Support;
using Vnetcni.Dataplane;

namespace Vnetcni.CniBinary.Tests;

public sealed class BadInputTests(PublishedBinary binary)
{
    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"cniVersion":"1.0.0","name":"x"} trailing""")]
    [InlineData("""{"cniVersion":1,"name":"x"}""")]
    [InlineData("""{"cniVersion":"1.0.0","name":["x"]}""")]
    public async Task Malformed_stdin_is_a_decode_error(string stdin)
    {
        await using var agent = await TestAgent.StartAsync();
        foreach (var command in new[] { "ADD", "DEL", "CHECK", "STATUS", "GC" })
        {
            var run = await PluginRun.RunAsync(binary.Path, agent.Call(command, netns: "/run/netns/x"), stdin);
            Assert.Equal(1, run.ExitCode);
            Assert.Equal(CniErrorCode.Decode, run.Code);
        }

        Assert.Empty(agent.Core.Deletes);
    }

    [Fact]
    public async Task Stdin_that_is_not_UTF8_or_too_long_is_a_decode_error()
    {
        await using var agent = await TestAgent.StartAsync();
        byte[] latin = [.. """{"cniVersion":"1.0.0","name":"caf"""u8, 0xE9, .. "\"}"u8];
        var run = await PluginRun.FinishAsync(PluginRun.Start(binary.Path, agent.Call("DEL"), latin));
        Assert.Equal(CniErrorCode.Decode, run.Code);
        var huge = new byte[3 * 1024 * 1024];
        huge.AsSpan().Fill((byte)' ');
        run = await PluginRun.FinishAsync(PluginRun.Start(binary.Path, agent.Call("DEL"), huge));
        Assert.Equal(CniErrorCode.Decode, run.Code);
    }

    [Theory]
    [InlineData("ADD", "2.0.0")]
    [InlineData("DEL", "0.2.0")]
    [InlineData("CHECK", "0.3.1")]
    [InlineData("GC", "1.0.0")]
    [InlineData("STATUS", "1.0.0")]
    public async Task A_version_that_is_unknown_or_too_old_for_the_verb_is_code_1(string command, string version)
    {
        await using var agent = await TestAgent.StartAsync();
        var run = await PluginRun.RunAsync(binary.Path, agent.Call(command, netns: "/run/netns/x"), PluginRun.Config(version));
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(CniErrorCode.IncompatibleVersion, run.Code);
        Assert.Contains(version, run.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_absent_version_means_0_1_0_and_an_absent_name_is_invalid()
    {
        await using var agent = await TestAgent.StartAsync();
        var run = await PluginRun.RunAsync(binary.Path, agent.Call("DEL"), """{"name":"x"}""");
        Assert.Equal(CniErrorCode.IncompatibleVersion, run.Code);
        run = await PluginRun.RunAsync(binary.Path, agent.Call("DEL"), """{"cniVersion":"1.0.0"}""");
        Assert.Equal(CniErrorCode.InvalidConfig, run.Code);
    }

    [Theory]
    [InlineData("ADD", "CNI_CONTAINERID CNI_NETNS CNI_IFNAME")]
    [InlineData("CHECK", "CNI_CONTAINERID CNI_NETNS CNI_IFNAME")]
    [InlineData("DEL", "CNI_CONTAINERID CNI_IFNAME")]
    [InlineData("GC", "CNI_PATH")]
    [InlineData("", "CNI_COMMAND")]
    [InlineData(null, "CNI_COMMAND")]
    public async Task Missing_variables_are_named_and_empty_ones_are_missing(string? command, string names)
    {
        var variables = new Dictionary<string, string> { ["CNI_CONTAINERID"] = "", ["CNI_NETNS"] = "" };
        if (command is not null)
            variables["CNI_COMMAND"] = command;
        var run = await PluginRun.RunAsync(binary.Path, variables, PluginRun.Config());
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(CniErrorCode.InvalidEnvironment, run.Code);
        foreach (var name in names.Split(' '))
            Assert.Contains(name, run.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CNI_COMMAND", "PLUMB")]
    [InlineData("CNI_CONTAINERID", "../etc")]
    [InlineData("CNI_IFNAME", "a/b")]
    [InlineData("CNI_IFNAME", "sixteen-bytes-ab")]
    [InlineData("CNI_IFNAME", "..")]
    [InlineData("CNI_ARGS", "no-equals-sign")]
    public async Task Wrong_variables_are_named(string name, string value)
    {
        using var ns = new TestNamespace();
        await using var agent = await TestAgent.StartAsync();
        var run = await PluginRun.RunAsync(binary.Path, agent.Call("ADD", "c1", ns.Path, (name, value)), PluginRun.Config());
        Assert.Equal(CniErrorCode.InvalidEnvironment, run.Code);
        Assert.Contains(name, run.Text, StringComparison.Ordinal);
        Assert.Empty(agent.Core.Adds);
    }

    [Theory]
    [InlineData("/run/netns/does-not-exist")]
    [InlineData("/etc/hostname")]
    [InlineData("/proc/self/ns/mnt")]
    [InlineData("/proc/self/ns/net")]
    public async Task A_bad_namespace_is_code_8(string netns)
    {
        await using var agent = await TestAgent.StartAsync();
        foreach (var command in new[] { "ADD", "CHECK" })
        {
            var run = await PluginRun.RunAsync(binary.Path, agent.Call(command, netns: netns), PluginRun.Config());
            Assert.Equal(1, run.ExitCode);
            Assert.Equal(CniErrorCode.BadNamespace, run.Code);
            Assert.Contains(netns, run.Text, StringComparison.Ordinal);
        }

        Assert.Empty(agent.Core.Adds);
    }

    [Fact]
    public async Task The_agents_own_namespace_is_code_8_even_when_the_plugin_would_let_it_pass()
    {
        await using var agent = await TestAgent.StartAsync();
        var run = await PluginRun.RunAsync(
            binary.Path, agent.Call("ADD", "c1", "/proc/self/ns/net", ("CNI_NETNS_OVERRIDE", "1")), PluginRun.Config());
        Assert.Equal(CniErrorCode.BadNamespace, run.Code);
        Assert.Contains("agent's own", run.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""","mtu":67""", CniErrorCode.InvalidConfig)]
    [InlineData(""","mtu":"1500" """, CniErrorCode.Decode)]
    [InlineData(""","dns":{"nameservers":"1.1.1.1"}""", CniErrorCode.Decode)]
    [InlineData(""","prevResult":[]""", CniErrorCode.Decode)]
    public async Task A_bad_field_of_the_configuration_fails_ADD_but_never_DEL(string more, int code)
    {
        using var ns = new TestNamespace();
        await using var agent = await TestAgent.StartAsync();
        var run = await PluginRun.RunAsync(binary.Path, agent.Call("ADD", netns: ns.Path), PluginRun.Config("1.0.0", more));
        Assert.Equal(code, run.Code);
        Assert.Equal("1.0.0", run.Json.GetProperty("cniVersion").GetString());
        Assert.Equal(0, (await PluginRun.RunAsync(binary.Path, agent.Call("DEL"), PluginRun.Config("1.0.0", more))).ExitCode);
    }

    [Theory]
    [InlineData(DataplaneFault.InterfaceExists, CniErrorCode.InterfaceExists)]
    [InlineData(DataplaneFault.BadNamespace, CniErrorCode.BadNamespace)]
    [InlineData(DataplaneFault.Kernel, CniErrorCode.Dataplane)]
    public async Task A_fault_of_the_data_plane_keeps_its_meaning(DataplaneFault fault, int code)
    {
        using var ns = new TestNamespace();
        await using var agent = await TestAgent.StartAsync();
        agent.Core.Fault = new DataplaneException(fault, "RTM_NEWLINK: no", 17);
        var run = await PluginRun.RunAsync(binary.Path, agent.Call("ADD", netns: ns.Path), PluginRun.Config());
        Assert.Equal(code, run.Code);
        agent.Core.Fault = new InvalidOperationException("surprise");
        run = await PluginRun.RunAsync(binary.Path, agent.Call("ADD", netns: ns.Path), PluginRun.Config());
        Assert.Equal(CniErrorCode.Internal, run.Code);
        agent.Core.Fault = null;
    }
}
