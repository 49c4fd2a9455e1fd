using Vnetcni.TestSupport.Network;
using Xunit;
using static Vnetcni.Dataplane.Tests.DataplaneBed;

namespace Vnetcni.Dataplane.Tests;

public sealed class DetachTests
{
    [Fact]
    public async Task A_link_that_was_half_made_and_could_not_be_undone_goes_with_its_detach()
    {
        using var bed = new DataplaneBed("seed");
        var pod = bed.Pod();
        var birth = Linux.Node.SweepGroup.NumberOf("seed", "birth", 0);
        // What an undo that the kernel refused leaves: no alias, no sweep would find it, and the route may be there.
        bed.Node.Ip($"link add vn0 group {birth} up type veth peer name eth0 netns {pod.Path}");
        pod.Ip("link set eth0 up");
        bed.Node.Ip($"route add {Address(0)}/32 dev vn0 proto 118");
        bed.Node.Ip($"link add vn1 group {birth} type bridge");
        await bed.Network.DetachAsync("vn0", Address(0), Token);
        await bed.Network.DetachAsync("vn1", Address(1), Token);
        Assert.Equal(["vn1"], bed.PodLinks());
        Assert.Empty(bed.OurRoutes());
        await bed.Network.AttachAsync(bed.Request(pod), Token);
        Assert.True(bed.Node.Ping($"{Address(0)}"));
    }

    [Fact]
    public async Task Detach_cuts_the_pod_off_and_the_reap_deletes_the_link()
    {
        using var bed = new DataplaneBed();
        var pod = bed.Pod();
        await bed.Network.AttachAsync(bed.Request(pod), Token);

        Assert.True(await bed.Network.DetachAsync("vn0", Address(0), Token));
        Assert.Empty(bed.OurRoutes());
        var link = Assert.Single(bed.Node.IpJson("link show dev vn0"));
        Assert.DoesNotContain("UP", link.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()));
        Assert.NotEqual("default", link.GetProperty("group").GetString());
        Assert.True(Assert.Single(await bed.Network.ListAsync(Token)).Detached);

