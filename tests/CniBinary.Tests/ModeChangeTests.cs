using Vnetcni.CniBinary.Tests.Support;
using Vnetcni.TestSupport.Network;

namespace Vnetcni.CniBinary.Tests;

/// <summary>A running agent whose pool changes its mode: there, while it is killed, and back.</summary>
public sealed class ModeChangeTests(PublishedBinary binary)
{
    private const int Limit = 30_000;

    [Fact]
    public async Task A_mode_waits_for_an_empty_node_outlives_the_agent_and_goes_back_without_a_trace()
    {
        using var node = new RealNode(binary, 3);
        var (first, second) = (node.Pod("first"), node.Pod("second"));
        await AddAsync(node, "c1", first);

        node.WritePool("Bridge", 1);
        // It looks every second: three of them are enough to do wrong.
        await Task.Delay(3000, TestContext.Current.CancellationToken);
        Assert.False(HasBridge(node));
        await AddAsync(node, "c2", second);
        await node.AssertNothingLeakedAsync("c1", "c2");
        await DeleteAsync(node, "c1");
        await DeleteAsync(node, "c2");
        await node.AssertNothingLeakedAsync();

        node.WritePool("Bridge", 2);
        await TestAgent.EventuallyAsync(() => HasBridge(node) && Holder(node) == "azure0", "the bridge has the NIC's address", Limit);
        var added = await AddAsync(node, "c1", first);
        Assert.Contains("10.240.0.6", added.Output, StringComparison.Ordinal);
        Assert.Equal("azure0", Master(node, "vnetcni:vnet/c1/eth0"));

        // Killed and started again, it finds the node as it is: pods stay, and new ones come to the same bridge.
        node.Restart();
        Assert.True(node.Fabric.Ping(Address(added)));
        var check = await node.CallAsync("CHECK", "c1", first.Path, PluginRun.Config(more: $$""","prevResult":{{added.Output}}"""));
        Assert.True(check.ExitCode == 0, check.Output);
        var other = await AddAsync(node, "c2", second);
        Assert.True(first.Ping(Address(other)));

        node.WritePool("Transparent", 3);
        await Task.Delay(3000, TestContext.Current.CancellationToken);
        Assert.True(HasBridge(node));
        await DeleteAsync(node, "c1");
        await DeleteAsync(node, "c2");
        // The links go with the next sweep: until then the node has pods, and the mode waits.
        await TestAgent.EventuallyAsync(() => node.Node.IpJson("link show").All(link => link.GetProperty("ifname").GetString() is "lo" or "eth0" or "azure0"), "no pod is left", Limit);
        node.WritePool("Transparent", 4);
        await TestAgent.EventuallyAsync(() => !HasBridge(node) && Holder(node) == "eth0", "the NIC has its address again", Limit);
        Assert.True(node.Fabric.Ping(NodeNetns.NodeAddress));
        await AddAsync(node, "c1", first);
        await DeleteAsync(node, "c1");
        await node.AssertNothingLeakedAsync();
    }

    private static async Task<PluginResult> AddAsync(RealNode node, string id, TestNetns pod)
    {
        var added = await node.CallAsync("ADD", id, pod.Path);
        Assert.True(added.ExitCode == 0, added.Output);
        Assert.True(node.Fabric.Ping(Address(added)), added.Output);
        Assert.True(node.Node.Ping(Address(added)), added.Output);
        return added;
    }

    private static async Task DeleteAsync(RealNode node, string id) => Assert.Equal(new PluginResult(0, "", ""), await node.CallAsync("DEL", id, ""));

    private static string Address(PluginResult result) => result.Json.GetProperty("ips")[0].GetProperty("address").GetString()!.Split('/')[0];

    private static bool HasBridge(RealNode node) => node.Node.IpJson("link show").Any(link => link.GetProperty("ifname").GetString() == "azure0");

    // For a moment of the change both have it.
    private static string Holder(RealNode node) =>
        node.Node.IpJson($"-4 address show to {NodeNetns.NodeAddress}") is [var one] ? one.GetProperty("ifname").GetString()! : "";

    private static string Master(RealNode node, string alias) =>
        node.Node.IpJson("link show").Single(link => link.TryGetProperty("ifalias", out var name) && name.GetString() == alias).GetProperty("master").GetString()!;
}
