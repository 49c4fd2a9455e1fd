using CsCheck;
using Vnetcni.Ipam.PoolScaling;
using Xunit;

namespace Vnetcni.Ipam.Tests.PoolScaling;

public class PoolTargetTests
{
    private static readonly Gen<ScalingSettings> Settings = Gen.Select(
        Gen.Int[0, 40], Gen.Int[1, 64], Gen.Int[0, 40], Gen.Int[1, 250], Gen.Int[0, 60],
        (minFree, batch, slack, max, warmUp) => new ScalingSettings
        {
            MinFree = minFree,
            BatchSize = batch,
            MaxFree = minFree + batch + slack,
            MaxAddresses = max,
            WarmUp = Math.Min(warmUp, max),
        });

    private static readonly Gen<PoolDemand> Demand = Gen.Select(
        Gen.Int[0, 300], Gen.Int[0, 250], Gen.Int[0, 30], Gen.Int[0, 256], (p, u, c, w) => new PoolDemand(p, u, c, w));

    [Theory]
    [InlineData(0, 0, 0, 0, 16)]
    [InlineData(10, 0, 0, 0, 32)]
    [InlineData(10, 12, 0, 3, 32)]
    [InlineData(30, 30, 11, 0, 64)]
    [InlineData(245, 245, 0, 0, 250)]
    public void The_target_covers_demand_and_minFree_rounded_up_to_batches(int pods, int inUse, int cooling, int waiting, int expected) =>
        Assert.Equal(expected, PoolTarget.Desired(new ScalingSettings(), new PoolDemand(pods, inUse, cooling, waiting), 0));

    [Fact]
    public void A_pool_does_not_grow_because_its_pods_go()
    {
        // 30 pods are deleted: one DEL after the other, the addresses rest, the Pod objects go last.
        var settings = new ScalingSettings();
        var start = PoolTarget.Desired(settings, new PoolDemand(30, 30, 0, 0), 0);
        var last = start;
        for (var gone = 0; gone <= 30; gone++)
        {
            last = PoolTarget.Desired(settings, new PoolDemand(0, 30 - gone, gone, 0, LeavingPods: 30), last);
            Assert.True(last <= start, $"after {gone} DELs the pool wants {last} addresses, before it wanted {start}");
        }
    }

    [Fact]
    public void Pods_that_come_while_others_leave_count_beside_them() =>
        Assert.Equal(32, PoolTarget.Desired(new ScalingSettings(), new PoolDemand(10, 10, 0, 0, LeavingPods: 10), 0));

    [Theory]
    [InlineData(10, 0, 0, 0, 4, 6)]
    [InlineData(10, 10, 0, 0, 0, 0)]
    [InlineData(10, 10, 0, 10, 0, 10)]
    [InlineData(0, 0, 3, 0, 0, 3)]
    public void Pods_without_an_address_in_sight_are_unserved(int pods, int inUse, int waiting, int leaving, int assignable, int expected) =>
        Assert.Equal(expected, new PoolDemand(pods, inUse, 0, waiting, leaving).Unserved(assignable));

    [Fact]
    public void A_batch_rounds_up_and_never_caps() =>
        Assert.Equal(208, PoolTarget.Desired(new ScalingSettings(), new PoolDemand(200, 0, 0, 0), 16));

    [Fact]
    public void The_target_stays_within_its_bounds() =>
        Gen.Select(Settings, Demand, Gen.Int[0, 250]).Sample((settings, demand, last) =>
        {
            var desired = PoolTarget.Desired(settings, demand, last);
            Assert.InRange(desired, settings.WarmUp, settings.MaxAddresses);
            Assert.True(desired <= 250);
            Assert.True(desired == settings.MaxAddresses || desired >= demand.Taken + settings.MinFree);
        });

    [Fact]
    public void A_steady_demand_gives_a_steady_target() =>
        Gen.Select(Settings, Demand, Gen.Int[0, 250]).Sample((settings, demand, last) =>
        {
            var first = PoolTarget.Desired(settings, demand, last);
            Assert.Equal(first, PoolTarget.Desired(settings, demand, first));
        });

    [Fact]
    public void Demand_that_wavers_between_minFree_and_maxFree_changes_nothing() =>
        Gen.Select(Settings, Gen.Int[1, 250], Gen.Int[0, 100].Array[1, 20]).Sample((settings, start, steps) =>
        {
            var last = Math.Clamp(start, Math.Max(1, settings.WarmUp), settings.MaxAddresses);
            foreach (var step in steps)
            {
                var free = settings.MinFree + (step % (settings.MaxFree - settings.MinFree + 1));
                var demand = new PoolDemand(last - free, 0, 0, 0);
                if (last < free)
                    continue;
                Assert.Equal(last, PoolTarget.Desired(settings, demand, last));
            }
        });

    [Fact]
    public void More_demand_never_shrinks_the_target() =>
        Gen.Select(Settings, Demand, Gen.Int[0, 250], Gen.Int[0, 50]).Sample((settings, demand, last, more) =>
        {
            var larger = demand with { ScheduledPods = demand.ScheduledPods + more };
            var before = PoolTarget.Desired(settings, demand, last);
            Assert.True(PoolTarget.Desired(settings, larger, before) >= before);
        });

    [Fact]
    public void Settings_out_of_range_are_brought_into_it()
    {
        var settings = new ScalingSettings { BatchSize = 0, MinFree = -1, MaxFree = -5, MaxAddresses = 9000, WarmUp = 9000 }.Bounded();
        Assert.Equal((1, 0, 1, 250, 250), (settings.BatchSize, settings.MinFree, settings.MaxFree, settings.MaxAddresses, settings.WarmUp));
    }
}
