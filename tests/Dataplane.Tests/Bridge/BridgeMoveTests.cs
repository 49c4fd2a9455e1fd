using System.Text.Json;
using Vnetcni.TestSupport.Network;
using Xunit;
using static Vnetcni.Dataplane.Tests.DataplaneBed;

namespace Vnetcni.Dataplane.Tests.Bridge;

/// <summary>The NIC's address goes to the bridge and back, and the node notices nothing.</summary>
public sealed class BridgeMoveTests
{
    private const string Fabric = NodeNetns.FabricAddress;
    private const string NodeAddress = NodeNetns.NodeAddress;

    [Fact]
    public async Task The_nodes_own_TCP_session_lives_through_the_move_and_back_again_and_again()
    {
        using var bed = new DataplaneBed();
        using var session = new OpenSession(bed.Node, bed.Nodes.Fabric, Fabric);
        session.Use();
        for (var round = 0; round < 3; round++)
        {
            Assert.Null(await bed.Network.UseModeAsync(DataplaneMode.Bridge, Token));
            session.Use();
            Assert.Equal([NodeAddress], AddressesOf(bed, "azure0"));
            Assert.Empty(AddressesOf(bed, "eth0"));
            Assert.Null(await bed.Network.UseModeAsync(DataplaneMode.Transparent, Token));
            session.Use();
        }
        Assert.True(bed.Node.Ping(Fabric));
    }

    [Fact]
    public async Task Addresses_and_routes_of_every_table_are_the_same_after_the_way_there_and_back()
    {
        using var bed = new DataplaneBed();
        bed.LeftOnPurpose.Add("rules: ");
        bed.Node.Ip("address add 10.240.0.5/24 dev eth0");
        bed.Node.Ip("address add 10.245.0.5/16 dev eth0 metric 100");
        bed.Node.Ip("address add 10.250.0.5/16 dev eth0 noprefixroute");
        bed.Node.Ip("route add 10.250.0.0/16 dev eth0 scope link proto dhcp src 10.250.0.5 metric 100");
        bed.Node.Ip($"route add 168.63.129.16 via {Fabric} dev eth0 proto dhcp src {NodeAddress} metric 100");
        bed.Node.Ip($"route add default via {Fabric} dev eth0 proto dhcp src {NodeAddress} metric 100 mtu 1400 advmss 1300");
        bed.Node.Ip($"route add default via 10.250.0.1 dev eth0 table 77 onlink");
        bed.Node.Ip("rule add from 10.250.0.5 lookup 77");
        var (addresses, routes) = (Text(bed, "address show", "eth0"), Text(bed, "route show table all type unicast", "eth0"));
        Assert.Contains("advmss", routes, StringComparison.Ordinal);

        Assert.Null(await bed.Network.UseModeAsync(DataplaneMode.Bridge, Token));
        Assert.Equal(routes, Text(bed, "route show table all type unicast", "azure0"));
        Assert.Equal(addresses, Text(bed, "address show", "azure0"));
        Assert.Equal("[]", Text(bed, "route show table all type unicast", "eth0"));
        Assert.True(bed.Node.Ping(Fabric));

        Assert.Null(await bed.Network.UseModeAsync(DataplaneMode.Transparent, Token));
        Assert.Equal(addresses, Text(bed, "address show", "eth0"));
        Assert.Equal(routes, Text(bed, "route show table all type unicast", "eth0"));
        Assert.DoesNotContain("azure0", bed.Node.Ip("link show"), StringComparison.Ordinal);
        Assert.DoesNotContain("bridge vnetcni", Nft(bed, "list tables"), StringComparison.Ordinal);
    }

