using System.Net;
using System.Net.Sockets;
using Vnetcni.TestSupport.Network;
using Xunit;
using static Vnetcni.Dataplane.Tests.Snat.EgressBed;

namespace Vnetcni.Dataplane.Tests.Snat;

/// <summary>Real packets across namespaces: pod, node, fabric, and hosts behind it that say whom they saw.</summary>
public abstract class EgressPacketTests(DataplaneMode mode)
{
    private const string Internet = "203.0.113.7";
    private const string Peered = "172.16.0.9";
    private const string WireServer = "168.63.129.16";
    private const string Metadata = "169.254.169.254";
    private const string NodeAddress = NodeNetns.NodeAddress;

    private static readonly string[] Excluded = ["10.240.0.0/16", "172.16.0.0/12"];

    [Fact]
    public async Task Pods_keep_their_address_inside_and_take_the_nodes_outside()
    {
        using var bed = new EgressBed(mode);
        using var far = new EchoHost(bed.Behind("far", "far0", Internet, Peered), Internet, Peered);
        var pod = await bed.PodAsync();
        await bed.Egress.ApplyAsync(Rules(Excluded), Token);
        Assert.Equal(NodeAddress, far.WhoIs(pod, Internet));
        Assert.Equal($"{DataplaneBed.Address(0)}", far.WhoIs(pod, Peered));
        Assert.Equal(1, bed.Packets("pods to outside"));
        await bed.Egress.ApplyAsync(Rules(Excluded) with { Translate = false }, Token);
        Assert.Equal($"{DataplaneBed.Address(0)}", far.WhoIs(pod, Internet));
    }

    [Fact]
    public async Task A_default_route_in_the_exclusions_means_no_translation_at_all()
    {
        using var bed = new EgressBed(mode);
        using var far = new EchoHost(bed.Behind("far", "far0", Internet), Internet);
        var pod = await bed.PodAsync();
        await bed.Egress.ApplyAsync(Rules("0.0.0.0/0", "10.0.0.0/8"), Token);
        Assert.Empty(await bed.Egress.CheckAsync(Token));
        Assert.Equal($"{DataplaneBed.Address(0)}", far.WhoIs(pod, Internet));
    }

    [Fact]
    public async Task The_nodes_own_traffic_and_that_of_others_it_forwards_is_not_touched()
    {
        using var bed = new EgressBed(mode);
        using var far = new EchoHost(bed.Behind("far", "far0", Internet), Internet);
        var other = bed.Bed.Pod("other");
        bed.Node.Ip($"link add docker0 type veth peer name eth0 netns {other.Path}");
        bed.Node.Ip("address add 172.17.0.1/16 dev docker0");
        bed.Node.Ip("link set docker0 up");
        other.Ip("address add 172.17.0.2/16 dev eth0");
        other.Ip("link set eth0 up");
        other.Ip("route add default via 172.17.0.1");
        bed.Bed.Nodes.Fabric.Ip($"route add 172.17.0.0/16 via {NodeAddress}");
        await bed.Egress.ApplyAsync(Rules(Excluded), Token);
        Assert.Equal(NodeAddress, far.WhoIs(bed.Node, Internet));
        // A second address of the node's own, as a hostNetwork pod could use it.
        bed.Node.Ip($"address add 10.240.0.5/32 dev {bed.Bed.Uplink}");
        bed.Bed.Nodes.Fabric.Ip($"route add 10.240.0.5/32 via {NodeAddress}");
        Assert.Equal("10.240.0.5", far.WhoIs(bed.Node, Internet, from: "10.240.0.5"));
        Assert.Equal("172.17.0.2", far.WhoIs(other, Internet));
        Assert.Equal(0, bed.Packets("pods to outside"));
    }

