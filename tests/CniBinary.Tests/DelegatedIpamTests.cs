using Vnetcni.AgentProtocol;
using Vnetcni.CniBinary.Tests.Support;
using Vnetcni.TestSupport.Network;

namespace Vnetcni.CniBinary.Tests;

/// <summary>Our addresses under main plug-ins of Debian's containernetworking-plugins, which call our binary as their IPAM.</summary>
public sealed class DelegatedIpamTests(PublishedBinary binary)
{
    private const string Folder = "/usr/lib/cni";
    private const string Gateway = "10.240.0.126";

    [Theory]
    [InlineData("0.3.1")]
    [InlineData("0.4.0")]
    [InlineData("1.0.0")]
    public async Task Ptp_gives_a_pod_our_address_and_packets_pass(string version)
    {
        using var node = Start("ptp");
        var pod = node.Pod("pod");
        var added = await CallAsync(node, "ptp", "ADD", pod, "", version);
        Assert.True(added.ExitCode == 0, added.Output + added.Errors);
        Assert.Equal("10.240.0.64/26", Address(added));
        Assert.Equal(Gateway, added.Json.GetProperty("ips")[0].GetProperty("gateway").GetString());
        await node.AssertDelegatedAsync("c1");
        Assert.True(node.Node.Ping("10.240.0.64"));
        Assert.True(node.Fabric.Ping("10.240.0.64"));
        // A pod of ours on the same node and from the same pool: both ways.
        var own = node.Pod("own");
        Assert.Equal(0, (await node.CallAsync("ADD", "c2", own.Path)).ExitCode);
        Assert.True(own.Ping("10.240.0.64"));
        Assert.True(pod.Ping("10.240.0.65"));

        if (version != "0.3.1")
            await AssertChecksAsync(node, "ptp", pod, added, version);
        Assert.Equal(0, (await node.CallAsync("DEL", "c2", own.Path)).ExitCode);
        await AssertLeavesNothingAsync(node, "ptp", pod, version);
    }

    [Fact]
    public async Task Bridge_gives_pods_of_one_bridge_our_addresses()
    {
        using var node = Start("bridge");
        const string fields = ""","bridge":"cni0","isGateway":true """;
        var (first, second) = (node.Pod("first"), node.Pod("second"));
        var added = await CallAsync(node, "bridge", "ADD", first, fields);
        Assert.True(added.ExitCode == 0, added.Output + added.Errors);
        Assert.Equal("10.240.0.65/26", Address(await CallAsync(node, "bridge", "ADD", second, fields, id: "c2")));
        await node.AssertDelegatedAsync("c1", "c2");
        Assert.True(first.Ping("10.240.0.65"));
        // The node's way to them is the bridge's subnet: no held route of a /32 hides it.
        Assert.True(node.Node.Ping("10.240.0.64"));
        Assert.True(node.Fabric.Ping("10.240.0.65"));
        await AssertChecksAsync(node, "bridge", first, added, "1.0.0", fields);

        Assert.Equal(0, (await CallAsync(node, "bridge", "DEL", second, fields, id: "c2")).ExitCode);
        await AssertLeavesNothingAsync(node, "bridge", first, "1.0.0", fields);
    }

    [Fact]
    public async Task Macvlan_puts_our_address_beside_the_nic()
    {
        using var node = Start("macvlan");
        const string fields = ""","master":"eth0","mode":"bridge" """;
        var pod = node.Pod("pod");
        var added = await CallAsync(node, "macvlan", "ADD", pod, fields, ipam: ""","subnet":"10.240.0.0/24","gateway":"10.240.0.1" """);
        Assert.True(added.ExitCode == 0, added.Output + added.Errors);
        Assert.Equal("10.240.0.64/24", Address(added));
        await node.AssertDelegatedAsync("c1");
        // A macvlan is a host of its own on the NIC's network: nothing is routed by the node.
        node.Fabric.Ip("route delete 10.240.0.64/26");
        Assert.True(pod.Ping(NodeNetns.FabricAddress));
        await AssertLeavesNothingAsync(node, "macvlan", pod, "1.0.0", fields);
    }

    [Fact]
    public async Task A_DEL_without_namespace_frees_and_a_GC_frees_what_is_not_listed()
    {
        using var node = Start("ptp");
        var (first, second) = (node.Pod("first"), node.Pod("second"));
        Assert.Equal(0, (await CallAsync(node, "ptp", "ADD", first)).ExitCode);
        Assert.Equal(0, (await CallAsync(node, "ptp", "ADD", second, id: "c2")).ExitCode);
        var gone = await node.CallOtherAsync($"{Folder}/ptp", "DEL", "c1", "", Config("ptp", "1.0.0", "", Subnet));
        Assert.True(gone.ExitCode == 0, gone.Output);
        await node.AssertDelegatedAsync("c2");
        // As a main plug-in of CNI 1.1 passes it on: its own configuration, to its IPAM.
        var gc = Config("ptp", "1.1.0", ""","cni.dev/valid-attachments":[{"containerID":"c2","ifname":"eth0"}] """, Subnet);
        Assert.Equal(new PluginResult(0, "", ""), await node.CallAsync("GC", "", "", gc));
        await node.AssertDelegatedAsync("c2");
        Assert.Equal(new PluginResult(0, "", ""), await node.CallAsync("STATUS", "", "", Config("ptp", "1.1.0", "", Subnet)));
        var all = Config("ptp", "1.1.0", ""","cni.dev/valid-attachments":[] """, Subnet);
        Assert.Equal(0, (await node.CallAsync("GC", "", "", all)).ExitCode);
        await node.AssertDelegatedAsync();
    }

