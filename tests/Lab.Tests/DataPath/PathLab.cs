using System.Net;
using System.Net.NetworkInformation;
using Vnetcni.Dataplane;
using Vnetcni.Dataplane.Snat;
using Vnetcni.Lab.Fabric;
using Vnetcni.TestSupport.Network;
using Xunit;

namespace Vnetcni.Lab.Tests.DataPath;

/// <summary>
/// Two nodes on a fabric that delivers and admits only what ARM knows, two pods on the first and one on the second, and a world
/// beyond: a peered network, one on premises, the internet, a service that admits only the subnet, and Azure's own addresses.
/// The first node has kube-proxy's rules by iptables-nft, the second by iptables-legacy.
/// </summary>
public sealed class PathLab : IAsyncDisposable
{
    public const string Gateway = "10.224.0.1";
    public const string NodeA = "10.224.0.10";
    public const string NodeB = "10.224.0.11";
    public const string PodA = "10.224.0.20";
    public const string PodA2 = "10.224.0.21";
    public const string PodB = "10.224.0.30";
    public const string Peered = "10.50.0.4";
    public const string OnPrem = "192.168.7.9";
    public const string Internet = "203.0.113.7";
    public const string Storage = "52.239.0.5";
    public const string WireServer = "168.63.129.16";
    public const string Metadata = "169.254.169.254";
    public const string FrontEnd = "20.1.1.1";

    /// <summary>The primary address of node A's second NIC, and a pod's address on it.</summary>
    public const string NodeA2 = "10.224.0.12";
    public const string PodOfSecond = "10.224.0.40";

    public static readonly PhysicalAddress SecondMac = PhysicalAddress.Parse(MacA2.Replace(":", "-", StringComparison.Ordinal).ToUpperInvariant());

    /// <summary>Given to the NIC by nobody: a pod that claimed it would be a spoofer.</summary>
    public const string Unknown = "10.224.0.99";

    private const string Subnet = "10.224.0.0/16";
    private const string MacA = "00:0d:3a:00:00:0a";
    private const string MacA2 = "00:0d:3a:00:00:0c";
    private const string MacB = "00:0d:3a:00:00:0b";
    private static readonly string[] World = [Peered, OnPrem, Internet, Storage, WireServer, Metadata];

    private static int s_labs;
    private readonly List<IDisposable> _owned = [];
    private VNetFabric? _fabric;

    private PathLab(DataplaneMode mode) => Mode = mode;

    public DataplaneMode Mode { get; }

    internal VNetFabric Fabric => _fabric!;

    public TestNetns FabricSpace { get; private set; } = null!;

    public PathNode A { get; private set; } = null!;

    public PathNode B { get; private set; } = null!;

    /// <summary>Everything beyond the virtual network, on one loopback.</summary>
    public TestNetns Outside { get; private set; } = null!;

    public TestNetns Pod1 { get; private set; } = null!;

    public TestNetns Pod2 { get; private set; } = null!;

    public TestNetns Remote { get; private set; } = null!;

    // Several run side by side.
    private string Prefix { get; } = $"vnpath{Environment.ProcessId}-{Interlocked.Increment(ref s_labs)}-";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Task<PathLab> StartAsync(DataplaneMode mode) => StartAsync(mode, null);

