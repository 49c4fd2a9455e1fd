using Vnetcni.TestSupport.Network;
using Xunit;
using static Vnetcni.Dataplane.Tests.DataplaneBed;

namespace Vnetcni.Dataplane.Tests;

/// <summary>Stand-ins for interfaces that another plug-in makes, on the real kernel.</summary>
public sealed class StandInTests
{
    [Fact]
    public async Task A_stand_in_names_the_address_moves_no_packet_and_goes_like_an_attachment()
    {
        using var bed = new DataplaneBed();
        var pod = bed.Pod();
        await bed.Network.PrepareAsync([Address(0), Address(1)], Token);
        await bed.Network.StandInAsync(StandIn(bed, pod), Token);

        Assert.Equal([$"{Address(1)}"], bed.OurRoutes());
        var listed = Assert.Single(await bed.Network.ListAsync(Token));
        Assert.Equal(("vn0", Alias(0), Address(0), false), (listed.Name, listed.Alias, listed.Address!, listed.Detached));
        // The pod's end is down, without an address, and not where the other plug-in's interface goes.
        var end = Assert.Single(pod.IpJson("address show"), link => link.GetProperty("ifname").GetString() == "vn0");
        Assert.Empty(end.GetProperty("addr_info").EnumerateArray());
        Assert.Equal("DOWN", end.GetProperty("operstate").GetString());
        // Its address is where the other plug-in routes it: here nowhere.
        Assert.DoesNotContain("vn0", bed.Node.Ip($"route get {Address(0)}"), StringComparison.Ordinal);

        Assert.True(await bed.Network.DetachAsync("vn0", Address(0), Token));
        Assert.Equal([$"{Address(0)}", $"{Address(1)}"], bed.OurRoutes().Order(StringComparer.Ordinal));
        Assert.False(await bed.Network.DetachAsync("vn0", Address(0), Token));
        await bed.Network.ReapAsync(Token);
        Assert.Empty(bed.PodLinks());
        Assert.Single(pod.IpJson("link show"));
    }

    [Fact]
    public async Task A_later_preparation_leaves_the_address_without_a_held_route_also_after_a_restart()
    {
        using var bed = new DataplaneBed();
        await bed.Network.StandInAsync(StandIn(bed, bed.Pod()), Token);
        await bed.Network.PrepareAsync([Address(0), Address(1), Address(2)], Token);
        Assert.DoesNotContain($"{Address(0)}", bed.OurRoutes());
        bed.Renew();
        await bed.Network.PrepareAsync([Address(0), Address(1)], Token);
        Assert.Equal([$"{Address(1)}"], bed.OurRoutes());
        Assert.Equal(Address(0), Assert.Single(await bed.Network.ListAsync(Token)).Address);
    }

    [Fact]
    public async Task It_goes_with_the_pods_namespace()
    {
        using var bed = new DataplaneBed();
        await bed.Network.PrepareAsync([Address(0)], Token);
        using (var pod = new TestNetns("short"))
        using (var opened = Linux.Namespaces.LinuxPodNamespace.Open(pod.Path))
            await bed.Network.StandInAsync(Request(opened) with { InterfaceName = "vn0" }, Token);
        for (var waited = 0; bed.PodLinks().Length > 0; waited++)
        {
            Assert.True(waited < 400, "not within 20 s");
            await Task.Delay(50, Token);
        }

        // Its owner's detach finds no link, and brings the route back; not that of an address which the node does not hold any more.
        Assert.False(await bed.Network.DetachAsync("vn0", Address(0), Token));
        Assert.False(await bed.Network.DetachAsync("vn1", Address(1), Token));
        Assert.Equal([$"{Address(0)}"], bed.OurRoutes());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task What_fails_leaves_nothing(int send)
    {
        using var bed = new DataplaneBed();
        await bed.Network.PrepareAsync([Address(0)], Token);
        var sends = 0;
        var broken = bed.Start(beforeSend: _ =>
        {
            if (sends++ == send)
                throw new DataplaneException(DataplaneFault.Kernel, "broken");
        }, threads: 1);
        await Assert.ThrowsAsync<DataplaneException>(() => broken.StandInAsync(StandIn(bed, bed.Pod()), Token));
        Assert.Empty(bed.PodLinks());
        Assert.Equal([$"{Address(0)}"], bed.OurRoutes());
        // And the same can be had afterwards.
        await bed.Network.StandInAsync(StandIn(bed, bed.Pod("again")), Token);
    }

    [Fact]
    public async Task In_bridge_mode_it_is_the_same()
    {
        using var bed = new DataplaneBed(mode: DataplaneMode.Bridge);
        await bed.Network.PrepareAsync([Address(0)], Token);
        await bed.Network.StandInAsync(StandIn(bed, bed.Pod()), Token);
        Assert.Empty(bed.OurRoutes());
        Assert.Equal(Address(0), Assert.Single(await bed.Network.ListAsync(Token)).Address);
        Assert.True(await bed.Network.DetachAsync("vn0", Address(0), Token));
        Assert.Equal([$"{Address(0)}"], bed.OurRoutes());
        await bed.Network.ReapAsync(Token);
        Assert.Empty(bed.PodLinks());
    }

    private static AttachRequest StandIn(DataplaneBed bed, TestNetns pod) => bed.Request(pod) with { InterfaceName = "vn0" };
}