    [Fact]
    public async Task Connections_from_outside_to_a_pod_are_answered_with_the_pods_address()
    {
        using var bed = new EgressBed(mode);
        var far = bed.Behind("far", "far0", Internet);
        var pod = await bed.PodAsync();
        await bed.Egress.ApplyAsync(Rules(Excluded), Token);
        using var server = new EchoHost(pod, $"{DataplaneBed.Address(0)}");
        // The asker's socket is connected: an answer from another address would not reach it.
        Assert.Equal(Internet, server.WhoIs(far, $"{DataplaneBed.Address(0)}"));
        Assert.Equal(0, bed.Packets("pods to outside"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Wireserver_and_metadata_are_closed_to_pods_and_DNS_is_not(bool translate)
    {
        using var bed = new EgressBed(mode);
        var azure = bed.Behind("azure", "az0", WireServer, Metadata);
        using var far = new EchoHost(azure, WireServer, Metadata);
        using var ports = new Listeners(azure, (WireServer, 80), (WireServer, 32526), (WireServer, 53), (Metadata, 80), (WireServer, 8080));
        var pod = await bed.PodAsync();
        await bed.Egress.ApplyAsync(Rules(Excluded) with { Translate = translate }, Token);
        Assert.Equal(SocketError.ConnectionRefused, Connect(pod, WireServer, 80));
        Assert.Equal(SocketError.ConnectionRefused, Connect(pod, WireServer, 32526));
        Assert.Equal(SocketError.ConnectionRefused, Connect(pod, Metadata, 80));
        Assert.Equal(SocketError.Success, Connect(pod, WireServer, 53));
        Assert.Equal(translate ? NodeAddress : $"{DataplaneBed.Address(0)}", far.WhoIs(pod, WireServer));
        Assert.Equal(SocketError.Success, Connect(bed.Node, WireServer, 80));
        Assert.Equal(SocketError.Success, Connect(bed.Node, Metadata, 80));

        await bed.Egress.ApplyAsync(Rules(Excluded) with { Translate = translate, CloseMetadata = false }, Token);
        Assert.Equal(SocketError.Success, Connect(pod, Metadata, 80));
        Assert.Equal(SocketError.ConnectionRefused, Connect(pod, WireServer, 80));

        bed.Nft("flush ruleset");
        Assert.Equal(SocketError.Success, Connect(pod, WireServer, 80));
        await bed.Egress.ApplyAsync(Rules(Excluded) with { Translate = translate }, Token);
        Assert.Equal(SocketError.ConnectionRefused, Connect(pod, WireServer, 80));
        Assert.Equal(SocketError.ConnectionRefused, Connect(pod, Metadata, 80));
    }

    [Theory]
    [InlineData(40000)]
    // A probe may come from any port: its answer must pass even where the port is closed the other way.
    [InlineData(32526)]
    [InlineData(80)]
    public async Task Health_probes_from_the_load_balancer_pass(int fromPort)
    {
        using var bed = new EgressBed(mode);
        var azure = bed.Behind("azure", "az0", WireServer);
        var pod = await bed.PodAsync();
        await bed.Egress.ApplyAsync(Rules(Excluded), Token);
        using var ports = new Listeners(pod, ($"{DataplaneBed.Address(0)}", 8080));
        Assert.Equal(SocketError.Success, Connect(azure, $"{DataplaneBed.Address(0)}", 8080, fromPort));
    }

    [Fact]
    public async Task An_open_connection_to_the_metadata_service_ends_when_the_rules_come()
    {
        using var bed = new EgressBed(mode);
        var azure = bed.Behind("azure", "az0", Metadata);
        using var ports = new Listeners(azure, (Metadata, 80));
        var pod = await bed.PodAsync();
        using var open = pod.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        open.Connect(IPAddress.Parse(Metadata), 80);
        await bed.Egress.ApplyAsync(Rules(Excluded), Token);
        open.Send("GET / HTTP/1.1\r\n\r\n"u8);
        open.ReceiveTimeout = 3000;
        var refusal = Assert.Throws<SocketException>(() => open.Receive(new byte[1]));
        Assert.Equal(SocketError.ConnectionReset, refusal.SocketErrorCode);
    }

    [Fact]
    public async Task What_kube_proxy_or_Docker_translated_before_us_stays_as_they_have_it()
    {
        using var bed = new EgressBed(mode);
        using var far = new EchoHost(bed.Behind("far", "far0", Internet, Peered), Internet, Peered);
        var pod = await bed.PodAsync();
        bed.Node.Ip($"address add 10.240.0.6/32 dev {bed.Bed.Uplink}");
        bed.Bed.Nodes.Fabric.Ip($"route add 10.240.0.6/32 via {NodeAddress}");
        // As kube-proxy has it in either mode: mark 0x4000 at 100, cleared, then translated; the same chain names.
        bed.NftFile("""
            table ip kube-proxy {
                chain services { type nat hook prerouting priority -100;
                    ip daddr 10.96.0.1 udp dport 9 dnat to 203.0.113.7
                    ip daddr 10.96.0.2 udp dport 9 meta mark set mark or 0x4000 dnat to 172.16.0.9
                }
                chain nat-postrouting { type nat hook postrouting priority 100;
                    meta mark & 0x00004000 == 0x00000000 return
                    meta mark set meta mark ^ 0x00004000
                    snat to 10.240.0.6 fully-random
                }
            }
            """);
        await bed.Egress.ApplyAsync(Rules(Excluded), Token);
        // Not marked: decided by where it goes after the service's address was resolved.
        Assert.Equal(NodeAddress, far.WhoIs(pod, "10.96.0.1"));
        // Marked: theirs.
        Assert.Equal("10.240.0.6", far.WhoIs(pod, "10.96.0.2"));
        Assert.Equal(1, bed.Packets("pods to outside"));
    }

    /// <summary>Docker's own rules, by both kinds of iptables, beside ours: each translates its own.</summary>
    [Theory]
    [InlineData("iptables-nft")]
    [InlineData("iptables-legacy")]
    public async Task Docker_beside_us_translates_its_containers_and_we_our_pods(string iptables)
    {
        using var bed = new EgressBed(mode);
        Assert.SkipWhen(!File.Exists($"/usr/sbin/{iptables}-restore"), "`iptables` is not installed");
        using var far = new EchoHost(bed.Behind("far", "far0", Internet, Peered), Internet, Peered);
        var pod = await bed.PodAsync();
        var container = bed.Bed.Pod("container");
        bed.Node.Ip("link add docker0 type bridge");
        bed.Node.Ip("address add 172.17.0.1/16 dev docker0");
        bed.Node.Ip("link set docker0 up");
        bed.Node.Ip($"link add veth1 master docker0 type veth peer name eth0 netns {container.Path}");
        bed.Node.Ip("link set veth1 up");
        container.Ip("address add 172.17.0.2/16 dev eth0");
        container.Ip("link set eth0 up");
        container.Ip("route add default via 172.17.0.1");
        // Its lock is one file for all namespaces: without -w it ends with 4 while another holds it.
        bed.Node.Feed($"/usr/sbin/{iptables}-restore", "-w 60", """
            *nat
            :DOCKER - [0:0]
            -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
            -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
            -A DOCKER -i docker0 -j RETURN
            -A DOCKER ! -i docker0 -p udp -m udp --dport 8009 -j DNAT --to-destination 172.17.0.2:9
            COMMIT
            *filter
            :FORWARD ACCEPT [0:0]
            :DOCKER - [0:0]
            -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
            -A FORWARD -o docker0 -j DOCKER
            -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
            COMMIT

            """);
        await bed.Egress.ApplyAsync(Rules(Excluded), Token);
        Assert.Equal(NodeAddress, far.WhoIs(container, Internet));
        Assert.Equal(NodeAddress, far.WhoIs(container, Peered));
        Assert.Equal(0, bed.Packets("pods to outside"));
        Assert.Equal(NodeAddress, far.WhoIs(pod, Internet));
        Assert.Equal($"{DataplaneBed.Address(0)}", far.WhoIs(pod, Peered));
        using var inside = new EchoHost(container, "172.17.0.2");
        Assert.Equal($"{DataplaneBed.Address(0)}", inside.WhoIs(pod, "172.17.0.2"));
        Assert.Equal($"{DataplaneBed.Address(0)}", inside.WhoIs(pod, NodeAddress, port: 8009));
        Assert.Empty(await bed.Egress.CheckAsync(Token));
    }

    /// <summary>What firewalld, Docker and kube-proxy do at a restart: others' rules go and come, ours stay as they are.</summary>
    [Theory]
    [InlineData("iptables-nft")]
    [InlineData("iptables-legacy")]
    public async Task Others_that_flush_and_refill_their_own_iptables_leave_ours_alone(string iptables)
    {
        using var bed = new EgressBed(mode);
        Assert.SkipWhen(!File.Exists($"/usr/sbin/{iptables}"), "`iptables` is not installed");
        using var far = new EchoHost(bed.Behind("far", "far0", Internet), Internet);
        var pod = await bed.PodAsync();
        await bed.Egress.ApplyAsync(Rules(Excluded), Token);
        foreach (var command in new[] { "-t nat -A POSTROUTING -s 198.18.0.0/15 -j MASQUERADE", "-t nat -F", "-t nat -X", "-F", "-X", "-P FORWARD ACCEPT" })
            Assert.Equal(0, bed.Node.Execute($"/usr/sbin/{iptables}", $"-w 60 {command}").ExitCode);
        Assert.Empty(await bed.Egress.CheckAsync(Token));
        Assert.Equal(NodeAddress, far.WhoIs(pod, Internet));
    }

    [Fact]
    public async Task No_packet_escapes_while_the_rules_are_replaced_a_hundred_times()
    {
        using var bed = new EgressBed(mode);
        using var far = new EchoHost(bed.Behind("far", "far0", Internet, Peered), Internet, Peered);
        var pod = await bed.PodAsync();
        await bed.Egress.ApplyAsync(Rules(Excluded), Token);
        using var stop = new CancellationTokenSource();
        // Every packet is a connection of its own, so each is decided anew.
        var sent = 0;
        var flood = Task.WhenAll(Enumerable.Range(0, 2).Select(worker => Task.Factory.StartNew(
            () => Flood(pod, worker == 0 ? Internet : Peered, () => Interlocked.Increment(ref sent), stop.Token), Token, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        // A hundred times, and on a busy machine more: until enough packets met them.
        for (var i = 0; i < 100 || (Volatile.Read(ref sent) <= 2000 && i < 5000); i++)
        {
            await bed.Egress.ApplyAsync(Rules([.. Excluded, $"198.{18 + (i >> 8)}.{i & 0xff}.0/24"]), Token);
            await Task.Delay(2, Token);
        }
        await stop.CancelAsync();
        await flood;
        await Task.Delay(200, Token);
        var seen = far.Sources();
        Assert.True(sent > 2000, $"only {sent} packets were sent");
        Assert.Equal([NodeAddress], seen.Where(pair => pair.Key.To == Internet).Select(pair => pair.Key.From));
        Assert.Equal([$"{DataplaneBed.Address(0)}"], seen.Where(pair => pair.Key.To == Peered).Select(pair => pair.Key.From));
        Assert.True(seen.Values.Sum() > sent / 2, $"of {sent} packets {seen.Values.Sum()} arrived");
        TestContext.Current.TestOutputHelper?.WriteLine($"{sent} packets sent, {seen.Values.Sum()} arrived");
    }

    private static void Flood(TestNetns pod, string to, Action sent, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var socket = pod.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
            socket.SendTo([1], new IPEndPoint(IPAddress.Parse(to), EchoHost.SilentPort));
            sent();
        }
    }

    private static SocketError Connect(TestNetns from, string to, int port, int fromPort = 0)
    {
        using var socket = from.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        socket.Bind(new IPEndPoint(IPAddress.Any, fromPort));
        try
        {
            return socket.ConnectAsync(IPAddress.Parse(to), port).Wait(3000) ? SocketError.Success : SocketError.TimedOut;
        }
        catch (AggregateException exception) when (exception.InnerException is SocketException refusal)
        {
            return refusal.SocketErrorCode;
        }
    }
}

/// <inheritdoc/>
public sealed class TransparentEgressPacketTests() : EgressPacketTests(DataplaneMode.Transparent);

/// <inheritdoc/>
public sealed class BridgeEgressPacketTests() : EgressPacketTests(DataplaneMode.Bridge);