        await bed.Network.ReapAsync(Token);
        Assert.Empty(bed.PodLinks());
        Assert.Single(pod.IpJson("link show"));
        Assert.Empty(await bed.Network.ListAsync(Token));
    }

    [Fact]
    public async Task A_repeated_detach_finds_nothing_to_do_before_and_after_the_reap()
    {
        using var bed = new DataplaneBed();
        await bed.Network.AttachAsync(bed.Request(bed.Pod()), Token);
        Assert.True(await bed.Network.DetachAsync("vn0", Address(0), Token));
        Assert.False(await bed.Network.DetachAsync("vn0", Address(0), Token));
        await bed.Network.ReapAsync(Token);
        await bed.Network.ReapAsync(Token);
        Assert.False(await bed.Network.DetachAsync("vn0", Address(0), Token));
        Assert.False(await bed.Network.DetachAsync("never", Address(1), Token));
    }

    [Fact]
    public async Task A_link_that_is_not_ours_is_not_detached()
    {
        using var bed = new DataplaneBed();
        bed.Node.Ip("link add vn0 up type bridge");
        bed.Node.Ip("link add vn1 up type bridge");
        bed.Node.Ip("link set vn1 alias somebody:else");
        Assert.False(await bed.Network.DetachAsync("vn0", Address(0), Token));
        Assert.False(await bed.Network.DetachAsync("vn1", Address(0), Token));
        Assert.False(await bed.Network.DetachAsync("eth0", Address(0), Token));
        await bed.Network.ReapAsync(Token);
        Assert.Equal(["vn0", "vn1"], bed.PodLinks());
        Assert.All(bed.Node.IpJson("link show type bridge"), link => Assert.Equal("default", link.GetProperty("group").GetString()));
    }

    [Fact]
    public async Task The_unreachable_route_takes_over_when_the_pod_is_gone()
    {
        using var bed = new DataplaneBed();
        await bed.Network.PrepareAsync([Address(0)], Token);
        await bed.Network.AttachAsync(bed.Request(bed.Pod()), Token);
        Assert.Contains("dev vn0", bed.Node.Ip($"route get {Address(0)}"), StringComparison.Ordinal);
        await bed.Network.DetachAsync("vn0", Address(0), Token);
        Assert.Equal([$"{Address(0)}"], bed.OurRoutes("type unreachable"));
        Assert.NotEqual(0, bed.Node.Execute("ip", $"route get {Address(0)}").ExitCode);
    }

    [Fact]
    public async Task The_same_container_can_be_attached_again_before_the_reap()
    {
        using var bed = new DataplaneBed();
        var pod = bed.Pod();
        var request = bed.Request(pod);
        await bed.Network.AttachAsync(request, Token);
        await bed.Network.DetachAsync("vn0", Address(0), Token);
        await bed.Network.AttachAsync(request, Token);
        Assert.Empty(await bed.Network.CheckAsync(request, Token));
        await bed.Network.ReapAsync(Token);
        Assert.True(bed.Node.Ping($"{Address(0)}"));
    }

    [Fact]
    public async Task A_detach_whose_route_or_link_state_is_half_done_is_completed()
    {
        using var bed = new DataplaneBed();
        await bed.Network.AttachAsync(bed.Request(bed.Pod(), 0), Token);
        await bed.Network.AttachAsync(bed.Request(bed.Pod(), 1), Token);
        bed.Node.Ip($"route del {Address(0)}/32 dev vn0");
        bed.Node.Ip("link set vn1 down");
        Assert.True(await bed.Network.DetachAsync("vn0", Address(0), Token));
        Assert.True(await bed.Network.DetachAsync("vn1", Address(1), Token));
        await bed.Network.ReapAsync(Token);
        Assert.Empty(bed.PodLinks());
    }

    [Fact]
    public async Task A_hundred_pods_come_and_go_and_leave_nothing()
    {
        using var bed = new DataplaneBed();
        const int count = 100;
        var pods = Enumerable.Range(0, count).Select(i => bed.Pod($"pod{i}")).ToArray();
        var requests = pods.Select((pod, i) => bed.Request(pod, i)).ToArray();
        await Task.WhenAll(requests.Select(request => bed.Network.AttachAsync(request, Token)));
        Assert.Equal(count, bed.PodLinks().Length);
        Assert.Equal(count, bed.OurRoutes().Length);
        Assert.Equal(
            requests.Select(request => (request.HostInterface, $"{request.Address}", request.Alias, false)).Order(),
            (await bed.Network.ListAsync(Token)).Select(link => (link.Name, $"{link.Address}", link.Alias, link.Detached)).Order());

        var detached = await Task.WhenAll(requests.Select(request => bed.Network.DetachAsync(request.HostInterface, request.Address, Token)));
        Assert.All(detached, Assert.True);
        await Task.WhenAll(bed.Network.ReapAsync(Token), bed.Network.ReapAsync(Token), bed.Network.ReapAsync(Token));
        Assert.Empty(bed.PodLinks());
        Assert.Empty(bed.OurRoutes());
        Assert.Empty(bed.Node.IpJson("neigh show nud permanent"));
        Assert.All(pods, pod => Assert.Single(pod.IpJson("link show")));
    }

    [Fact]
    public async Task Links_detached_while_others_are_attached_are_all_reaped_and_the_others_stay()
    {
        using var bed = new DataplaneBed();
        const int count = 40;
        TestNetns[] pods = [.. Enumerable.Range(0, count).Select(i => bed.Pod($"pod{i}"))];
        await Task.WhenAll(pods.Select(async (pod, i) =>
        {
            await bed.Network.AttachAsync(bed.Request(pod, i), Token);
            if (i % 2 == 0)
                return;
            await bed.Network.DetachAsync($"vn{i}", Address(i), Token);
            await bed.Network.ReapAsync(Token);
            Assert.DoesNotContain($"vn{i}", bed.PodLinks());
        }));
        Assert.Equal(Enumerable.Range(0, count / 2).Select(i => $"vn{2 * i}").Order(), bed.PodLinks().Order());
        Assert.All(await bed.Network.ListAsync(Token), link => Assert.False(link.Detached));
    }
}
