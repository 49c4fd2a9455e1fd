using Vnetcni.Cluster.Tests.Fixture;
using Vnetcni.Operator;
using Xunit;

namespace Vnetcni.Cluster.Tests.Operators;

/// <summary>Two operators and a real API server: no limit is passed, no status is written from a stale read.</summary>
public sealed class TwoOperatorsTests(ClusterFixture cluster)
{
    private const int PerNode = 20;
    private const int PerVnet = 44;

    [Fact]
    public async Task Two_that_both_lead_pass_no_limit_and_write_every_status_conditionally()
    {
        await using var rig = await OperatorRig.StartAsync(cluster, nodes: 3);
        rig.StartOperator(Settings("a", lease: ""));
        rig.StartOperator(Settings("b", lease: ""));
        await rig.WantAsync(8);
        await rig.UntilListedAsync(24);
        await rig.WantAsync(100);
        await rig.UntilListedAsync(PerVnet);
        await CheckAsync(rig);
    }

    [Fact]
    public async Task A_leader_killed_before_its_PUT_is_followed_by_one_that_passes_no_limit()
    {
        await using var rig = await OperatorRig.StartAsync(cluster, nodes: 3);
        List<Func<Task>> cleanUp = [];
        var space = await cluster.NamespaceAsync(rig.Direct, cleanUp);
        var (kube, arm, first) = rig.StartOperator(Settings("a", "op") with { LeaseNamespace = space });
        await Eventually.HoldsAsync(() => first.IsLeader, "the first leads");
        var (_, _, second) = rig.StartOperator(Settings("b", "op") with { LeaseNamespace = space });
        await rig.WantAsync(8);
        await rig.UntilListedAsync(24);

        // Its reservation is written, its PUT is not sent, and nothing of it acts any more: the lease runs out.
        arm.Before = request =>
        {
            if (request.Method != "PUT")
                return;
            arm.Closed = true;
            kube.Cut();
        };
        await rig.WantAsync(100);
        await Eventually.HoldsAsync(() => arm.Closed, "the first is killed at its PUT");
        await Eventually.HoldsAsync(() => second.IsLeader, "the second leads");
        await rig.UntilListedAsync(PerVnet);
        await CheckAsync(rig);
        foreach (var step in cleanUp)
            await step();
    }

    private static OperatorSettings Settings(string identity, string lease) => new()
    {
        Identity = identity,
        LeaseName = lease,
        LeaseDuration = TimeSpan.FromSeconds(5),
        PerNode = PerNode,
        PerVirtualNetwork = PerVnet,
        RoundInterval = TimeSpan.FromMilliseconds(500),
    };

    private static async Task CheckAsync(OperatorRig rig)
    {
        Assert.Equal(PerVnet, rig.Most);
        Assert.All(await rig.ListedAsync(), listed => Assert.InRange(listed, 8, PerNode));
        Assert.All(rig.Guards, guard => Assert.Empty(guard.Unconditional));
        Assert.True(rig.Guards.Sum(guard => guard.Conditional) >= 6);
        Assert.Empty(rig.Arm.Arm.Violations);
    }
}
