using System.Net;
using System.Net.Sockets;
using Vnetcni.Dataplane;
using Vnetcni.TestSupport.Network;
using Xunit;
using static Vnetcni.Lab.Tests.DataPath.PathLab;

namespace Vnetcni.Lab.Tests.DataPath;

/// <summary>Every flow that docs/dataplane.md promises, with real packets; who is seen at the other end is what counts.</summary>
public abstract class DataPathTests(DataplaneMode mode) : IAsyncLifetime
{
    private PathLab _lab = null!;

    public async ValueTask InitializeAsync() => _lab = await StartAsync(mode);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_lab is not null)
            await _lab.DisposeAsync();
    }

    [Fact]
    public void Pods_of_one_node_and_of_two_see_each_others_addresses_and_the_nodes_reach_pods_both_ways()
    {
        using var near = new EchoHost(_lab.Pod2, PodA2);
        using var far = new EchoHost(_lab.Remote, PodB);
        Assert.Equal(PodA, near.WhoIs(_lab.Pod1, PodA2));
        Assert.Equal(PodB, near.WhoIs(_lab.Remote, PodA2));
        Assert.Equal(PodA, far.WhoIs(_lab.Pod1, PodB));
        Assert.Equal(NodeA, near.WhoIs(_lab.A.Space, PodA2));
        Assert.Equal(NodeB, near.WhoIs(_lab.B.Space, PodA2));
        Assert.Equal(NodeA, far.WhoIs(_lab.A.Space, PodB));
        using var node = new EchoHost(_lab.A.Space, NodeA);
        Assert.Equal(PodA, node.WhoIs(_lab.Pod1, NodeA));
        Assert.Equal(PodB, node.WhoIs(_lab.Remote, NodeA));
    }

    [Fact]
    public void Peered_networks_and_those_on_premises_see_the_pod_and_reach_it()
    {
        using var world = new EchoHost(_lab.Outside, Peered, OnPrem);
        Assert.Equal(PodA, world.WhoIs(_lab.Pod1, Peered));
        Assert.Equal(PodB, world.WhoIs(_lab.Remote, OnPrem));
        using var pod = new EchoHost(_lab.Pod1, PodA);
        Assert.Equal(Peered, pod.WhoIs(_lab.Outside, PodA, from: Peered));
        Assert.Equal(OnPrem, pod.WhoIs(_lab.Outside, PodA, from: OnPrem));
    }

    [Fact]
    public async Task The_internet_sees_the_NICs_primary_address_which_alone_has_outbound_access()
    {
        using var world = new EchoHost(_lab.Outside, Internet);
        Assert.Equal(NodeA, world.WhoIs(_lab.Pod1, Internet));
        Assert.Equal(NodeB, world.WhoIs(_lab.Remote, Internet));
        Assert.Equal(NodeA, world.WhoIs(_lab.A.Space, Internet));
        // Disabled: the pod's own address, which the fabric does not let out.
        await _lab.A.Egress.ApplyAsync(Rules([PodA, PodA2]) with { Translate = false }, TestContext.Current.CancellationToken);
        Assert.Null(Ask(world, _lab.Pod2, Internet));
        Assert.Contains("packets 1 ", _lab.FabricSpace.Execute("/usr/sbin/nft", "list counter ip world outbound").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_service_endpoint_admits_the_subnet_and_so_the_pod()
    {
        using var world = new EchoHost(_lab.Outside, Storage);
        // Outside the virtual network: the node's address, which is of the subnet too.
        Assert.Equal(NodeA, world.WhoIs(_lab.Pod1, Storage));
        Assert.Equal(NodeB, world.WhoIs(_lab.Remote, Storage));
    }

    [Fact]
    public void A_network_security_rule_can_name_one_pod()
    {
        _lab.FabricSpace.Execute("/usr/sbin/nft", $"add element ip world denied {{ {PodA} . {PodB} }}");
        using var far = new EchoHost(_lab.Remote, PodB);
        Assert.Null(Ask(far, _lab.Pod1, PodB));
        Assert.Equal(PodA2, far.WhoIs(_lab.Pod2, PodB));
    }

    [Fact]
    public void A_route_table_of_the_subnet_applies_to_pods()
    {
        // As a user-defined route: what the subnet sends to the peered network goes by an appliance, which answers in its place.
        using var appliance = new TestNetns("appliance");
        _lab.FabricSpace.Ip($"link add nva0 type veth peer name eth0 netns {appliance.Path}");
        _lab.FabricSpace.Ip("link set nva0 up");
        _lab.FabricSpace.Ip("address add 192.0.2.9/32 dev nva0");
        appliance.Ip("link set eth0 up");
        appliance.Ip($"address add {Peered}/32 dev lo");
        appliance.Ip("address add 192.0.2.10/32 dev eth0");
        appliance.Ip("route add 192.0.2.9/32 dev eth0");
        appliance.Ip("route add default via 192.0.2.9 dev eth0");
        _lab.FabricSpace.Ip("route add 192.0.2.10/32 dev nva0");
        _lab.FabricSpace.Ip($"route add {Peered}/32 via 192.0.2.10 dev nva0 table 100");
        _lab.FabricSpace.Ip("rule add from 10.224.0.0/16 lookup 100 priority 100");
        using var through = new EchoHost(appliance, Peered);
        Assert.Equal(PodA, through.WhoIs(_lab.Pod1, Peered));
        Assert.Equal(PodB, through.WhoIs(_lab.Remote, Peered));
    }

    [Fact]
    public void Services_reach_pods_here_and_there_and_the_asker_itself()
    {
        using var a = new EchoHost(_lab.Pod1, PodA);
        using var b = new EchoHost(_lab.Remote, PodB);
        Assert.Equal(PodA2, a.WhoIs(_lab.Pod2, KubeProxyRules.LocalService));
        Assert.Equal(PodA2, b.WhoIs(_lab.Pod2, KubeProxyRules.RemoteService));
        Assert.Equal(NodeA, a.WhoIs(_lab.Pod1, KubeProxyRules.LocalService));
        Assert.Equal(NodeB, b.WhoIs(_lab.Remote, KubeProxyRules.LocalService));
        Assert.Equal(NodeA, a.WhoIs(_lab.A.Space, KubeProxyRules.LocalService));
        Assert.Equal(NodeA, b.WhoIs(_lab.A.Space, KubeProxyRules.RemoteService));
    }

    [Fact]
    public void A_load_balancer_reaches_pods_by_node_ports_of_both_policies()
    {
        using var b = new EchoHost(_lab.Remote, PodB);
        // Cluster: any node, which takes the source's place when the pod is elsewhere.
        Assert.Equal(NodeA, Ask(b, _lab.Outside, FrontEnd, from: Internet, port: 8080));
        // Local: the node with the pod, which sees the client.
        Assert.Equal(Internet, Ask(b, _lab.Outside, FrontEnd, from: Internet, port: 8081));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(80)]
    [InlineData(32526)]
    public void A_load_balancers_probe_is_answered_by_pod_and_node(int fromPort)
    {
        using var pod = new Listeners(_lab.Pod1, (PodA, 8080));
        using var node = new Listeners(_lab.A.Space, (NodeA, 10256));
        Assert.Equal(SocketError.Success, Connect(_lab.Outside, PodA, 8080, WireServer, fromPort));
        Assert.Equal(SocketError.Success, Connect(_lab.Outside, NodeA, 10256, WireServer, fromPort));
        using var b = new EchoHost(_lab.Remote, PodB);
        Assert.Equal(WireServer, Ask(b, _lab.Outside, NodeB, from: WireServer, port: KubeProxyRules.LocalPort));
    }

    [Fact]
    public async Task Wireserver_and_metadata_are_closed_to_pods_and_stay_so_when_the_rules_were_flushed_and_mended()
    {
        using var ports = new Listeners(_lab.Outside, (WireServer, 80), (WireServer, 32526), (WireServer, 53), (Metadata, 80));
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(SocketError.ConnectionRefused, Connect(_lab.Pod1, WireServer, 80));
            Assert.Equal(SocketError.ConnectionRefused, Connect(_lab.Pod1, WireServer, 32526));
            Assert.Equal(SocketError.ConnectionRefused, Connect(_lab.Pod1, Metadata, 80));
            Assert.Equal(SocketError.Success, Connect(_lab.Pod1, WireServer, 53));
            Assert.Equal(SocketError.Success, Connect(_lab.A.Space, Metadata, 80));
            _lab.A.Space.Execute("/usr/sbin/nft", "flush ruleset");
            Assert.NotEmpty(await _lab.A.Egress.CheckAsync(TestContext.Current.CancellationToken));
            await _lab.A.Egress.ApplyAsync(Rules([PodA, PodA2]), TestContext.Current.CancellationToken);
            Assert.Empty(await _lab.A.Egress.CheckAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Addresses_that_ARM_does_not_know_die_in_the_fabric_or_before()
    {
        using var far = new EchoHost(_lab.Remote, PodB);
        var stranger = await _lab.A.AddPodAsync(Unknown, 9, TestContext.Current.CancellationToken);
        var before = await _lab.Fabric.DroppedAsync(TestContext.Current.CancellationToken);
        Assert.Null(Ask(far, stranger, PodB));
        Assert.True(await _lab.Fabric.DroppedAsync(TestContext.Current.CancellationToken) > before);
        using var here = new EchoHost(stranger, Unknown);
        Assert.Null(Ask(here, _lab.Remote, Unknown));
        await _lab.TellFabricAsync(Unknown);
        Assert.Equal(Unknown, far.WhoIs(stranger, PodB));
        Assert.Equal(PodB, here.WhoIs(_lab.Remote, Unknown));
    }

    [Fact]
    public async Task A_free_address_is_answered_with_unreachable_and_not_bounced()
    {
        const string Free = "10.224.0.40";
        await _lab.A.Network.PrepareAsync([IPAddress.Parse(PodA), IPAddress.Parse(PodA2), IPAddress.Parse(Free)], TestContext.Current.CancellationToken);
        await _lab.TellFabricAsync(Free);
        Assert.Contains("Destination Host Unreachable", _lab.Remote.Execute("ping", $"-n -c 1 -W 2 {Free}").Output, StringComparison.Ordinal);
        Assert.Contains("Destination Host Unreachable", _lab.Pod1.Execute("ping", $"-n -c 1 -W 2 {Free}").Output, StringComparison.Ordinal);
    }

    // Whom the host takes the asker for, or null when no answer comes.
    private static string? Ask(EchoHost host, TestNetns asker, string at, string? from = null, int port = EchoHost.Port)
    {
        try
        {
            return host.WhoIs(asker, at, from, port, milliseconds: 700);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static SocketError Connect(TestNetns from, string to, int port, string? source = null, int sourcePort = 0)
    {
        using var socket = from.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(source is null ? IPAddress.Any : IPAddress.Parse(source), sourcePort));
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
public sealed class TransparentDataPathTests() : DataPathTests(DataplaneMode.Transparent);

/// <inheritdoc/>
public sealed class BridgeDataPathTests() : DataPathTests(DataplaneMode.Bridge);
