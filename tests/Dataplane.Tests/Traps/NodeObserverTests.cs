using Vnetcni.Dataplane.Linux.Traps;
using Vnetcni.Dataplane.Tests.Snat;
using Vnetcni.Dataplane.Traps;
using Vnetcni.TestSupport.Network;
using Xunit;

namespace Vnetcni.Dataplane.Tests.Traps;

/// <summary>What is read from a kernel.</summary>
public sealed class NodeObserverTests
{
    [Fact]
    public void A_fresh_node_is_sound_and_looking_leaves_nothing_behind()
    {
        using var bed = new EgressBed();
        var node = Observe(bed);
        Assert.Equal(("eth0", 1500), (node.Nic, node.NicMtu));
        Assert.Empty(node.MissingFeatures);
        Assert.Empty(node.ForwardDrops);
        Assert.False(node.LegacyFilter);
        Assert.Equal(["10.240.0.4 eth0"], node.LocalAddresses.Select(local => $"{local.Address} {local.Interface}"));
        Assert.Equal(["eth0"], node.DefaultRouteInterfaces);
        Assert.Empty(TrapFinder.Find(node, [DataplaneBed.Address(0)], 0));
        Assert.Equal("", bed.Nft("list ruleset"));
    }

    [Fact]
    public void The_traps_are_seen()
    {
        using var bed = new EgressBed();
        bed.Node.Ip($"address add {DataplaneBed.Address(0)}/24 dev eth0");
        bed.Node.Ip("link add eth1 type veth peer name peer1");
        bed.Node.Ip("link set eth1 up");
        bed.Node.Ip("link set peer1 up");
        bed.Node.Ip("route add default dev eth1 metric 500");
        bed.Node.Run(() => File.WriteAllText("/proc/sys/net/ipv4/conf/eth0/rp_filter", "1"));
        bed.NftFile("""
            table ip filter { chain FORWARD { type filter hook forward priority 0; policy drop;
            }
            }
            table inet firewalld { chain forward { type filter hook forward priority 10; policy drop;
            }
            chain input { type filter hook input priority 10; policy drop;
            }
            }
            table ip6 filter { chain FORWARD { type filter hook forward priority 0; policy drop;
            }
            }
            """);
        var node = Observe(bed);
        Assert.Equal(["inet firewalld forward", "ip filter FORWARD"], node.ForwardDrops.Order(StringComparer.Ordinal));
        Assert.Equal(1, node.ReversePathFilter);
        Assert.Equal(
            [FindingCodes.PodAddressOnNode, FindingCodes.MtuAboveNic, FindingCodes.ForwardPolicyDrop, FindingCodes.ReversePathStrict],
            TrapFinder.Find(node, [DataplaneBed.Address(0)], 9000).Select(finding => finding.Code));
    }

    /// <summary>As Docker sets it, by either kind of iptables; and what it does to pods.</summary>
    [Theory]
    [InlineData("iptables-nft", FindingCodes.ForwardPolicyDrop)]
    [InlineData("iptables-legacy", FindingCodes.ForwardPolicyUnknown)]
    public async Task A_policy_of_DROP_set_by_iptables_is_found_and_its_next_step_helps(string iptables, string code)
    {
        using var bed = new EgressBed();
        Assert.SkipWhen(!File.Exists($"/usr/sbin/{iptables}"), "`iptables` is not installed");
        using var far = new EchoHost(bed.Behind("far", "far0", "203.0.113.7"), "203.0.113.7");
        var pod = await bed.PodAsync();
        // Its lock is one file for all namespaces: without -w it ends with 4 while another holds it.
        Assert.Equal(0, bed.Node.Execute($"/usr/sbin/{iptables}", "-w 60 -P FORWARD DROP").ExitCode);
        Assert.Throws<System.Net.Sockets.SocketException>(() => far.WhoIs(pod, "203.0.113.7", milliseconds: 300));
        var finding = Assert.Single(TrapFinder.Find(Observe(bed), [DataplaneBed.Address(0)], 0));
        Assert.Equal(code, finding.Code);
        Assert.Equal(0, bed.Node.Execute($"/usr/sbin/{iptables}", "-w 60 -P FORWARD ACCEPT").ExitCode);
        Assert.Equal($"{DataplaneBed.Address(0)}", far.WhoIs(pod, "203.0.113.7"));
    }

    [Fact]
    public void In_bridge_mode_the_bridge_is_what_traffic_leaves_by_and_the_node_is_sound()
    {
        using var bed = new EgressBed(DataplaneMode.Bridge);
        var node = Observe(bed);
        Assert.Equal(("azure0", 1500), (node.Nic, node.NicMtu));
        Assert.Equal(["azure0"], node.DefaultRouteInterfaces);
        Assert.Empty(TrapFinder.Find(node, [DataplaneBed.Address(0)], 0));
        // By name too: the NIC is the bridge's port, and the bridge stands for it.
        Assert.Equal("azure0", bed.Node.Run(() => LinuxNodeObserver.Observe("eth0")).Nic);
    }

    private static NodeObservation Observe(EgressBed bed) => bed.Node.Run(() => LinuxNodeObserver.Observe(null));
}
