using System.Net;
using System.Net.Sockets;
using Vnetcni.Dataplane;
using Vnetcni.Dataplane.Snat;
using Vnetcni.TestSupport.Network;
using Xunit;
using static Vnetcni.Lab.Tests.DataPath.PathLab;

namespace Vnetcni.Lab.Tests.DataPath;

/// <summary>A node with two NICs in one subnet: the fabric admits from each only its own addresses.</summary>
public abstract class SecondNicTests(DataplaneMode mode) : IAsyncLifetime
{
    private PathLab _lab = null!;
    private TestNetns _pod = null!;

    private static EgressRules Both => Rules([PodA, PodA2, PodOfSecond]) with
    {
        Nics = [new NicPods(SecondMac, IPAddress.Parse(Gateway), [IPAddress.Parse(PodOfSecond)])],
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _lab = await StartWithSecondNicAsync(mode);
        _pod = await _lab.A.AddPodAsync(PodOfSecond, 4, Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_lab is not null)
            await _lab.DisposeAsync();
    }

    [Fact]
    public async Task What_a_pod_sends_leaves_by_the_NIC_that_has_its_address_with_its_own_source_or_that_NICs_primary()
    {
        using var far = new EchoHost(_lab.Remote, PodB);
        using var world = new EchoHost(_lab.Outside, Peered, Internet);
        // Without rules it leaves by the NIC of the default route, and the fabric drops it.
        await _lab.A.Egress.ApplyAsync(Rules([PodA, PodA2, PodOfSecond]), Token);
        Assert.Null(Ask(far, _pod, PodB));

        await _lab.A.Egress.ApplyAsync(Both, Token);
        Assert.Empty(await _lab.A.Egress.CheckAsync(Token));
        Assert.Equal(PodOfSecond, far.WhoIs(_pod, PodB));
        Assert.Equal(PodOfSecond, world.WhoIs(_pod, Peered));
        Assert.Equal(NodeA2, world.WhoIs(_pod, Internet));
        // All others as before.
        Assert.Equal(PodA, far.WhoIs(_lab.Pod1, PodB));
        Assert.Equal(NodeA, world.WhoIs(_lab.Pod1, Internet));
        Assert.Equal(NodeA, world.WhoIs(_lab.A.Space, Internet));
    }

    [Fact]
    public async Task It_is_reached_from_everywhere_and_reaches_pods_node_and_services_here()
    {
        await _lab.A.Egress.ApplyAsync(Both, Token);
        using var second = new EchoHost(_pod, PodOfSecond);
        Assert.Equal(PodB, second.WhoIs(_lab.Remote, PodOfSecond));
        Assert.Equal(OnPrem, second.WhoIs(_lab.Outside, PodOfSecond, from: OnPrem));
        Assert.Equal(PodA, second.WhoIs(_lab.Pod1, PodOfSecond));
        Assert.Equal(NodeA, second.WhoIs(_lab.A.Space, PodOfSecond));
        using var first = new EchoHost(_lab.Pod1, PodA);
        using var node = new EchoHost(_lab.A.Space, NodeA);
        using var b = new EchoHost(_lab.Remote, PodB);
        Assert.Equal(PodOfSecond, first.WhoIs(_pod, PodA));
        Assert.Equal(PodOfSecond, node.WhoIs(_pod, NodeA));
        Assert.Equal(PodOfSecond, first.WhoIs(_pod, KubeProxyRules.LocalService));
        Assert.Equal(PodOfSecond, b.WhoIs(_pod, KubeProxyRules.RemoteService));
    }

    [Theory]
    [InlineData("ip", "rule flush")]
    [InlineData("ip", "rule delete priority 11800")]
    [InlineData("ip", "rule delete priority 11801")]
    [InlineData("ip", "route flush table 11801")]
    [InlineData("/usr/sbin/nft", "flush chain ip vnetcni marks")]
    [InlineData("/usr/sbin/nft", "delete element ip vnetcni nics0 { 10.224.0.40 }")]
    [InlineData("/usr/sbin/nft", "flush ruleset")]
    public async Task What_somebody_takes_away_is_found_and_mended(string program, string arguments)
    {
        // The node's start took the slot 0, this takes 1, and what is tested 0 again.
        await _lab.A.Egress.ApplyAsync(Rules([PodA]), Token);
        await _lab.A.Egress.ApplyAsync(Both, Token);
        using var far = new EchoHost(_lab.Remote, PodB);
        var before = _lab.A.Space.Ip("rule show");
        var (exitCode, output) = _lab.A.Space.Execute(program, arguments);
        Assert.True(exitCode == 0, output);
        if (arguments == "rule flush")
        {
            // It takes the kernel's own two along; they are not ours to mend.
            _lab.A.Space.Ip("rule add from all lookup main priority 32766");
            _lab.A.Space.Ip("rule add from all lookup default priority 32767");
        }

        Assert.NotEmpty(await _lab.A.Egress.CheckAsync(Token));
        await _lab.A.Egress.ApplyAsync(Both, Token);
        Assert.Empty(await _lab.A.Egress.CheckAsync(Token));
        Assert.Equal(before, _lab.A.Space.Ip("rule show"));
        Assert.Equal(PodOfSecond, far.WhoIs(_pod, PodB));
    }

    [Fact]
    public async Task A_rule_for_each_NIC_and_not_for_each_pod_and_none_when_it_has_no_pods()
    {
        var many = Both with { Nics = [Both.Nics[0] with { Pods = [.. Enumerable.Range(0, 100).Select(n => IPAddress.Parse($"10.224.9.{n}"))] }] };
        await _lab.A.Egress.ApplyAsync(many, Token);
        Assert.Equal(2, _lab.A.Space.IpJson("rule show").Count(rule => rule.GetProperty("priority").GetInt32() is 11800 or 11801));
        Assert.Empty(await _lab.A.Egress.CheckAsync(Token));
        await _lab.A.Egress.ApplyAsync(Both with { Nics = [] }, Token);
        Assert.Equal(3, _lab.A.Space.IpJson("rule show").Count);
        Assert.Empty(await _lab.A.Egress.CheckAsync(Token));
    }

    [Fact]
    public async Task A_NIC_that_the_node_does_not_have_is_said_and_the_rules_before_stay()
    {
        await _lab.A.Egress.ApplyAsync(Both, Token);
        var missing = Both with { Nics = [Both.Nics[0] with { Mac = new([2, 0, 0, 0, 0, 9]) }] };
        var refusal = await Assert.ThrowsAsync<DataplaneException>(() => _lab.A.Egress.ApplyAsync(missing, Token));
        Assert.Contains("no interface with MAC 020000000009", refusal.Message, StringComparison.Ordinal);
        using var far = new EchoHost(_lab.Remote, PodB);
        Assert.Equal(PodOfSecond, far.WhoIs(_pod, PodB));
    }

    private static string? Ask(EchoHost host, TestNetns asker, string at)
    {
        try
        {
            return host.WhoIs(asker, at, milliseconds: 700);
        }
        catch (SocketException)
        {
            return null;
        }
    }
}

/// <summary>Pods routed to, each by itself.</summary>
public sealed class TransparentSecondNicTests() : SecondNicTests(DataplaneMode.Transparent);

/// <summary>Pods on a bridge that has the first NIC as a port: what comes by the second is routed to them.</summary>
public sealed class BridgeSecondNicTests() : SecondNicTests(DataplaneMode.Bridge);
