using System.Net;
using Vnetcni.Dataplane.Linux;
using Vnetcni.Dataplane.Linux.Namespaces;
using Vnetcni.TestSupport.Network;
using Xunit;

namespace Vnetcni.Dataplane.Tests;

/// <summary>A node, a data plane in it, and pods. Skips the test when namespaces can't be made.</summary>
internal sealed class DataplaneBed : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    public DataplaneBed(string? groupSeed = null, bool prepare = true, string? nic = null)
    {
        Assert.SkipWhen(TestNetns.Unavailable is not null, TestNetns.Unavailable ?? "");
        Nodes = new NodeNetns("node");
        Network = Start(groupSeed, nic);
        if (prepare)
            Network.PrepareAsync([], Token).GetAwaiter().GetResult();
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public NodeNetns Nodes { get; }

    public TestNetns Node => Nodes.Node;

    public LinuxNodeNetwork Network { get; }

    /// <summary>Another data plane in the same node, as after a restart of the agent.</summary>
    public LinuxNodeNetwork Start(string? groupSeed = null, string? nic = null, int threads = 4)
    {
        var options = new LinuxNodeNetworkOptions { GroupSeed = groupSeed, Nic = nic, PlumbingThreads = threads };
        var network = Node.Run(() => new LinuxNodeNetwork(options));
        _owned.Add(network);
        return network;
    }

    public TestNetns Pod(string name = "pod")
    {
        var pod = new TestNetns(name);
        _owned.Add(pod);
        return pod;
    }

    public LinuxPodNamespace Open(TestNetns pod)
    {
        var opened = LinuxPodNamespace.Open(pod.Path);
        _owned.Add(opened);
        return opened;
    }

    /// <summary>A request with the names and the address of pod <paramref name="number"/>.</summary>
    public AttachRequest Request(TestNetns pod, int number = 0, int mtu = 0) => Request(Open(pod), number, mtu);

    public static AttachRequest Request(IPodNamespace pod, int number = 0, int mtu = 0) =>
        new(pod, "eth0", $"vn{number}", Address(number), mtu, Alias(number));

    public static IPAddress Address(int number) => IPAddress.Parse($"10.240.{number / 200}.{64 + (number % 190)}");

    public static string Alias(int number) => $"vnetcni:net/container{number}/eth0";

    /// <summary>Names of the node's links other than lo and eth0.</summary>
    public string[] PodLinks() =>
        [.. Node.IpJson("link show").Select(link => link.GetProperty("ifname").GetString()!).Where(name => name is not ("lo" or "eth0"))];

    /// <summary>Destinations of the node's routes of our protocol.</summary>
    public string[] OurRoutes(string filter = "") =>
        [.. Node.IpJson($"route show table main proto 118 {filter}").Select(route => route.GetProperty("dst").GetString()!)];

    public void Dispose()
    {
        Network.Dispose();
        _owned.Reverse();
        _owned.ForEach(owned => owned.Dispose());
        Nodes.Dispose();
    }
}
