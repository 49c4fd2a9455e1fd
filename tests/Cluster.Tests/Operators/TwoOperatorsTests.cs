using Vnetcni.ArmSimulator.Core;
using Vnetcni.Cluster.Tests.Fixture;
using Vnetcni.Operator;
using Vnetcni.TestSupport.Azure;
using Xunit;

namespace Vnetcni.Cluster.Tests.Operators;

/// <summary>Two operators and a real API server: no limit is passed, no status is written from a stale read.</summary>
public sealed class TwoOperatorsTests(ClusterFixture cluster)
{
    private const int PerNode = 20;
    private const int PerVnet = 44;

    /// <summary>Every kind of VM with every answer to a second PUT; each way to choose addresses comes with each kind and each answer.</summary>
    public static TheoryData<NodeKind, ConcurrentPutMode, AddressAssignment> Kinds
    {
        get
        {
            var all = new TheoryData<NodeKind, ConcurrentPutMode, AddressAssignment>();
            foreach (var kind in Enum.GetValues<NodeKind>())
            {
                foreach (var mode in Enum.GetValues<ConcurrentPutMode>())
                    all.Add(kind, mode, (AddressAssignment)(((int)kind + (int)mode) % 3));
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Two_that_both_lead_pass_no_limit_and_write_every_status_conditionally(NodeKind kind, ConcurrentPutMode mode, AddressAssignment assignment)
    {
        await using var rig = await OperatorRig.StartAsync(cluster, nodes: 3, kind, new SimSettings { ConcurrentPut = mode, Assignment = assignment });
        rig.StartOperator(Settings("a", lease: ""));
        rig.StartOperator(Settings("b", lease: ""));
        await rig.WantAsync(8);
        await rig.UntilListedAsync(24);
        await rig.WantAsync(100);
        await rig.UntilListedAsync(PerVnet);
        await CheckAsync(rig);
    }

    [Theory]
    [InlineData(NodeKind.Standalone, ConcurrentPutMode.Reject429)]
    [InlineData(NodeKind.Flex, ConcurrentPutMode.Supersede)]
    [InlineData(NodeKind.Uniform, ConcurrentPutMode.Conflict409)]
    public async Task A_leader_killed_before_its_PUT_is_followed_by_one_that_passes_no_limit(NodeKind kind, ConcurrentPutMode mode)
    {
        await using var rig = await OperatorRig.StartAsync(cluster, nodes: 3, kind, new SimSettings { ConcurrentPut = mode });
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
