using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Vnetcni.Dataplane.Linux.Conntrack;
using Vnetcni.Dataplane.Linux.Netlink;
using Vnetcni.Dataplane.Linux.Nftables;
using Vnetcni.TestSupport.Network;
using Xunit;
using static Vnetcni.Dataplane.Tests.Snat.EgressBed;

namespace Vnetcni.Dataplane.Tests.Snat;

/// <summary>Tracked connections of an address are gone before the address is anybody else's; those of others stay.</summary>
public sealed class ConntrackTests
{
    private const string Internet = "203.0.113.7";

    [Theory]
    // By one question for each address, and by one dump for many.
    [InlineData(1)]
    [InlineData(20)]
    public async Task After_the_reap_no_connection_of_the_address_is_tracked(int alsoLeaving)
    {
        using var bed = new EgressBed();
        using var far = new EchoHost(bed.Behind("far", "far0", Internet), Internet);
        var (leaves, stays) = (await bed.PodAsync(0), await bed.PodAsync(1));
        await bed.Egress.ApplyAsync(Rules(), Token);
        using var server = new EchoHost(leaves, $"{DataplaneBed.Address(0)}");
        far.WhoIs(leaves, Internet);
        far.WhoIs(stays, Internet);
        server.WhoIs(bed.Node, $"{DataplaneBed.Address(0)}");
        Assert.Equal(2, Tracked(bed, DataplaneBed.Address(0)));
        Assert.Equal(1, Tracked(bed, DataplaneBed.Address(1)));

        await bed.Bed.Network.DetachAsync("vn0", DataplaneBed.Address(0), Token);
        for (var i = 0; i < alsoLeaving; i++)
            await bed.Bed.Network.DetachAsync($"gone{i}", DataplaneBed.Address(100 + i), Token);
        Assert.Equal(2, Tracked(bed, DataplaneBed.Address(0)));
        await bed.Bed.Network.ReapAsync(Token);
        Assert.Equal(0, Tracked(bed, DataplaneBed.Address(0)));
        Assert.Equal(1, Tracked(bed, DataplaneBed.Address(1)));
    }

    [Fact]
    public async Task A_connection_whose_pod_stands_behind_a_service_goes_too()
    {
        using var bed = new EgressBed();
        var (server, client) = (await bed.PodAsync(0), await bed.PodAsync(1));
        bed.NftFile($"table ip kube-proxy {{ chain services {{ type nat hook prerouting priority -100; ip daddr 10.96.0.1 dnat to {DataplaneBed.Address(0)}\n }}\n }}\n");
        using var host = new EchoHost(server, $"{DataplaneBed.Address(0)}");
        Assert.Equal($"{DataplaneBed.Address(1)}", host.WhoIs(client, "10.96.0.1"));
        Assert.Equal(1, Tracked(bed, DataplaneBed.Address(0)));
        await bed.Bed.Network.DetachAsync("vn0", DataplaneBed.Address(0), Token);
        await bed.Bed.Network.ReapAsync(Token);
        Assert.Equal(0, Tracked(bed, DataplaneBed.Address(1)));
    }

    [Fact]
    public async Task A_next_pod_of_the_address_is_not_taken_for_the_one_before()
    {
        using var bed = new EgressBed();
        using var far = new EchoHost(bed.Behind("far", "far0", Internet), Internet);
        var first = await bed.PodAsync(0);
        await bed.Egress.ApplyAsync(Rules() with { Translate = false }, Token);
        // Tracked without translation: without the flush, the same ports would go on untranslated.
        Assert.Equal($"{DataplaneBed.Address(0)}", Ask(first));
        await bed.Egress.ApplyAsync(Rules(), Token);
        Assert.Equal($"{DataplaneBed.Address(0)}", Ask(first));
        await bed.Bed.Network.DetachAsync("vn0", DataplaneBed.Address(0), Token);
        await bed.Bed.Network.ReapAsync(Token);
        Assert.Equal(NodeNetns.NodeAddress, Ask(await bed.PodAsync(0)));

        static string Ask(TestNetns pod)
        {
            using var socket = pod.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
            socket.Bind(new IPEndPoint(IPAddress.Any, 5555));
            socket.Connect(IPAddress.Parse(Internet), EchoHost.Port);
            socket.ReceiveTimeout = 3000;
            socket.Send([1]);
            var buffer = new byte[64];
            return System.Text.Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer));
        }
    }

    [Theory]
    // One dump of all, and the kernel's own sieve.
    [InlineData(uint.MaxValue)]
    [InlineData(0u)]
    public async Task Many_connections_are_forgotten_in_one_go(uint fewEntries)
    {
        using var bed = new EgressBed();
        await bed.Egress.ApplyAsync(Rules(), Token);
        _ = bed.Behind("far", "far0", Internet);
        var pod = await bed.PodAsync(0);
        var other = await bed.PodAsync(1);
        const int Connections = 3000;
        Send(pod, Connections);
        Send(other, Connections);
        Assert.Equal(Connections, Tracked(bed, DataplaneBed.Address(0)));
        using var socket = bed.Node.Run(() => NetlinkSocket.Open(NftConstants.Protocol));
        var begun = Stopwatch.GetTimestamp();
        Assert.Equal(Connections, ConntrackFlush.Run(socket, [DataplaneBed.Address(0)], fewEntries));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Connections} of {2 * Connections} connections forgotten in {Stopwatch.GetElapsedTime(begun).TotalMilliseconds:F1} ms");
        begun = Stopwatch.GetTimestamp();
        Assert.Equal(0, ConntrackFlush.Run(socket, [DataplaneBed.Address(0)], fewEntries));
        TestContext.Current.TestOutputHelper?.WriteLine($"none found for one address in {Stopwatch.GetElapsedTime(begun).TotalMilliseconds:F1} ms");
        begun = Stopwatch.GetTimestamp();
        Assert.Equal(0, ConntrackFlush.Run(socket, [.. Enumerable.Range(50, 20).Select(DataplaneBed.Address)]));
        TestContext.Current.TestOutputHelper?.WriteLine($"none found for 20 addresses in {Stopwatch.GetElapsedTime(begun).TotalMilliseconds:F1} ms");
        Assert.Equal(Connections, Tracked(bed, DataplaneBed.Address(1)));
    }

    private static void Send(TestNetns pod, int count)
    {
        using var socket = pod.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        for (var port = 0; port < count; port++)
            socket.SendTo([1], new IPEndPoint(IPAddress.Parse(Internet), 20000 + port));
    }

    // /proc is the witness: lines that name the address.
    private static int Tracked(EgressBed bed, IPAddress address) => bed.Node.Run(() =>
    {
        var file = $"/proc/thread-self/net/nf_conntrack";
        Assert.SkipWhen(!File.Exists(file), "the kernel has no /proc/net/nf_conntrack to look at");
        return File.ReadAllLines(file).Count(line => line.Split(' ').Any(word => word.EndsWith($"={address}", StringComparison.Ordinal)));
    });
}
