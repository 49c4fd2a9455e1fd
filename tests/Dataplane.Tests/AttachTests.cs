using System.Net;
using System.Net.Sockets;
using Vnetcni.TestSupport.Network;
using Xunit;
using static Vnetcni.Dataplane.Tests.DataplaneBed;

namespace Vnetcni.Dataplane.Tests;

public sealed class AttachTests
{
    [Fact]
    public async Task Attach_makes_what_it_says_on_the_node()
    {
        using var bed = new DataplaneBed();
        var pod = bed.Pod();
        var made = await bed.Network.AttachAsync(bed.Request(pod), Token);

        var link = Assert.Single(bed.Node.IpJson("link show dev vn0"));
        Assert.Equal("vnetcni:net/container0/eth0", link.GetProperty("ifalias").GetString());
        Assert.Equal("default", link.GetProperty("group").GetString());
        Assert.Equal("UP", link.GetProperty("operstate").GetString());
        Assert.Equal(1500, link.GetProperty("mtu").GetInt32());
        Assert.Equal(1, link.GetProperty("num_tx_queues").GetInt32());
        Assert.Equal(1, link.GetProperty("num_rx_queues").GetInt32());
        Assert.Equal("veth", link.GetProperty("linkinfo").GetProperty("info_kind").GetString());
        Assert.Equal(Mac(made.HostMac), link.GetProperty("address").GetString());
        Assert.Equal("vn0", made.HostInterface);
        Assert.Equal(1500, made.Mtu);
        Assert.Equal(IPAddress.Parse("169.254.1.1"), made.Gateway);

        var route = Assert.Single(bed.Node.IpJson("route show proto 118"));
        Assert.Equal("10.240.0.64", route.GetProperty("dst").GetString());
        Assert.Equal("vn0", route.GetProperty("dev").GetString());
        Assert.Equal("link", route.GetProperty("scope").GetString());
        var neighbour = Assert.Single(bed.Node.IpJson("neigh show dev vn0 nud permanent"));
        Assert.Equal("10.240.0.64", neighbour.GetProperty("dst").GetString());
        Assert.Equal(Mac(made.PodMac), neighbour.GetProperty("lladdr").GetString());
        foreach (var (setting, value) in new[] { ("rp_filter", "1"), ("proxy_arp", "1"), ("send_redirects", "0"), ("forwarding", "1") })
            Assert.Equal(value, bed.Node.Run(() => File.ReadAllText($"/proc/sys/net/ipv4/conf/vn0/{setting}")).Trim());
        Assert.Equal("1", bed.Node.Run(() => File.ReadAllText("/proc/sys/net/ipv4/ip_forward")).Trim());
    }

    [Fact]
    public async Task Attach_makes_what_it_says_in_the_pod()
    {
        using var bed = new DataplaneBed();
        var pod = bed.Pod();
        var made = await bed.Network.AttachAsync(bed.Request(pod, mtu: 1400), Token);

        var link = Assert.Single(pod.IpJson("address show dev eth0"));
        Assert.Equal(1400, link.GetProperty("mtu").GetInt32());
        Assert.Equal(Mac(made.PodMac), link.GetProperty("address").GetString());
        Assert.NotEqual(made.HostMac, made.PodMac);
        Assert.Equal(0x02, made.PodMac.GetAddressBytes()[0] & 0x03);
        var address = Assert.Single(link.GetProperty("addr_info").EnumerateArray(), info => info.GetProperty("family").GetString() == "inet");
        Assert.Equal("10.240.0.64", address.GetProperty("local").GetString());
        Assert.Equal(32, address.GetProperty("prefixlen").GetInt32());

        var routes = pod.IpJson("route show");
        Assert.Equal(2, routes.Count);
        Assert.Equal("169.254.1.1", routes.Single(route => route.GetProperty("dst").GetString() == "default").GetProperty("gateway").GetString());
        Assert.Equal("link", routes.Single(route => route.GetProperty("dst").GetString() == "169.254.1.1").GetProperty("scope").GetString());
        var neighbour = Assert.Single(pod.IpJson("neigh show nud permanent"));
        Assert.Equal("169.254.1.1", neighbour.GetProperty("dst").GetString());
        Assert.Equal(Mac(made.HostMac), neighbour.GetProperty("lladdr").GetString());
    }

    [Fact]
    public async Task Packets_flow_between_node_pods_and_outside()
    {
        using var bed = new DataplaneBed();
        TestNetns first = bed.Pod("first"), second = bed.Pod("second");
        await bed.Network.PrepareAsync([Address(0), Address(1)], Token);
        await bed.Network.AttachAsync(bed.Request(first, 0), Token);
        await bed.Network.AttachAsync(bed.Request(second, 1), Token);

        Assert.True(bed.Node.Ping($"{Address(0)}"), "node to pod");
        Assert.True(first.Ping(NodeNetns.NodeAddress), "pod to node");
        Assert.True(first.Ping($"{Address(1)}"), "pod to pod");
        Assert.True(second.Ping($"{Address(0)}"), "pod to pod, the other way");
        Assert.True(first.Ping(NodeNetns.FabricAddress, 1472), "pod to outside, a full packet");
        Assert.True(bed.Nodes.Fabric.Ping($"{Address(1)}", 1472), "outside to pod, a full packet");
        Assert.False(first.Ping($"{Address(2)}"), "an address that nobody has");
    }

