using System.Net;
using Vnetcni.Dataplane.Linux.Netlink.Wire;
using Vnetcni.TestSupport.Network;
using Xunit;
using static Vnetcni.Dataplane.Tests.DataplaneBed;

namespace Vnetcni.Dataplane.Tests.Bridge;

/// <summary>Pods on the bridge, with real frames.</summary>
public sealed class BridgePodTests
{
    private const string Fabric = NodeNetns.FabricAddress;
    private const string NodeAddress = NodeNetns.NodeAddress;

    [Fact]
    public async Task Pods_reach_each_other_the_node_and_what_is_outside_and_are_reached_from_there()
    {
        using var bed = new DataplaneBed(mode: DataplaneMode.Bridge);
        var (a, b) = (bed.Pod("a"), bed.Pod("b"));
        await bed.Network.AttachAsync(bed.Request(a), Token);
        await bed.Network.AttachAsync(bed.Request(b, 1), Token);
        Assert.True(a.Ping($"{Address(1)}"));
        Assert.True(b.Ping($"{Address(0)}"));
        Assert.True(a.Ping(NodeAddress));
        Assert.True(bed.Node.Ping($"{Address(0)}"));
        Assert.True(a.Ping(Fabric));
        Assert.True(bed.Nodes.Fabric.Ping($"{Address(0)}"));
        // Something of the node's that is not on the bridge, such as a local DNS cache.
        bed.Node.Ip("address add 169.254.20.10/32 dev lo");
        Assert.True(a.Ping("169.254.20.10"));
        Assert.Empty(await bed.Network.FaultsAsync(Token));
    }

    [Fact]
    public async Task Only_frames_with_the_NICs_MAC_leave_whoever_sends_and_pods_may_ask_by_ARP()
    {
        using var bed = new DataplaneBed(mode: DataplaneMode.Bridge);
        using var tap = new FrameTap(bed.Nodes.Fabric);
        var nicMac = MacOf(bed.Node, "eth0");
        Assert.Equal(nicMac, MacOf(bed.Node, "azure0"));
        var pod = bed.Pod();
        await bed.Network.AttachAsync(bed.Request(pod), Token);
        Assert.True(pod.Ping(Fabric));
        // As a program would that knows nothing of the next hop and asks the network itself.
        pod.Ip($"route replace {Fabric}/32 dev eth0");
        Assert.True(pod.Ping(Fabric));
        Assert.Equal(MacOf(bed.Nodes.Fabric, "eth0"), Assert.Single(pod.IpJson($"neigh show {Fabric}")).GetProperty("lladdr").GetString());
        Assert.True(bed.Node.Ping(Fabric));

        var frames = tap.Take();
        Assert.Contains(frames, frame => frame[12] == 8 && frame[13] == 6);
        Assert.Contains(frames, frame => frame[12] == 8 && frame[13] == 0 && new IPAddress(frame.AsSpan(26, 4)).Equals(Address(0)));
        Assert.Equal([nicMac], frames.Select(FrameTap.SourceOf).Distinct());
        // The sender inside ARP too.
        Assert.All(frames.Where(frame => frame[12] == 8 && frame[13] == 6), frame => Assert.Equal(frame[6..12], frame[22..28]));
    }

    [Fact]
    public async Task A_pod_can_not_send_as_another_nor_go_past_the_node()
    {
        using var bed = new DataplaneBed(mode: DataplaneMode.Bridge);
        using var tap = new FrameTap(bed.Nodes.Fabric);
        var (liar, other) = (bed.Pod("liar"), bed.Pod("other"));
        await bed.Network.AttachAsync(bed.Request(liar), Token);
        await bed.Network.AttachAsync(bed.Request(other, 1), Token);
        foreach (var stolen in new[] { $"{Address(1)}", NodeAddress, "203.0.113.5" })
        {
            liar.Ip($"address add {stolen}/32 dev eth0");
            Assert.NotEqual(0, liar.Execute("ping", $"-n -c 1 -W 1 -I {stolen} {Fabric}").ExitCode);
        }
        // With the other's MAC as well.
        liar.Ip($"link set eth0 address {MacOf(other, "eth0")}");
        Assert.NotEqual(0, liar.Execute("ping", $"-n -c 1 -W 1 -I {Address(1)} {Fabric}").ExitCode);
        Assert.DoesNotContain(tap.Take(), frame => frame[12] == 8 && frame[13] == 0);
        Assert.True(other.Ping(Fabric));
        Assert.True(bed.Node.Ping(Fabric));
    }

