using Vnetcni.TestSupport.Network;
using Xunit;
using static Vnetcni.Dataplane.Tests.DataplaneBed;

namespace Vnetcni.Dataplane.Tests;

/// <summary>Pods that announce addresses unasked: their own, as some programs do at their start, and another pod's.</summary>
public sealed class GratuitousArpTests
{
    private const string Busybox = "/usr/bin/busybox";

    [Theory]
    [InlineData(DataplaneMode.Transparent)]
    [InlineData(DataplaneMode.Bridge)]
    public async Task A_pod_that_announces_anothers_address_gets_none_of_its_packets_and_its_own_does_no_harm(DataplaneMode mode)
    {
        Assert.SkipWhen(!File.Exists(Busybox), $"{Busybox} is not installed: apt-get install busybox-static");
        using var bed = new DataplaneBed(mode: mode);
        var (victim, thief) = (bed.Pod("victim"), bed.Pod("thief"));
        await bed.Network.AttachAsync(bed.Request(victim), Token);
        await bed.Network.AttachAsync(bed.Request(thief, 1), Token);
        var before = Neighbours(bed);

        // As request and as answer, to everybody. The thief would answer, too.
        thief.Ip($"address add {Address(0)}/32 dev lo");
        foreach (var kind in new[] { "-U", "-A" })
        {
            Assert.Equal(0, Announce(thief, kind, Address(0)));
            Assert.Equal(0, Announce(victim, kind, Address(0)));
            Assert.Equal(0, Announce(thief, kind, Address(1)));
        }

        Assert.Equal(before, Neighbours(bed));
        var seen = Received(victim);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(bed.Node.Ping($"{Address(0)}"));
            Assert.True(bed.Nodes.Fabric.Ping($"{Address(0)}"));
        }

        // The victim itself answered: it saw at least those six.
        Assert.True(Received(victim) - seen >= 6, $"{Received(victim) - seen} packets reached the victim");
        Assert.True(bed.Nodes.Fabric.Ping($"{Address(1)}"));
    }

    private static int Announce(TestNetns pod, string kind, System.Net.IPAddress address)
    {
        var (exitCode, output) = pod.Execute(Busybox, $"arping {kind} -c 2 -w 3 -I eth0 {address}");
        // With nobody's answer it ends with 1 where it waited for one; that it sent is what counts.
        return output.Contains("Sent 2 probe", StringComparison.Ordinal) ? 0 : exitCode + 1;
    }

    private static string[] Neighbours(DataplaneBed bed) =>
        [.. bed.Node.IpJson("-4 neighbour show nud permanent").Select(n => $"{n.GetProperty("dst")} {n.GetProperty("lladdr")} {n.GetProperty("dev")}").Order(StringComparer.Ordinal)];

    private static long Received(TestNetns pod) =>
        pod.IpJson("-s link show dev eth0").Single().GetProperty("stats64").GetProperty("rx").GetProperty("packets").GetInt64();
}