    /// <summary>Two NICs in one subnet: which of them the node speaks by to its neighbours is decided by the order of their routes.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_two_NICs_in_one_subnet_the_first_stays_the_first(bool moved)
    {
        using var bed = new DataplaneBed();
        bed.Node.Ip("link add eth1 type veth peer name far1");
        bed.Node.Ip("link set eth1 up");
        bed.Node.Ip("link set far1 up");
        if (!moved)
            bed.Node.Ip($"address delete {NodeAddress}/24 dev eth0");
        bed.Node.Ip("address add 10.240.0.77/24 dev eth1");
        if (!moved)
        {
            bed.Node.Ip($"address add {NodeAddress}/24 dev eth0");
            bed.Node.Ip($"route replace default via {Fabric} dev eth0");
        }
        string[] Order() => [.. bed.Node.IpJson("route show 10.240.0.0/24").Select(route => route.GetProperty("dev").GetString()!)];
        string[] before = moved ? ["eth0", "eth1"] : ["eth1", "eth0"];
        Assert.Equal(before, Order());
        for (var round = 0; round < 2; round++)
        {
            Assert.Null(await bed.Network.UseModeAsync(DataplaneMode.Bridge, Token));
            Assert.Equal(before.Select(name => name == "eth0" ? "azure0" : name), Order());
            Assert.Null(await bed.Network.UseModeAsync(DataplaneMode.Transparent, Token));
            Assert.Equal(before, Order());
        }
        Assert.Equal(moved, bed.Node.Ping(Fabric));
        bed.Node.Ip("link delete eth1");
    }

    /// <summary>kill -9 between any two netlink sends: from then on nothing of the process reaches the kernel. The next one goes on.</summary>
    [Theory]
    [InlineData(DataplaneMode.Bridge, DataplaneMode.Bridge)]
    [InlineData(DataplaneMode.Bridge, DataplaneMode.Transparent)]
    [InlineData(DataplaneMode.Transparent, DataplaneMode.Transparent)]
    [InlineData(DataplaneMode.Transparent, DataplaneMode.Bridge)]
    public async Task A_process_killed_between_any_two_sends_is_followed_by_one_that_converges(DataplaneMode killedOnTheWayTo, DataplaneMode next)
    {
        using var bed = new DataplaneBed();
        using var session = new OpenSession(bed.Node, bed.Nodes.Fabric, Fabric);
        var before = Text(bed, "route show table all type unicast", "eth0");
        var other = killedOnTheWayTo == DataplaneMode.Bridge ? DataplaneMode.Transparent : DataplaneMode.Bridge;
        var cuts = 0;
        for (var survived = false; !survived; cuts++)
        {
            Assert.Null(await bed.Network.UseModeAsync(other, Token));
            var left = cuts;
            using (var mortal = bed.Start(beforeSend: _ =>
            {
                if (left-- <= 0)
                    throw new InvalidOperationException("killed");
            }))
            {
                try
                {
                    Assert.Null(await mortal.UseModeAsync(killedOnTheWayTo, Token));
                    survived = true;
                }
                catch (InvalidOperationException killed) when (killed.Message == "killed")
                {
                    survived = false;
                }
            }

            using var fresh = bed.Start();
            Assert.Null(await fresh.UseModeAsync(next, Token));
            await fresh.PrepareAsync([], Token);
            session.Use();
            Assert.Equal([NodeAddress], AddressesOf(bed, next == DataplaneMode.Bridge ? "azure0" : "eth0"));
            Assert.Equal(before, Text(bed, "route show table all type unicast", next == DataplaneMode.Bridge ? "azure0" : "eth0"));
            Assert.Equal(next == DataplaneMode.Bridge, Nft(bed, "list tables").Contains("bridge vnetcni", StringComparison.Ordinal));
            Assert.Empty(await fresh.FaultsAsync(Token));
            // The bed's own one knows what the others made when it is asked for the other mode.
            bed.Renew();
        }
        Assert.InRange(cuts, 8, 60);
        TestContext.Current.TestOutputHelper?.WriteLine($"{cuts - 1} sends");
    }

    [Fact]
    public async Task A_mode_does_not_change_under_pods_and_does_so_once_they_are_gone()
    {
        using var bed = new DataplaneBed();
        await bed.Network.AttachAsync(bed.Request(bed.Pod()), Token);
        var why = await bed.Network.UseModeAsync(DataplaneMode.Bridge, Token);
        Assert.Contains("1 pods", why, StringComparison.Ordinal);
        Assert.Contains("drain", why, StringComparison.Ordinal);
        Assert.Equal("eth0", bed.Uplink);
        Assert.True(bed.Node.Ping($"{Address(0)}"));
        await bed.Network.DetachAsync("vn0", Address(0), Token);
        Assert.Null(await bed.Network.UseModeAsync(DataplaneMode.Bridge, Token));
        await bed.Network.AttachAsync(bed.Request(bed.Pod()), Token);
        Assert.Contains("1 pods", await bed.Network.UseModeAsync(DataplaneMode.Transparent, Token), StringComparison.Ordinal);
        Assert.True(bed.Node.Ping($"{Address(0)}"));
    }