    [Fact]
    public async Task Check_is_content_with_what_attach_made_and_names_what_was_changed()
    {
        using var bed = new DataplaneBed(mode: DataplaneMode.Bridge);
        var request = bed.Request(bed.Pod());
        await bed.Network.AttachAsync(request, Token);
        Assert.Empty(await bed.Network.CheckAsync(request, Token));
        bed.Node.Ip("link set vn0 nomaster");
        bed.Node.Ip($"route del {Address(0)}/32 dev azure0");
        bed.Node.Ip($"neigh del {Address(0)} dev azure0");
        Assert.Equal(
            ["the node's vn0 is not a port of azure0", $"the node has no route to {Address(0)} by azure0", $"the node has no permanent neighbour {Address(0)} with the pod's MAC on azure0"],
            await bed.Network.CheckAsync(request, Token));
    }

    [Fact]
    public async Task After_detach_and_reap_nothing_of_the_pod_is_left()
    {
        using var bed = new DataplaneBed(mode: DataplaneMode.Bridge);
        await bed.Network.PrepareAsync([Address(0), Address(1)], Token);
        await bed.Network.AttachAsync(bed.Request(bed.Pod()), Token);
        await bed.Network.AttachAsync(bed.Request(bed.Pod(), 1), Token);
        Assert.Equal([(Alias(0), Address(0), false), (Alias(1), Address(1), false)], (await bed.Network.ListAsync(Token)).Select(link => (link.Alias, link.Address!, link.Detached)));
        Assert.True(await bed.Network.DetachAsync("vn0", Address(0), Token));
        Assert.False(await bed.Network.DetachAsync("vn0", Address(0), Token));
        Assert.Equal([(null, true), (Address(1), false)], (await bed.Network.ListAsync(Token)).Select(link => (link.Address, link.Detached)));
        await bed.Network.ReapAsync(Token);
        Assert.Equal(["vn1"], bed.PodLinks());
        Assert.Equal(["vn1"], Pods(bed));
        Assert.True(await bed.Network.DetachAsync("vn1", Address(1), Token));
        await bed.Network.ReapAsync(Token);
        Assert.Empty(Pods(bed));
        Assert.Empty(bed.Node.IpJson("-4 neigh show dev azure0 nud permanent"));
        Assert.Equal([$"{Address(0)}", $"{Address(1)}"], bed.OurRoutes().Order(StringComparer.Ordinal));
        Assert.Contains("Destination Host Unreachable", bed.Nodes.Fabric.Execute("ping", $"-n -c 1 -W 1 {Address(0)}").Output, StringComparison.Ordinal);
        Assert.Empty(await bed.Network.FaultsAsync(Token));
    }

    [Fact]
    public async Task A_namespace_that_died_leaves_nothing_on_the_bridge_after_detach_or_after_a_restart()
    {
        using var bed = new DataplaneBed(mode: DataplaneMode.Bridge);
        foreach (var number in new[] { 0, 1 })
        {
            using var mortal = new TestNetns("mortal");
            using var opened = Linux.Namespaces.LinuxPodNamespace.Open(mortal.Path);
            await bed.Network.AttachAsync(Request(opened, number), Token);
        }
        for (var i = 0; i < 200 && bed.PodLinks().Length > 0; i++)
            await Task.Delay(50, Token);
        Assert.Empty(bed.PodLinks());
        Assert.False(await bed.Network.DetachAsync("vn0", Address(0), Token));
        Assert.Equal([$"{Address(1)}"], bed.OurRoutes());
        bed.Renew();
        await bed.Network.PrepareAsync([], Token);
        Assert.Empty(bed.OurRoutes());
        Assert.Empty(bed.Node.IpJson("-4 neigh show dev azure0 nud permanent"));
        Assert.Empty(Pods(bed));
    }