    [Fact]
    public async Task The_first_packet_after_attach_arrives_both_ways()
    {
        // Since then RTM_GETLINK waits for the carrier to be acted upon.
        Assert.SkipWhen(Environment.OSVersion.Version < new Version(6, 8), "a kernel before 6.8 takes a veth into use a moment later");
        using var bed = new DataplaneBed();
        var pods = Enumerable.Range(0, 60).Select(i => bed.Pod($"pod{i}")).ToArray();
        var requests = pods.Select((pod, i) => bed.Request(pod, i)).ToArray();
        using var node = bed.Node.Run(() => new UdpClient(new IPEndPoint(IPAddress.Any, 7000)));
        await Task.WhenAll(requests.Select(async (request, i) =>
        {
            using var socket = pods[i].Run(() => new UdpClient(new IPEndPoint(IPAddress.Any, 7000)));
            await bed.Network.AttachAsync(request, Token);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
            patience.CancelAfter(TimeSpan.FromSeconds(10));
            await node.SendAsync("hello"u8.ToArray(), new IPEndPoint(request.Address, 7000), Token);
            Assert.Equal("hello"u8.ToArray(), (await socket.ReceiveAsync(patience.Token)).Buffer);
            await socket.SendAsync("hello"u8.ToArray(), new IPEndPoint(IPAddress.Parse(NodeNetns.NodeAddress), 7000), Token);
        }));
        for (var i = 0; i < pods.Length; i++)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
            patience.CancelAfter(TimeSpan.FromSeconds(10));
            Assert.Equal(5, (await node.ReceiveAsync(patience.Token)).Buffer.Length);
        }
    }

    [Fact]
    public async Task A_pod_can_not_send_from_an_address_that_is_not_its_own()
    {
        using var bed = new DataplaneBed();
        var pod = bed.Pod();
        await bed.Network.AttachAsync(bed.Request(pod), Token);
        pod.Ip($"address add {Address(9)}/32 dev eth0");
        var fabric = bed.Nodes.Fabric;
        fabric.Ip($"route replace {Address(9)}/32 via {NodeNetns.NodeAddress}");
        Assert.NotEqual(0, pod.Execute("ping", $"-n -c 1 -W 1 -I {Address(9)} {NodeNetns.FabricAddress}").ExitCode);
        Assert.DoesNotContain($"{Address(9)}", fabric.Ip("neigh show"), StringComparison.Ordinal);
        Assert.Equal(0, pod.Execute("ping", $"-n -c 1 -W 1 -I {Address(0)} {NodeNetns.FabricAddress}").ExitCode);
    }

    [Fact]
    public async Task An_existing_interface_is_refused_and_untouched()
    {
        using var bed = new DataplaneBed();
        var pod = bed.Pod();
        await bed.Network.AttachAsync(bed.Request(pod), Token);
        string Snapshot() => pod.Ip("-d address show dev eth0") + pod.Ip("route show") + pod.Ip("neigh show");
        var before = Snapshot();

        var other = bed.Request(pod) with { HostInterface = "vn7", Address = Address(7), Alias = Alias(7) };
        var refusal = await Assert.ThrowsAsync<DataplaneException>(() => bed.Network.AttachAsync(other, Token));
        Assert.Equal(DataplaneFault.InterfaceExists, refusal.Fault);
        Assert.Equal(17, refusal.Errno);
        Assert.Equal(before, Snapshot());
        Assert.Equal(["vn0"], bed.PodLinks());

        var same = await Assert.ThrowsAsync<DataplaneException>(() => bed.Network.AttachAsync(bed.Request(pod), Token));
        Assert.Equal(DataplaneFault.InterfaceExists, same.Fault);
        Assert.Equal(before, Snapshot());
        Assert.True(bed.Node.Ping($"{Address(0)}"));
    }

    [Fact]
    public async Task The_MTU_follows_a_named_NIC_and_otherwise_the_default_route()
    {
        using var bed = new DataplaneBed(nic: "small0", prepare: false);
        bed.Node.Ip("link add small0 mtu 1280 type bridge");
        Assert.Equal(1280, (await bed.Network.AttachAsync(bed.Request(bed.Pod(), 0), Token)).Mtu);
        bed.Node.Ip("link set eth0 mtu 1350");
        var byRoute = bed.Start();
        Assert.Equal(1350, (await byRoute.AttachAsync(bed.Request(bed.Pod(), 1), Token)).Mtu);
        bed.Node.Ip("route del default");
        var lost = await Assert.ThrowsAsync<DataplaneException>(() => bed.Start().AttachAsync(bed.Request(bed.Pod(), 2), Token));
        Assert.Contains("no default route", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_attachment_has_the_same_MACs_every_time()
    {
        var mac = Linux.Netlink.Routing.MacAddress.From("vnetcni:net/container0/eth0 pod");
        Assert.Equal("42E26C9C324E", mac.ToString());
    }

    private static string Mac(System.Net.NetworkInformation.PhysicalAddress mac) =>
        string.Join(':', mac.GetAddressBytes().Select(octet => octet.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));
}
