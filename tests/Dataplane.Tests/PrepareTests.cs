using System.Net;
using Xunit;
using static Vnetcni.Dataplane.Tests.DataplaneBed;

namespace Vnetcni.Dataplane.Tests;

public sealed class PrepareTests
{
    [Fact]
    public async Task Held_addresses_get_unreachable_routes_and_others_of_ours_lose_them()
    {
        using var bed = new DataplaneBed();
        await bed.Network.PrepareAsync([Address(0), Address(1), Address(2)], Token);
        Assert.Equal([$"{Address(0)}", $"{Address(1)}", $"{Address(2)}"], bed.OurRoutes("type unreachable").Order(StringComparer.Ordinal));
        Assert.All(bed.Node.IpJson("route show proto 118"), route => Assert.Equal(1000, route.GetProperty("metric").GetInt32()));

        bed.Node.Ip("route add unreachable 10.9.9.9/32 metric 1000");
        bed.Node.Ip("route add unreachable 10.9.9.8/32 metric 7 proto 118");
        bed.Node.Ip("route add unreachable 10.9.0.0/16 metric 7 proto 118");
        bed.Node.Ip($"route add unreachable {Address(3)} metric 7 proto 118");
        await bed.Network.PrepareAsync([Address(1), Address(3), Address(3)], Token);
        Assert.Equal([$"{Address(1)}", $"{Address(3)}", "10.9.0.0/16"], bed.OurRoutes("type unreachable").Order(StringComparer.Ordinal));
        Assert.Equal(1000, Assert.Single(bed.Node.IpJson($"route show {Address(3)}")).GetProperty("metric").GetInt32());
        Assert.Single(bed.Node.IpJson("route show 10.9.9.9"));
        await bed.Network.PrepareAsync([Address(1), Address(3)], Token);
        await bed.Network.PrepareAsync([], Token);
        Assert.Equal(["10.9.0.0/16"], bed.OurRoutes());
    }

    [Fact]
    public async Task Routes_to_pods_stay_when_held_addresses_change()
    {
        using var bed = new DataplaneBed();
        await bed.Network.PrepareAsync([Address(0)], Token);
        await bed.Network.AttachAsync(bed.Request(bed.Pod()), Token);
        await bed.Network.PrepareAsync([], Token);
        Assert.Equal("vn0", Assert.Single(bed.Node.IpJson("route show proto 118")).GetProperty("dev").GetString());
        await bed.Network.PrepareAsync([Address(0)], Token);
        Assert.True(bed.Node.Ping($"{Address(0)}"));
    }

    [Fact]
    public async Task A_packet_to_a_held_address_without_a_pod_is_not_sent_back()
    {
        using var bed = new DataplaneBed();
        await bed.Network.PrepareAsync([Address(5)], Token);
        var (_, output) = bed.Nodes.Fabric.Execute("ping", $"-n -c 1 -W 1 {Address(5)}");
        Assert.Contains("Destination Host Unreachable", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_node_of_addresses_is_set_and_cleared()
    {
        using var bed = new DataplaneBed();
        var held = Enumerable.Range(0, 250).Select(i => new IPAddress([10, 250, 0, (byte)i])).ToArray();
        await bed.Network.PrepareAsync(held, Token);
        Assert.Equal(250, bed.OurRoutes("type unreachable").Length);
        await bed.Network.PrepareAsync(held[..1], Token);
        Assert.Equal(["10.250.0.0"], bed.OurRoutes());
    }

    [Fact]
    public async Task IPv6_is_refused_by_name_wherever_an_address_is_taken()
    {
        using var bed = new DataplaneBed();
        var pod = bed.Pod();
        var request = bed.Request(pod) with { Address = IPAddress.Parse("fd00::1234") };
        Func<Task>[] calls =
        [
            () => bed.Network.PrepareAsync([DataplaneBed.Address(1), request.Address], Token),
            () => bed.Network.AttachAsync(request, Token),
            () => bed.Network.StandInAsync(request, Token),
            () => bed.Network.DetachAsync(request.HostInterface, request.Address, Token),
            () => bed.Network.CheckAsync(request, Token),
        ];
        foreach (var call in calls)
        {
            var refusal = await Assert.ThrowsAsync<DataplaneException>(call);
            Assert.Equal(DataplaneFault.Family, refusal.Fault);
            Assert.Contains("fd00::1234 is not an IPv4 address", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Empty(bed.PodLinks());
        Assert.Empty(bed.OurRoutes());
        Assert.Empty(pod.IpJson("link show type veth"));
    }

    [Fact]
    public async Task A_named_NIC_that_is_missing_is_said()
    {
        using var bed = new DataplaneBed(nic: "azure9", prepare: false);
        var refusal = await Assert.ThrowsAsync<DataplaneException>(() => bed.Network.PrepareAsync([], Token));
        Assert.Contains("azure9", refusal.Message, StringComparison.Ordinal);
    }
}