    [Fact]
    public async Task A_failed_attach_leaves_nothing_and_the_pod_that_has_the_address_keeps_it()
    {
        using var bed = new DataplaneBed(mode: DataplaneMode.Bridge);
        var owner = bed.Pod("owner");
        await bed.Network.AttachAsync(bed.Request(owner), Token);
        var thief = bed.Request(bed.Pod("thief"), 1) with { Address = Address(0) };
        var refusal = await Assert.ThrowsAsync<DataplaneException>(() => bed.Network.AttachAsync(thief, Token));
        Assert.Contains("has another pod this address", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["vn0"], bed.PodLinks());
        Assert.True(bed.Node.Ping($"{Address(0)}"));
        Assert.True(owner.Ping(Fabric));
        Assert.False(await bed.Network.DetachAsync("vn1", Address(0), Token));
        Assert.True(owner.Ping(Fabric));

        var busy = bed.Pod("busy");
        busy.Ip("link add dummy0 up type bridge");
        busy.Ip("route add default dev dummy0");
        await Assert.ThrowsAsync<DataplaneException>(() => bed.Network.AttachAsync(bed.Request(busy, 2), Token));
        Assert.Equal(["vn0"], bed.PodLinks());
        Assert.Equal([$"{Address(0)}"], bed.OurRoutes());
        Assert.Equal(["vn0"], Pods(bed));
        Assert.Empty(await bed.Network.FaultsAsync(Token));
    }

    [Fact]
    public async Task An_attach_cut_at_any_send_is_cleaned_up_by_the_next_process()
    {
        using var bed = new DataplaneBed(mode: DataplaneMode.Bridge);
        var survivor = bed.Pod("survivor");
        await bed.Network.AttachAsync(bed.Request(survivor, 9), Token);
        for (var cut = 1; cut <= 8; cut++)
        {
            var pod = bed.Pod();
            var left = cut;
            using (var mortal = bed.Start(beforeSend: messages =>
            {
                if (left <= 0 || (IsChange(messages) && --left <= 0))
                    throw new InvalidOperationException("killed");
            }))
            {
                try
                {
                    await mortal.AttachAsync(bed.Request(pod), Token);
                }
                catch (InvalidOperationException killed) when (killed.Message == "killed")
                {
                    Assert.True(left <= 0);
                }
            }
            bed.Renew();
            // As the agent does at its start: what stands and belongs to nobody is detached.
            await bed.Network.PrepareAsync([], Token);
            foreach (var link in await bed.Network.ListAsync(Token))
            {
                if (link.Name != "vn9")
                    await bed.Network.DetachAsync(link.Name, link.Address ?? IPAddress.Any, Token);
            }
            await bed.Network.ReapAsync(Token);
            Assert.Equal(["vn9"], bed.PodLinks());
            Assert.Equal(["vn9"], Pods(bed));
            Assert.Equal([$"{Address(9)}"], bed.OurRoutes());
            Assert.Empty(await bed.Network.FaultsAsync(Token));
            Assert.True(survivor.Ping(Fabric));
        }
    }

    [Fact]
    public async Task Flushed_rules_are_told_and_made_anew_with_every_pod_and_meanwhile_traffic_goes_on()
    {
        using var bed = new DataplaneBed(mode: DataplaneMode.Bridge);
        var (a, b) = (bed.Pod("a"), bed.Pod("b"));
        await bed.Network.AttachAsync(bed.Request(a), Token);
        bed.Node.Execute("/usr/sbin/nft", "flush ruleset");
        Assert.Contains("is gone", Assert.Single(await bed.Network.FaultsAsync(Token)), StringComparison.Ordinal);
        Assert.True(a.Ping(Fabric));
        Assert.True(bed.Nodes.Fabric.Ping($"{Address(0)}"));
        // An attach finds out by itself.
        await bed.Network.AttachAsync(bed.Request(b, 1), Token);
        Assert.Equal(["vn0", "vn1"], Pods(bed));
        Assert.Empty(await bed.Network.FaultsAsync(Token));

        bed.Node.Execute("/usr/sbin/nft", $"delete element bridge vnetcni pods {{ {Address(0)} }}");
        bed.Node.Execute("/usr/sbin/nft", "flush chain bridge vnetcni from-pod");
        Assert.Equal(2, (await bed.Network.FaultsAsync(Token)).Count);
        await bed.Network.RepairAsync(Token);
        Assert.Empty(await bed.Network.FaultsAsync(Token));
        Assert.Equal(["vn0", "vn1"], Pods(bed));
    }

