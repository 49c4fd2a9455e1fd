using Vnetcni.Dataplane.Linux.Namespaces;
using Vnetcni.TestSupport.Network;
using Xunit;
using static Vnetcni.Dataplane.Tests.DataplaneBed;

namespace Vnetcni.Dataplane.Tests;

/// <summary>A failed attach leaves nothing, wherever it failed.</summary>
public sealed class FailureTests
{
    [Fact]
    public async Task A_taken_host_name_is_refused_and_the_link_that_has_it_stays()
    {
        using var bed = new DataplaneBed();
        bed.Node.Ip("link add vn0 type bridge");
        var refusal = await Refused(bed, bed.Pod(), pod => bed.Request(pod));
        Assert.Equal(DataplaneFault.Kernel, refusal.Fault);
        Assert.Equal(17, refusal.Errno);
        Assert.Contains("vn0", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("EEXIST", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["vn0"], bed.PodLinks());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1_000_000)]
    public async Task An_impossible_MTU_is_refused(int mtu)
    {
        using var bed = new DataplaneBed();
        var refusal = await Refused(bed, bed.Pod(), pod => bed.Request(pod, mtu: mtu));
        Assert.Contains("EINVAL", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"(MTU {mtu})", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(bed.PodLinks());
    }

    [Fact]
    public async Task An_address_routed_elsewhere_already_undoes_the_pair()
    {
        using var bed = new DataplaneBed();
        bed.Node.Ip("link add dummy0 up type bridge");
        bed.Node.Ip($"route add {Address(0)}/32 dev dummy0");
        var refusal = await Refused(bed, bed.Pod(), pod => bed.Request(pod));
        Assert.Contains("RTM_NEWROUTE failed with EEXIST", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["dummy0"], bed.PodLinks());
        Assert.Equal("dummy0", Assert.Single(bed.Node.IpJson($"route show {Address(0)}")).GetProperty("dev").GetString());
    }

    [Fact]
    public async Task A_pod_with_a_default_route_undoes_both_sides()
    {
        using var bed = new DataplaneBed();
        var pod = bed.Pod();
        pod.Ip("link add dummy0 up type bridge");
        pod.Ip("route add default dev dummy0");
        var refusal = await Refused(bed, pod, opened => bed.Request(opened));
        Assert.Contains("default route", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(bed.PodLinks());
        Assert.Empty(bed.OurRoutes());
        Assert.Equal(["lo", "dummy0"], pod.IpJson("link show").Select(link => link.GetProperty("ifname").GetString()));
    }

    [Fact]
    public async Task A_closed_namespace_is_refused()
    {
        using var bed = new DataplaneBed();
        var request = bed.Request(bed.Pod());
        request.Namespace.Dispose();
        var refusal = await Assert.ThrowsAsync<DataplaneException>(() => bed.Network.AttachAsync(request, Token));
        Assert.Equal(DataplaneFault.BadNamespace, refusal.Fault);
        Assert.Empty(bed.PodLinks());
    }

    [Fact]
    public async Task The_nodes_own_namespace_is_refused()
    {
        using var bed = new DataplaneBed();
        var refusal = await Assert.ThrowsAsync<DataplaneException>(() => bed.Network.AttachAsync(bed.Request(bed.Node), Token));
        Assert.Equal(DataplaneFault.BadNamespace, refusal.Fault);
        Assert.Contains("own network namespace", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(bed.PodLinks());
    }

    [Fact]
    public async Task A_namespace_that_dies_takes_its_attachment_along_and_detach_says_so()
    {
        using var bed = new DataplaneBed();
        var pod = new TestNetns("mortal");
        using (var opened = LinuxPodNamespace.Open(pod.Path))
            await bed.Network.AttachAsync(Request(opened), Token);
        pod.Dispose();
        for (var i = 0; i < 100 && bed.PodLinks().Length > 0; i++)
            await Task.Delay(50, Token);
        Assert.Empty(bed.PodLinks());
        Assert.Empty(bed.OurRoutes());
        Assert.False(await bed.Network.DetachAsync("vn0", Address(0), Token));
    }

    [Theory]
    [InlineData("", "vn0", "vnetcni:a/b/c")]
    [InlineData("eth0", "sixteen-bytes-xx", "vnetcni:a/b/c")]
    [InlineData("et/h0", "vn0", "vnetcni:a/b/c")]
    [InlineData("eth0", "vn0", "somebody:else")]
    public async Task Impossible_names_never_reach_the_kernel(string interfaceName, string hostInterface, string alias)
    {
        using var bed = new DataplaneBed();
        var request = bed.Request(bed.Pod()) with { InterfaceName = interfaceName, HostInterface = hostInterface, Alias = alias };
        await Assert.ThrowsAnyAsync<ArgumentException>(() => bed.Network.AttachAsync(request, Token));
        Assert.Empty(bed.PodLinks());
    }

    [Fact]
    public async Task The_longest_names_and_alias_fit()
    {
        using var bed = new DataplaneBed();
        var pod = bed.Pod();
        var request = bed.Request(pod) with
        {
            InterfaceName = "abcdefghijklmno",
            HostInterface = "ABCDEFGHIJKLMNO",
            Alias = "vnetcni:" + new string('x', 247),
        };
        await bed.Network.AttachAsync(request, Token);
        Assert.Empty(await bed.Network.CheckAsync(request, Token));
        Assert.Equal(request.Alias, Assert.Single(await bed.Network.ListAsync(Token)).Alias);
    }

    [Fact]
    public async Task Work_cancelled_before_it_begins_does_nothing_and_a_closed_data_plane_refuses()
    {
        using var bed = new DataplaneBed();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bed.Network.AttachAsync(bed.Request(bed.Pod()), cancelled.Token));
        Assert.Empty(bed.PodLinks());
        bed.Network.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => bed.Network.DetachAsync("vn0", Address(0), Token));
    }

    private static async Task<DataplaneException> Refused(DataplaneBed bed, TestNetns pod, Func<TestNetns, AttachRequest> request)
    {
        var podLinks = pod.IpJson("link show").Count;
        var refusal = await Assert.ThrowsAsync<DataplaneException>(() => bed.Network.AttachAsync(request(pod), Token));
        Assert.Equal(podLinks, pod.IpJson("link show").Count);
        Assert.Empty(bed.OurRoutes());
        Assert.Empty(await bed.Network.ListAsync(Token));
        return refusal;
    }
}
