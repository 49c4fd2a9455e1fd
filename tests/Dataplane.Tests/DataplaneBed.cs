using System.Net;
using Vnetcni.Dataplane.Linux;
using Vnetcni.Dataplane.Linux.Namespaces;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.TestSupport.Network;
using Xunit;

namespace Vnetcni.Dataplane.Tests;

/// <summary>A node, a data plane in it, and pods. Skips the test when namespaces can't be made.</summary>
internal sealed class DataplaneBed : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly NodeLeaks _leaks;
    private readonly string? _groupSeed;

    public DataplaneBed(string? groupSeed = null, bool prepare = true, string? nic = null, DataplaneMode mode = DataplaneMode.Transparent)
    {
        Assert.SkipWhen(TestNetns.Unavailable is not null, TestNetns.Unavailable ?? "");
        Nodes = new NodeNetns("node");
        _leaks = new NodeLeaks(Node);
        _groupSeed = groupSeed;
        Network = Start(groupSeed, nic);
        if (!prepare)
            return;
        if (mode == DataplaneMode.Bridge)
            Assert.Null(Network.UseModeAsync(mode, Token).GetAwaiter().GetResult());
        Network.PrepareAsync([], Token).GetAwaiter().GetResult();
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public NodeNetns Nodes { get; }

    public TestNetns Node => Nodes.Node;

    public LinuxNodeNetwork Network { get; private set; }

    /// <summary>The interface that has the NIC's address.</summary>
    public string Uplink => Node.IpJson("link show").Any(link => link.GetProperty("ifname").GetString() == "azure0") ? "azure0" : "eth0";

    /// <summary>Another data plane in the same node, as after a restart of the agent.</summary>
    public LinuxNodeNetwork Start(string? groupSeed = null, string? nic = null, int threads = 4, NetlinkProbe? beforeSend = null)
    {
        var options = new LinuxNodeNetworkOptions { GroupSeed = groupSeed, Nic = nic, PlumbingThreads = threads, BeforeSend = beforeSend };
        var network = Node.Run(() => new LinuxNodeNetwork(options));
        _owned.Add(network);
        return network;
    }

    /// <summary>Puts a fresh data plane in the place of <see cref="Network"/>.</summary>
    public void Renew()
    {
        Network.Dispose();
        Network = Start();
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

    /// <summary>Names of the node's links other than lo, eth0 and azure0.</summary>
    public string[] PodLinks() =>
        [.. Node.IpJson("link show").Select(link => link.GetProperty("ifname").GetString()!).Where(name => name is not ("lo" or "eth0" or "azure0"))];

    /// <summary>Destinations of the node's routes of our protocol.</summary>
    public string[] OurRoutes(string filter = "") =>
        [.. Node.IpJson($"route show table main proto 118 {filter}").Select(route => route.GetProperty("dst").GetString()!)];

    /// <summary>Things of ours that the test left on purpose, or made by hand: the last look does not mind a line that has one of these words.</summary>
    public List<string> LeftOnPurpose { get; } = [];

    /// <summary>False where the test left the node so that nothing can be detached.</summary>
    public bool LooksForLeaks { get; set; } = true;

    /// <summary>
    /// Whatever the test did, detaching what is listed and reaping has to leave nothing of ours. Its own failure, if any, mostly is not hidden by
    /// this look: it finds what detaching does not find.
    /// </summary>
    public void Dispose()
    {
        IReadOnlyList<string> faults;
        try
        {
            faults = !LooksForLeaks ? [] : [.. LeftAfterDetaching().Where(fault => !LeftOnPurpose.Exists(word => fault.Contains(word, StringComparison.Ordinal)))];
        }
        finally
        {
            Network.Dispose();
            _owned.Reverse();
            _owned.ForEach(owned => owned.Dispose());
            Nodes.Dispose();
        }

        Assert.Empty(faults);
    }

    private IReadOnlyList<string> LeftAfterDetaching()
    {
        using var last = Node.Run(() => new LinuxNodeNetwork(new LinuxNodeNetworkOptions { GroupSeed = _groupSeed }));
        foreach (var link in last.ListAsync(CancellationToken.None).GetAwaiter().GetResult())
            last.DetachAsync(link.Name, link.Address ?? IPAddress.Any, CancellationToken.None).GetAwaiter().GetResult();
        last.ReapAsync(CancellationToken.None).GetAwaiter().GetResult();
        return _leaks.FindOurs();
    }
}
