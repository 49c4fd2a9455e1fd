using Vnetcni.TestSupport.Network;
using Xunit;
using static Vnetcni.Dataplane.Tests.DataplaneBed;

namespace Vnetcni.Dataplane.Tests;

public sealed class CheckTests
{
    /// <summary>What is broken (on the node or in the pod, by `ip`), and the words that must be said about it.</summary>
    public static TheoryData<string, string, string> Breakages => new()
    {
        { "node", "link set vn0 down", "the node's vn0 is down" },
        { "node", "link set vn0 alias vnetcni:net/other/eth0", "alias 'vnetcni:net/other/eth0'" },
        { "node", "link set vn0 mtu 1300", "the node's vn0 has MTU 1300, not 1500" },
        { "node", "route del 10.240.0.64/32 dev vn0", "the node has no route to 10.240.0.64 by vn0" },
        { "node", "neigh del 10.240.0.64 dev vn0", "the node has no permanent neighbour 10.240.0.64" },
        { "node", "link del vn0", "the node has no interface vn0" },
        { "pod", "link set eth0 down", "the pod's eth0 is down" },
        { "pod", "link set eth0 mtu 1300", "the pod's eth0 has MTU 1300, not 1500" },
        { "pod", "address flush dev eth0", "the pod's eth0 lacks the address 10.240.0.64/32" },
        { "pod", "route del default", "the pod has no default route by 169.254.1.1" },
        { "pod", "route del 169.254.1.1", "the pod has no route to 169.254.1.1" },
        { "pod", "neigh del 169.254.1.1 dev eth0", "the pod has no permanent neighbour 169.254.1.1" },
        { "pod", "neigh replace 169.254.1.1 lladdr 02:00:00:00:00:01 dev eth0 nud permanent", "with the node's MAC" },
        { "pod", "link set eth0 address 02:00:00:00:00:01", "with the pod's MAC" },
        { "pod", "link del eth0", "the pod has no interface eth0" },
    };

    [Fact]
    public async Task All_is_well_after_attach()
    {
        using var bed = new DataplaneBed();
        await bed.Network.PrepareAsync([Address(0)], Token);
        var request = bed.Request(bed.Pod(), mtu: 1500);
        await bed.Network.AttachAsync(request, Token);
        Assert.Empty(await bed.Network.CheckAsync(request, Token));
        Assert.Empty(await bed.Network.CheckAsync(request with { Mtu = 0 }, Token));
    }

    [Theory]
    [MemberData(nameof(Breakages))]
    public async Task Every_breakage_is_named(string where, string command, string expected)
    {
        using var bed = new DataplaneBed();
        TestNetns pod = bed.Pod();
        await bed.Network.PrepareAsync([Address(0)], Token);
        var request = bed.Request(pod, mtu: 1500);
        await bed.Network.AttachAsync(request, Token);
        (where == "node" ? bed.Node : pod).Ip(command);
        Assert.Contains(await bed.Network.CheckAsync(request, Token), fault => fault.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_interface_of_the_right_name_from_elsewhere_is_seen()
    {
        using var bed = new DataplaneBed();
        var pod = bed.Pod();
        var request = bed.Request(pod);
        await bed.Network.AttachAsync(request, Token);
        pod.Ip("link set eth0 name old0");
        pod.Ip("link add eth0 type veth peer name other0");
        Assert.Contains(
            await bed.Network.CheckAsync(request, Token),
            fault => fault.Contains("not the other end of the node's vn0", StringComparison.Ordinal));
    }
}
