using System.Net;
using System.Net.Sockets;
using Vnetcni.CniBinary.Tests.Support;
using Vnetcni.TestSupport.Network;

namespace Vnetcni.CniBinary.Tests;

/// <summary>Plug-ins of Debian's containernetworking-plugins after ours, called in the order of a runtime.</summary>
public sealed class ChainingTests(PublishedBinary binary)
{
    private const string Folder = "/usr/lib/cni";

    [Theory]
    [InlineData("portmap", ""","snat":true,"runtimeConfig":{"portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"tcp"}]}""")]
    [InlineData("bandwidth", ""","runtimeConfig":{"bandwidth":{"ingressRate":8000000,"ingressBurst":800000,"egressRate":8000000,"egressBurst":800000}}""")]
    [InlineData("tuning", ""","mtu":1400,"sysctl":{"net.core.somaxconn":"500"}""")]
    [InlineData("firewall", ""","backend":"iptables" """)]
    public async Task A_plugin_of_the_field_runs_after_ours_and_leaves_nothing(string type, string fields)
    {
        RequirePlugin(type);
        using var node = new RealNode(binary, 2);
        var pod = node.Pod("pod");
        var ours = await node.CallAsync("ADD", "c1", pod.Path, PluginRun.Config("1.0.0"));
        Assert.True(ours.ExitCode == 0, ours.Output);
        string Config(string previous) =>
            $$"""{"cniVersion":"1.0.0","name":"vnet","type":"{{type}}","dataDir":"{{node.Folder}}"{{fields}},"prevResult":{{previous}}}""";
        var chained = await node.CallOtherAsync($"{Folder}/{type}", "ADD", "c1", pod.Path, Config(ours.Output));
        if (chained.ExitCode != 0 && chained.Output.Contains("not supported", StringComparison.Ordinal))
            Assert.Skip($"{type} can't run on this kernel: {chained.Output}");
        Assert.True(chained.ExitCode == 0, chained.Output + chained.Errors);
        // Our interface and address are in what it passes on.
        Assert.Equal(Address(ours), Address(chained));
        Assert.Contains(chained.Json.GetProperty("interfaces").EnumerateArray(), i => i.GetProperty("name").GetString() == "eth0");

        // CHECK goes through the chain with the result of the whole of it: what the others changed is not ours to mind.
        var check = await node.CallAsync("CHECK", "c1", pod.Path, PluginRun.Config("1.0.0", $$""","prevResult":{{chained.Output}}"""));
        Assert.True(check.ExitCode == 0, check.Output);
        if (type == "portmap")
            await AssertReachesAsync(node, pod);

        // DEL goes backwards.
        var undone = await node.CallOtherAsync($"{Folder}/{type}", "DEL", "c1", pod.Path, Config(chained.Output));
        Assert.True(undone.ExitCode == 0, undone.Output);
        Assert.Equal(0, (await node.CallAsync("DEL", "c1", pod.Path, PluginRun.Config("1.0.0"))).ExitCode);
        await node.AssertNothingLeakedAsync();
    }

    // From beyond the NIC to the node's address and the hostPort.
    private static async Task AssertReachesAsync(RealNode node, TestNetns pod)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var listener = pod.Run(() =>
        {
            var made = new TcpListener(IPAddress.Any, 80);
            made.Start();
            return made;
        });
        using var client = node.Fabric.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        var connecting = client.ConnectAsync(new IPEndPoint(IPAddress.Parse(NodeNetns.NodeAddress), 8080), cancel).AsTask();
        using var accepted = await listener.AcceptSocketAsync(cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(20), cancel);
        await connecting.WaitAsync(TimeSpan.FromSeconds(20), cancel);
        Assert.Equal(NodeNetns.FabricAddress, ((IPEndPoint)accepted.RemoteEndPoint!).Address.ToString());
    }

    private static string Address(PluginResult result) =>
        result.Json.GetProperty("ips").EnumerateArray().Single().GetProperty("address").GetString()!;

    private static void RequirePlugin(string type)
    {
        if (!File.Exists($"{Folder}/{type}"))
            Assert.Skip($"{Folder}/{type} is not installed: apt-get install containernetworking-plugins");
        if (type is "portmap" or "firewall" && !File.Exists("/usr/sbin/iptables"))
            Assert.Skip("iptables is not installed, which the plug-in calls");
    }
}