    [Fact]
    public async Task An_agent_that_is_killed_at_any_netlink_send_or_loses_its_checkpoint_loses_and_doubles_nothing()
    {
        using var node = Start("ptp");
        var (first, second) = (node.Pod("first"), node.Pod("second"));
        Assert.Equal(0, (await CallAsync(node, "ptp", "ADD", first)).ExitCode);
        var before = node.Agent.Sends;
        Assert.Equal(0, (await CallAsync(node, "ptp", "ADD", second, id: "c2")).ExitCode);
        var sends = node.Agent.Sends - before;
        // The pair, and what makes it a stand-in.
        Assert.Equal(2, sends);
        Assert.Equal(0, (await CallAsync(node, "ptp", "DEL", second, id: "c2")).ExitCode);
        for (var at = 0; at < sends; at++)
        {
            node.Agent.ArmSend(at);
            Assert.NotEqual(0, (await CallAsync(node, "ptp", "ADD", second, id: "c2")).ExitCode);
            node.Restart();
            await node.AssertDelegatedAsync("c1");
        }

        // Only the kernel knows.
        node.Restart(loseCheckpoint: true);
        await node.AssertDelegatedAsync("c1");
        Assert.Equal("10.240.0.65/26", Address(await CallAsync(node, "ptp", "ADD", second, id: "c2")));
        Assert.True(node.Fabric.Ping("10.240.0.64"));
        Assert.Equal(0, (await CallAsync(node, "ptp", "DEL", second, id: "c2")).ExitCode);
        await AssertLeavesNothingAsync(node, "ptp", first, "1.0.0");
    }

    [Fact]
    public async Task Without_a_subnet_an_ADD_says_what_to_set_and_leaves_nothing()
    {
        using var node = Start("ptp");
        var added = await CallAsync(node, "ptp", "ADD", node.Pod("pod"), ipam: " ");
        Assert.Equal(CniErrorCode.InvalidConfig, added.Code);
        Assert.Contains("ipam.subnet", added.Text, StringComparison.Ordinal);
        await node.AssertNothingLeakedAsync();
    }

    private const string Subnet = $$""","subnet":"10.240.0.64/26","gateway":"{{Gateway}}" """;

    private RealNode Start(string type)
    {
        if (!File.Exists($"{Folder}/{type}"))
            Assert.Skip($"{Folder}/{type} is not installed: apt-get install containernetworking-plugins");
        return new RealNode(binary, 3);
    }

    private static string Config(string type, string version, string fields, string ipam) =>
        $$"""{"cniVersion":"{{version}}","name":"vnet","type":"{{type}}"{{fields}},"ipam":{"type":"vnetcni"{{ipam}} } }""";

    private static Task<PluginResult> CallAsync(
        RealNode node, string type, string command, TestNetns pod, string fields = "", string version = "1.0.0", string id = "c1", string ipam = Subnet) =>
        node.CallOtherAsync($"{Folder}/{type}", command, id, pod.Path, Config(type, version, fields, ipam));

    private static async Task AssertChecksAsync(RealNode node, string type, TestNetns pod, PluginResult added, string version, string fields = "")
    {
        var with = $$"""{{fields}},"prevResult":{{added.Output}}""";
        var passes = await CallAsync(node, type, "CHECK", pod, with, version);
        Assert.True(passes.ExitCode == 0, passes.Output);
        var other = with.Replace("10.240.0.64/26", "10.240.0.66/26", StringComparison.Ordinal);
        var fails = await CallAsync(node, type, "CHECK", pod, other, version);
        Assert.Equal(CniErrorCode.CheckFailed, fails.Code);
    }

    private static async Task AssertLeavesNothingAsync(RealNode node, string type, TestNetns pod, string version, string fields = "")
    {
        for (var i = 0; i < 2; i++)
        {
            var deleted = await CallAsync(node, type, "DEL", pod, fields, version);
            Assert.True(deleted.ExitCode == 0, deleted.Output);
        }

        await node.AssertDelegatedAsync();
        Assert.Single(pod.IpJson("link show"));
    }

    private static string Address(PluginResult result) =>
        Assert.Single(result.Json.GetProperty("ips").EnumerateArray()).GetProperty("address").GetString()!;
}
