using System.Net;
using Vnetcni.Dataplane;
using Vnetcni.Dataplane.Linux;
using Vnetcni.Dataplane.Linux.Namespaces;
using Vnetcni.Dataplane.Linux.Snat;
using Vnetcni.Dataplane.Snat;
using Vnetcni.Lab.Network;
using Vnetcni.TestSupport.Network;
using Xunit;

namespace Vnetcni.Lab.Tests.DataPath;

/// <summary>A node with our data plane and kube-proxy's rules.</summary>
public sealed class PathNode : IDisposable
{
    private readonly PathLab _lab;
    private readonly NodeLeaks _leaks;

    private PathNode(PathLab lab, NetworkNamespace named, string address)
    {
        (_lab, Named, Address) = (lab, named, address);
        Space = TestNetns.Existing(named.Path);
        _leaks = new NodeLeaks(Space);
        Network = Space.Run(() => new LinuxNodeNetwork(new LinuxNodeNetworkOptions()));
        Egress = Space.Run(() => new LinuxPodEgress(null, Network));
    }

    public string Address { get; }

    internal NetworkNamespace Named { get; }

    public TestNetns Space { get; }

    public LinuxNodeNetwork Network { get; }

    public LinuxPodEgress Egress { get; }

    internal static async Task<PathNode> StartAsync(
        PathLab lab, string name, string mac, string address, string[] pods, string iptables,
        (string Name, string Mac, string Address)? second, CancellationToken cancellationToken)
    {
        var named = await NetworkNamespace.CreateAsync(name, cancellationToken);
        await lab.Fabric.PlugAsync(named, mac, address, 16, PathLab.Gateway, cancellationToken);
        if (second is { } nic)
            await lab.Fabric.PlugSecondAsync(named, nic.Name, nic.Mac, nic.Address, 16, cancellationToken);
        var node = new PathNode(lab, named, address);
        Assert.Null(await node.Network.UseModeAsync(lab.Mode, cancellationToken));
        await node.Network.PrepareAsync([.. pods.Select(IPAddress.Parse)], cancellationToken);
        // Its lock is one file for all namespaces: without -w it ends with 4 while another holds it.
        node.Space.Feed($"/usr/sbin/{iptables}-restore", "-w 60", KubeProxyRules.For(pods));
        await node.Egress.ApplyAsync(PathLab.Rules(pods), cancellationToken);
        return node;
    }

    internal async Task<TestNetns> AddPodAsync(string address, int number, CancellationToken cancellationToken)
    {
        var pod = _lab.Own(new TestNetns($"pod{number}"));
        using var opened = LinuxPodNamespace.Open(pod.Path);
        await Network.AttachAsync(
            new AttachRequest(opened, "eth0", $"azv{number}", IPAddress.Parse(address), 0, $"vnetcni:net/container{number}/eth0"), cancellationToken);
        return pod;
    }

    /// <summary>
    /// What of ours stays on the node once every pod is detached, no address is held, the mode is back and no rule is wanted: one line each. kube-proxy's
    /// tables are none of ours.
    /// </summary>
    public async Task<IReadOnlyList<string>> LeftAfterDetachingAsync()
    {
        foreach (var pod in await Network.ListAsync(CancellationToken.None))
            await Network.DetachAsync(pod.Name, pod.Address ?? IPAddress.Any, CancellationToken.None);
        await Network.ReapAsync(CancellationToken.None);
        await Network.PrepareAsync([], CancellationToken.None);
        var refusal = await Network.UseModeAsync(DataplaneMode.Transparent, CancellationToken.None);
        await Egress.ApplyAsync(EgressRules.None, CancellationToken.None);
        var faults = _leaks.Find(NodePods.None with { UnreachableRoutes = 0, Tables = ["ip filter", "ip nat"] });
        return refusal is null ? faults : [refusal, .. faults];
    }

    public void Dispose()
    {
        Egress.Dispose();
        Network.Dispose();
        Space.Dispose();
        Named.DeleteAsync().GetAwaiter().GetResult();
    }
}