    [Fact]
    public async Task A_restarted_process_knows_mode_and_pods_and_traffic_goes_on()
    {
        using var bed = new DataplaneBed(mode: DataplaneMode.Bridge);
        var pod = bed.Pod();
        var request = bed.Request(pod);
        await bed.Network.AttachAsync(request, Token);
        bed.Renew();
        Assert.Equal(Address(0), Assert.Single(await bed.Network.ListAsync(Token)).Address);
        Assert.Empty(await bed.Network.CheckAsync(request, Token));
        Assert.Null(await bed.Network.UseModeAsync(DataplaneMode.Bridge, Token));
        Assert.True(pod.Ping(Fabric));
        Assert.True(await bed.Network.DetachAsync("vn0", Address(0), Token));
    }

    [Fact]
    public async Task Many_pods_come_and_go()
    {
        using var bed = new DataplaneBed(mode: DataplaneMode.Bridge);
        for (var number = 0; number < 30; number++)
        {
            using var space = new TestNetns($"pod{number}");
            using var handle = Linux.Namespaces.LinuxPodNamespace.Open(space.Path);
            await bed.Network.AttachAsync(Request(handle, number), Token);
            if (number % 10 == 0)
                Assert.True(space.Ping(Fabric));
            await bed.Network.DetachAsync($"vn{number}", Address(number), Token);
            if (number % 7 == 0)
                await bed.Network.ReapAsync(Token);
        }
        await bed.Network.ReapAsync(Token);
        Assert.Empty(Pods(bed));
        Assert.Empty(bed.PodLinks());
        Assert.Empty(bed.OurRoutes());
        Assert.Empty(await bed.Network.FaultsAsync(Token));
    }

    [Theory]
    [InlineData(0, 1500)]
    [InlineData(1300, 1300)]
    public async Task The_MTU_is_the_NICs_or_the_one_asked_for_and_the_bridge_keeps_its_own(int asked, int mtu)
    {
        using var bed = new DataplaneBed(mode: DataplaneMode.Bridge);
        var pod = bed.Pod();
        Assert.Equal(mtu, (await bed.Network.AttachAsync(bed.Request(pod, mtu: asked), Token)).Mtu);
        Assert.Equal(1500, Assert.Single(bed.Node.IpJson("link show azure0")).GetProperty("mtu").GetInt32());
        Assert.True(pod.Ping(Fabric, mtu - 28));
    }

    /// <summary>A pod that asks a service may be the one that answers, also where the answer goes by its own port again.</summary>
    [Fact]
    public async Task A_pod_reaches_itself_and_others_by_a_service()
    {
        using var bed = new DataplaneBed(mode: DataplaneMode.Bridge);
        var (a, b) = (bed.Pod("a"), bed.Pod("b"));
        await bed.Network.AttachAsync(bed.Request(a), Token);
        await bed.Network.AttachAsync(bed.Request(b, 1), Token);
        bed.Node.Execute("/usr/sbin/nft", $$"""
            'add table ip svc; add chain ip svc pre { type nat hook prerouting priority -100; };
            add rule ip svc pre ip daddr 10.96.0.1 udp dport 9 meta mark set 0x4000 dnat to {{Address(0)}};
            add chain ip svc post { type nat hook postrouting priority 100; };
            add rule ip svc post meta mark & 0x4000 == 0x4000 masquerade'
            """.Replace("\n", " ", StringComparison.Ordinal).Replace('\'', '"'));
        using var server = new EchoHost(a, $"{Address(0)}");
        Assert.Equal(NodeAddress, server.WhoIs(a, "10.96.0.1"));
        Assert.Equal(NodeAddress, server.WhoIs(b, "10.96.0.1"));
    }

    // Names of the ports that the rules know.
    private static string[] Pods(DataplaneBed bed) =>
    [
        .. System.Text.RegularExpressions.Regex.Matches(bed.Node.Execute("/usr/sbin/nft", "list set bridge vnetcni owned").Output, "\"(vn[0-9]+)\" \\.")
            .Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal),
    ];

    private static string MacOf(TestNetns space, string link) => Assert.Single(space.IpJson($"link show {link}")).GetProperty("address").GetString()!;

    // The first message's type: what is not a GET.
    private static bool IsChange(ReadOnlySpan<byte> messages) =>
        BitConverter.ToUInt16(messages[4..]) is not (MessageType.GetLink or MessageType.GetAddress or MessageType.GetRoute or MessageType.GetNeighbour);
}
