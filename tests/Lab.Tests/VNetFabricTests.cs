using System.Net;
using System.Runtime.Versioning;
using Vnetcni.Lab.Fabric;
using Vnetcni.Lab.Network;
using Vnetcni.TestSupport.Network;
using Xunit;

namespace Vnetcni.Lab.Tests;

[SupportedOSPlatform("linux")]
public sealed class VNetFabricTests : IAsyncLifetime
{
    private const string Prefix = "vnetcni-fabtest-";
    private const string HostLink = "vnetcni-lab";
    private const string MacA = "00:0d:3a:00:00:0a";
    private const string MacB = "00:0d:3a:00:00:0b";
    private static readonly IPAddress PodOnA = IPAddress.Parse("10.224.0.20");
    private static readonly IPAddress PodOnB = IPAddress.Parse("10.224.0.30");
    private VNetFabric? _fabric;
    private NetworkNamespace? _a;
    private NetworkNamespace? _b;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_packet_reaches_the_NIC_that_owns_the_address()
    {
        await _fabric!.UpdateAsync(Primaries(("10.224.0.30", MacB)), Token);
        Assert.Empty(await Pinger.PingAllAsync(_a!, [IPAddress.Parse("10.224.0.11"), PodOnB]));
    }

    [Fact]
    public async Task A_packet_to_an_address_that_ARM_does_not_know_dies()
    {
        await _fabric!.UpdateAsync(Primaries(), Token);
        Assert.Equal([PodOnB], await Pinger.PingAllAsync(_a!, [PodOnB], rounds: 2));
    }

    [Fact]
    public async Task A_packet_to_an_address_that_moved_away_dies()
    {
        await _fabric!.UpdateAsync(Primaries(("10.224.0.30", MacB)), Token);
        await _fabric!.UpdateAsync(Primaries(("10.224.0.30", MacA)), Token);
        Assert.Equal([PodOnB], await Pinger.PingAllAsync(_a!, [PodOnB], rounds: 2));
    }

    [Fact]
    public async Task A_packet_with_a_source_that_ARM_does_not_know_on_that_NIC_is_dropped_and_counted()
    {
        await _fabric!.UpdateAsync(Primaries(), Token);
        await _a!.IpAsync("addr del 10.224.0.10/16 dev eth0", Token);
        await _a!.IpAsync($"addr add {PodOnA}/16 dev eth0", Token);
        var target = IPAddress.Parse("10.224.0.11");
        Assert.Equal([target], await Pinger.PingAllAsync(_a!, [target], rounds: 2));
        Assert.InRange(await _fabric!.DroppedAsync(Token), 1, 100);
        Assert.Equal([$"port1 {PodOnA} {target} icmp"], await _fabric!.StraysAsync(Token));

        await _fabric!.UpdateAsync(Primaries(("10.224.0.20", MacA)), Token);
        Assert.Empty(await Pinger.PingAllAsync(_a!, [target]));
    }

    [Fact]
    public async Task The_nodes_reach_the_machine_itself()
    {
        await _fabric!.UpdateAsync(Primaries(), Token);
        Assert.Empty(await Pinger.PingAllAsync(_a!, [VNetFabric.HostAddress]));
    }

    public async ValueTask InitializeAsync()
    {
        if (Environment.UserName != "root")
            Assert.Skip("network namespaces need root");
        await NetworkNamespace.RemoveAllAsync(Prefix, Token);
        _fabric = await VNetFabric.CreateAsync($"{Prefix}fab", "10.224.0.0/16", "10.224.0.1", Token);
        _a = await NetworkNamespace.CreateAsync($"{Prefix}a", Token);
        _b = await NetworkNamespace.CreateAsync($"{Prefix}b", Token);
        await _fabric.PlugAsync(_a, MacA, "10.224.0.10", 16, "10.224.0.1", Token);
        await _fabric.PlugAsync(_b, MacB, "10.224.0.11", 16, "10.224.0.1", Token);
        await _b.IpAsync($"addr add {PodOnB}/32 dev lo", Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_fabric is not null)
            await _fabric.DisposeAsync();
        // The fabric takes its own namespace and link along; the nodes' are this test's.
        Assert.Equal([], NodeLeaks.FindOnMachine($"{Prefix}fab", HostLink));
        await NetworkNamespace.RemoveAllAsync(Prefix, CancellationToken.None);
        Assert.Empty(NodeLeaks.FindOnMachine(Prefix));
    }

    private static Dictionary<string, string> Primaries(params (string Address, string Mac)[] more) =>
        new[] { ("10.224.0.10", MacA), ("10.224.0.11", MacB) }.Concat(more).ToDictionary(p => p.Item1, p => p.Item2);
}
