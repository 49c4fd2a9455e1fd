using Vnetcni.AgentProtocol;
using Vnetcni.CniBinary.Tests.Support;

namespace Vnetcni.CniBinary.Tests.Clients;

/// <summary>What containerd makes of the agent's state for a kubelet: 2.x calls the verb STATUS, 1.x nothing, and neither calls GC.</summary>
public sealed class ContainerdStatusTests(PublishedBinary binary)
{
    [Fact]
    public async Task A_node_whose_agent_is_away_for_long_has_no_network_for_the_kubelet_and_has_it_again_after()
    {
        var root = Containerd.Root(Containerd.Unstable);
        using var node = new RealNode(binary, 2);
        using var box = new ClientBox(node, binary, root);
        var calls = box.NoteCalls();
        // Debian's default is a folder of its own.
        var settings = Path.Combine(box.Folder, "containerd.toml");
        File.WriteAllText(settings, """
            version = 3
            [plugins.'io.containerd.cri.v1.runtime'.cni]
            bin_dirs = ['/opt/cni/bin']
            """);
        using var containerd = Containerd.Start(box, "--config", settings);
        Assert.Equal(new CriStatus(true, ""), await CriStatus.OfNetworkAsync(containerd.OuterSocket));
        Assert.Contains("STATUS 1.1.0", calls());

        node.Agent.Dispose();
        var alive = new AgentPaths(node.Socket).Alive;
        // As the agent does itself, every ten seconds: its restart is not told to anybody.
        AliveMark.Touch(alive, BootId.Read(), DateTimeOffset.UtcNow);
        Assert.Equal(new CriStatus(true, ""), await CriStatus.OfNetworkAsync(containerd.OuterSocket));
        AliveMark.Touch(alive, BootId.Read(), DateTimeOffset.UtcNow.AddSeconds(-61));
        var away = await CriStatus.OfNetworkAsync(containerd.OuterSocket);
        Assert.False(away.Ready);
        Assert.Contains("the vnetcni agent on this node does not serve", away.Message, StringComparison.Ordinal);

        node.Restart();
        Assert.Equal(new CriStatus(true, ""), await CriStatus.OfNetworkAsync(containerd.OuterSocket));
        // Neither it nor ctr calls anything else: no GC, and no STATUS before an ADD.
        Assert.All(calls(), call => Assert.Equal("STATUS 1.1.0", call));
        var before = calls().Length;
        // Not an id of ContainerdTests, which run beside this: a cgroup of that name is the machine's.
        containerd.Ctr("run", "--rm", "--rootfs", "--cni", box.Rootfs, "c5", "/bin/ip", "address");
        Assert.Equal(["ADD 1.1.0", "DEL 1.1.0"], calls()[before..]);
        await node.AssertNothingLeakedAsync();
    }

    [Fact]
    public async Task To_an_older_containerd_a_conflist_is_a_network()
    {
        var root = Containerd.Root(Containerd.Installed);
        using var node = new RealNode(binary, 2);
        using var box = new ClientBox(node, binary, root);
        var version = box.Run("containerd", "--version");
        Assert.SkipUnless(version.Contains(" 1.", StringComparison.Ordinal), $"the containerd installed here is not an older one: {version}");
        var calls = box.NoteCalls();
        using var containerd = Containerd.Start(box);
        node.Agent.Dispose();
        File.Delete(new AgentPaths(node.Socket).Alive);
        Assert.Equal(new CriStatus(true, ""), await CriStatus.OfNetworkAsync(containerd.OuterSocket));
        Assert.Empty(calls());
        File.Delete(box.Outside("/etc/cni/net.d/10-vnetcni.conflist"));
        await TestAgent.EventuallyAsync(() => !CriStatus.OfNetworkAsync(containerd.OuterSocket).Result.Ready, "a network that is gone");
    }
}
