using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Vnetcni.Api.Settings;
using Vnetcni.Dataplane.Linux.Snat;
using Vnetcni.Dataplane.Snat;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Pool;
using Vnetcni.NodeAgent.Snat;
using Vnetcni.TestSupport.Network;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Snat;

/// <summary>The keeper on a real kernel.</summary>
public sealed class RepairTests
{
    [Fact]
    public async Task What_somebody_flushes_is_back_within_a_second()
    {
        Assert.SkipWhen(TestNetns.Unavailable is not null, TestNetns.Unavailable ?? "");
        Assert.SkipWhen(!File.Exists("/usr/sbin/nft"), "`nft` (nftables) is not installed");
        using var nodes = new NodeNetns("node");
        var leaks = new NodeLeaks(nodes.Node);
        using var egress = nodes.Node.Run(() => new LinuxPodEgress(null));
        using var keeper = new EgressKeeper(egress, TimeProvider.System, NullLogger.Instance);
        var pool = new PoolSnapshot(new Publication { Addresses = [] }, EffectiveSettings.Default, "", Present: true) { ExcludedCidrs = ["10.240.0.0/16"] };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await keeper.PublishAsync(pool, [IPAddress.Parse("10.240.0.64")], stop.Token);
        var run = keeper.RunAsync(stop.Token);
        var longest = TimeSpan.Zero;
        foreach (var tampering in new[] { "flush ruleset", "delete table ip vnetcni", "flush chain ip vnetcni metadata", "flush table ip vnetcni" })
        {
            Assert.Equal(0, nodes.Node.Execute("/usr/sbin/nft", tampering).ExitCode);
            var begun = Stopwatch.GetTimestamp();
            while (!Stands(nodes.Node))
                Assert.True(Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(1), $"not mended after `nft {tampering}`");
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(begun).Ticks));
            // Until its own change has been looked at.
            await Task.Delay(100, stop.Token);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"longest: {longest.TotalMilliseconds:F0} ms");
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.True(Stands(nodes.Node));
        await egress.ApplyAsync(EgressRules.None, TestContext.Current.CancellationToken);
        Assert.Empty(leaks.Find(NodePods.None));
    }

    private static bool Stands(TestNetns node)
    {
        var output = node.Execute("/usr/sbin/nft", "list table ip vnetcni").Output;
        return output.Contains("masquerade", StringComparison.Ordinal) && output.Split("reject with tcp reset").Length == 4;
    }
}
