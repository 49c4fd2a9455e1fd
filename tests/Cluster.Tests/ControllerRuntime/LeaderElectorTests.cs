using k8s.Models;
using Vnetcni.Cluster.Tests.Fixture;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.LeaderElection;
using Xunit;

namespace Vnetcni.Cluster.Tests.ControllerRuntime;

/// <summary>Two electors and a real Lease, in real time with short periods.</summary>
public sealed class LeaderElectorTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static LeaderElectionOptions Options(string ns, string identity) => new()
    {
        Namespace = ns,
        Name = "vnetcni-operator",
        Identity = identity,
        // Far apart: a stall that is shorter than what lies between them makes no two leaders.
        LeaseDuration = TimeSpan.FromSeconds(8),
        RenewDeadline = TimeSpan.FromSeconds(4),
        RetryPeriod = TimeSpan.FromMilliseconds(500),
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_leader_that_is_cut_off_stops_before_the_next_begins(bool hang)
    {
        using var direct = cluster.Api();
        List<Func<Task>> cleanUp = [];
        var ns = await cluster.NamespaceAsync(direct, cleanUp);
        var overlap = new Overlap();
        var (gateA, gateB) = (new GatedApi(direct) { Hang = hang }, new GatedApi(direct));
        using var stop = new CancellationTokenSource();
        var a = new LeaderElector(gateA, Options(ns, "a"), TimeProvider.System, new Jitter(1));
        var runA = a.RunAsync(t => overlap.WorkAsync("a", t), stop.Token);
        await Eventually.HoldsAsync(() => overlap.Working == "a" && a.IsLeader, "a leads");
        var b = new LeaderElector(gateB, Options(ns, "b"), TimeProvider.System, new Jitter(2));
        var runB = b.RunAsync(t => overlap.WorkAsync("b", t), stop.Token);
        // Longer than the lease.
        await Task.Delay(TimeSpan.FromSeconds(9), Token);
        Assert.True(a.IsLeader);
        Assert.Equal("a", overlap.Working);
        gateA.Cut();
        await Eventually.HoldsAsync(() => b.IsLeader, "b leads");
        Assert.False(a.IsLeader);
        Assert.Equal(LeadershipEnd.Lost, await runA);
        Assert.True(b.Term > a.Term);
        await stop.CancelAsync();
        Assert.Equal(LeadershipEnd.Stopped, await runB);
        Assert.Equal(1, overlap.Most);
        Assert.Equal(["a", "b"], overlap.Order);
        foreach (var step in cleanUp)
            await step();
    }

    [Fact]
    public async Task A_leader_that_stops_hands_over_within_a_retry_and_an_empty_lease_is_taken()
    {
        using var direct = cluster.Api();
        List<Func<Task>> cleanUp = [];
        var ns = await cluster.NamespaceAsync(direct, cleanUp);
        // As a chart makes it: without a spec.
        await direct.CreateAsync(KubeKinds.Leases, new V1Lease { Metadata = new() { Name = "vnetcni-operator", NamespaceProperty = ns } }, Token);
        var overlap = new Overlap();
        using var stopA = new CancellationTokenSource();
        using var stopB = new CancellationTokenSource();
        var a = new LeaderElector(direct, Options(ns, "a"), TimeProvider.System, new Jitter(1));
        var b = new LeaderElector(direct, Options(ns, "b"), TimeProvider.System, new Jitter(2));
        var runA = a.RunAsync(t => overlap.WorkAsync("a", t), stopA.Token);
        await Eventually.HoldsAsync(() => a.IsLeader, "a leads");
        var runB = b.RunAsync(t => overlap.WorkAsync("b", t), stopB.Token);
        await Task.Delay(TimeSpan.FromSeconds(1), Token);
        var stopped = DateTime.UtcNow;
        await stopA.CancelAsync();
        await Eventually.HoldsAsync(() => b.IsLeader, "b leads");
        Assert.True(DateTime.UtcNow - stopped < TimeSpan.FromSeconds(2.5), "the handover took as long as an expiry");
        Assert.Equal(LeadershipEnd.Stopped, await runA);
        await stopB.CancelAsync();
        await runB;
        Assert.Equal(1, overlap.Most);
        var lease = await direct.GetAsync(KubeKinds.Leases, new(ns, "vnetcni-operator"), Token);
        Assert.True(string.IsNullOrEmpty(lease!.Spec.HolderIdentity));
        foreach (var step in cleanUp)
            await step();
    }

    private sealed class Overlap
    {
        private readonly Lock gate = new();
        private int working;

        public string Working { get; private set; } = "";

        public int Most { get; private set; }

        public List<string> Order { get; } = [];

        public async Task WorkAsync(string who, CancellationToken cancellationToken)
        {
            lock (gate)
            {
                Working = who;
                Order.Add(who);
                Most = Math.Max(Most, ++working);
            }

            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                // A step that could not be broken off.
                await Task.Delay(300, CancellationToken.None);
                lock (gate)
                    working--;
            }
        }
    }
}