    private static async Task<PathLab> StartAsync(DataplaneMode mode, (string Name, string Mac, string Address)? second)
    {
        Assert.SkipWhen(TestNetns.Unavailable is not null, TestNetns.Unavailable ?? "");
        Assert.SkipWhen(!File.Exists("/usr/sbin/iptables-restore"), "`iptables` is not installed");
        var lab = new PathLab(mode);
        try
        {
            await lab.BuildAsync(second);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>What ARM knows: primaries and pods, and <paramref name="more"/> on node A.</summary>
    public Task TellFabricAsync(params string[] more) => TellFabricAsync(more.Select(address => (address, MacA)));

    private Task TellFabricAsync(IEnumerable<(string Address, string Mac)> more) => Fabric.UpdateAsync(
        new[] { (NodeA, MacA), (NodeB, MacB), (PodA, MacA), (PodA2, MacA), (PodB, MacB) }.Concat(more).ToDictionary(pair => pair.Item1, pair => pair.Item2),
        Token);

    /// <summary>One whose node A has a second NIC in the same subnet, with one more pod address.</summary>
    public static async Task<PathLab> StartWithSecondNicAsync(DataplaneMode mode)
    {
        var lab = await StartAsync(mode, ("eth1", MacA2, NodeA2));
        await lab.TellFabricAsync([(NodeA2, MacA2), (PodOfSecond, MacA2)]);
        lab.FabricSpace.Execute("/usr/sbin/nft", $"add element ip world primaries {{ {NodeA2} }}");
        return lab;
    }

    /// <summary>Takes all down, and fails where something of ours stays on a node, or on this machine.</summary>
    public async ValueTask DisposeAsync()
    {
        List<string> faults = [];
        try
        {
            foreach (var node in new[] { A, B })
            {
                if (node is not null)
                    faults.AddRange((await node.LeftAfterDetachingAsync()).Select(fault => $"{node.Address}: {fault}"));
            }
        }
        finally
        {
            A?.Dispose();
            B?.Dispose();
            _owned.Reverse();
            _owned.ForEach(owned => owned.Dispose());
            if (_fabric is not null)
                await _fabric.DisposeAsync();
        }

        faults.AddRange(NodeLeaks.FindOnMachine(Prefix));
        Assert.Empty(faults);
    }

    private async Task BuildAsync((string Name, string Mac, string Address)? second)
    {
        _fabric = await VNetFabric.CreateAloneAsync($"{Prefix}fab", Subnet, Gateway, Token);
        FabricSpace = Own(TestNetns.Existing($"/run/netns/{Prefix}fab"));
        BuildWorld();
        A = await PathNode.StartAsync(this, $"{Prefix}a", MacA, NodeA, [PodA, PodA2], "iptables-nft", second, Token);
        B = await PathNode.StartAsync(this, $"{Prefix}b", MacB, NodeB, [PodB], "iptables-legacy", null, Token);
        await TellFabricAsync();
        Pod1 = await A.AddPodAsync(PodA, 1, Token);
        Pod2 = await A.AddPodAsync(PodA2, 2, Token);
        Remote = await B.AddPodAsync(PodB, 3, Token);
    }

    internal static EgressRules Rules(IEnumerable<string> pods) => new()
    {
        Translate = true,
        Pods = [.. pods.Select(IPAddress.Parse)],
        Untranslated = CidrSet.Of([Subnet, "10.50.0.0/16", "192.168.0.0/16"]),
        CloseWireServer = true,
        CloseMetadata = true,
    };

    // Outbound access belongs to a NIC's primary address; a service endpoint admits a subnet; a load balancer rewrites the
    // destination alone.
    private void BuildWorld()
    {
        Outside = Own(new TestNetns("outside"));
        FabricSpace.Ip($"link add world0 type veth peer name eth0 netns {Outside.Path}");
        FabricSpace.Ip("link set world0 up");
        FabricSpace.Ip("address add 192.0.2.1/32 dev world0");
        Outside.Ip("link set eth0 up");
        foreach (var address in World)
        {
            Outside.Ip($"address add {address}/32 dev lo");
            FabricSpace.Ip($"route add {address}/32 dev world0");
        }
        Outside.Ip("address add 192.0.2.2/32 dev eth0");
        Outside.Ip("route add 192.0.2.1/32 dev eth0");
        Outside.Ip("route add default via 192.0.2.1 dev eth0");
        Outside.Run(() => File.WriteAllText("/proc/sys/net/ipv4/conf/eth0/arp_ignore", "0"));
        FabricSpace.Feed("/usr/sbin/nft", "-f -", $$"""
            table ip world {
              set primaries { type ipv4_addr; elements = { {{NodeA}}, {{NodeB}} } }
              set denied { type ipv4_addr . ipv4_addr; }
              counter outbound { }
              chain forward {
                type filter hook forward priority 0;
                ct state established accept
                iifname "port*" ip daddr {{Internet}} ip saddr != @primaries counter name outbound drop
                iifname "port*" ip daddr {{Storage}} ip saddr != {{Subnet}} drop
                ip saddr . ip daddr @denied drop
              }
              chain balance {
                type nat hook prerouting priority -100;
                iifname "world0" ip daddr {{FrontEnd}} udp dport 8080 dnat to {{NodeA}}:30080
                iifname "world0" ip daddr {{FrontEnd}} udp dport 8081 dnat to {{NodeB}}:30081
              }
            }
            """);
    }

    internal T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