    [Theory]
    [InlineData("link add azure0 type bridge", "not ours")]
    [InlineData("address add 2001:db8::5/64 dev eth0", "IPv6")]
    [InlineData("route add 10.99.0.0/16 nexthop via 10.240.0.1 nexthop via 10.240.0.2", "several next hops")]
    public async Task What_can_not_be_moved_is_said_and_nothing_is_touched(string trap, string said)
    {
        using var bed = new DataplaneBed();
        bed.Node.Ip(trap);
        var before = Text(bed, "route show table all type unicast", "eth0");
        var refusal = await Assert.ThrowsAsync<DataplaneException>(() => bed.Network.UseModeAsync(DataplaneMode.Bridge, Token));
        Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
        Assert.Equal([NodeAddress], AddressesOf(bed, "eth0"));
        Assert.Equal(before, Text(bed, "route show table all type unicast", "eth0"));
        Assert.DoesNotContain("bridge vnetcni", Nft(bed, "list tables"), StringComparison.Ordinal);
        await bed.Network.AttachAsync(bed.Request(bed.Pod()), Token);
        Assert.True(bed.Node.Ping($"{Address(0)}"));
    }

    [Fact]
    public async Task A_NIC_that_is_another_bridges_port_is_refused()
    {
        using var bed = new DataplaneBed(nic: "eth1", prepare: false);
        bed.Node.Ip("link add br0 type bridge");
        bed.Node.Ip("link add eth1 type veth peer name far1");
        bed.Node.Ip("link set eth1 master br0");
        var refusal = await Assert.ThrowsAsync<DataplaneException>(() => bed.Network.UseModeAsync(DataplaneMode.Bridge, Token));
        Assert.Contains("port of another bridge", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>A DHCP client that still works on the NIC gives it the address once more, or its routes.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("metric 100")]
    public async Task An_address_that_comes_back_to_the_NIC_is_found_and_moved_again(string asOtherThan)
    {
        using var bed = new DataplaneBed(mode: DataplaneMode.Bridge);
        using var session = new OpenSession(bed.Node, bed.Nodes.Fabric, Fabric);
        bed.Node.Ip($"address add {NodeAddress}/24 dev eth0 {asOtherThan}");
        bed.Node.Ip($"route replace default via {Fabric} dev eth0");
        Assert.Contains("belong on azure0", Assert.Single(await bed.Network.FaultsAsync(Token)), StringComparison.Ordinal);
        await bed.Network.RepairAsync(Token);
        Assert.Empty(await bed.Network.FaultsAsync(Token));
        Assert.Empty(AddressesOf(bed, "eth0"));
        Assert.Equal([NodeAddress], AddressesOf(bed, "azure0"));
        session.Use();
    }

    private static string[] AddressesOf(DataplaneBed bed, string link) =>
    [
        .. bed.Node.IpJson($"-4 address show dev {link}").SelectMany(found => found.GetProperty("addr_info").EnumerateArray())
            .Select(address => address.GetProperty("local").GetString()!),
    ];

    // What ip tells of a link's addresses or routes, without the link's own name and without what moves with time.
    private static string Text(DataplaneBed bed, string question, string link)
    {
        string[] skip = ["dev", "label", "valid_life_time", "preferred_life_time", "flags"];
        var found = bed.Node.IpJson($"-4 {question} dev {link}")
            .SelectMany(entry => entry.TryGetProperty("addr_info", out var list) ? list.EnumerateArray() : Enumerable.Repeat(entry, 1))
            .Where(entry => !entry.TryGetProperty("table", out var table) || table.GetString() != "local")
            .Select(entry => string.Join(' ', entry.EnumerateObject().Where(field => !skip.Contains(field.Name)).Select(field => $"{field.Name}={field.Value}")))
            .Order(StringComparer.Ordinal);
        return JsonSerializer.Serialize(found);
    }

    private static string Nft(DataplaneBed bed, string arguments) => bed.Node.Execute("/usr/sbin/nft", arguments).Output;
}
