using Vnetcni.Ipam.PoolScaling;
using Xunit;

namespace Vnetcni.Ipam.Tests.PoolScaling;

public class PoolTargetEdgeTests
{
    private static readonly ScalingSettings Small = new() { MinFree = 2, BatchSize = 2, MaxFree = 4, WarmUp = 10 };

    [Fact]
    public void ADDs_that_wait_count_beside_the_addresses_in_use() =>
        Assert.Equal(5, new PoolDemand(ScheduledPods: 0, InUse: 3, Unavailable: 0, Waiting: 2).Taken);

    [Fact]
    public void A_pool_below_its_warm_up_grows_to_it_though_enough_are_free() =>
        Assert.Equal(10, PoolTarget.Desired(Small, new PoolDemand(0, 0, 0, 0), last: 4));

    [Fact]
    public void A_warmed_up_pool_without_demand_stays_as_it_is() =>
        Assert.Equal(10, PoolTarget.Desired(Small, new PoolDemand(0, 0, 0, 0), last: 10));

    [Fact]
    public void Beyond_the_warm_up_more_than_maxFree_is_given_back() =>
        Assert.Equal(10, PoolTarget.Desired(Small, new PoolDemand(6, 6, 0, 0), last: 16));

    [Fact]
    public void As_many_free_as_maxFree_are_kept_and_one_more_is_not()
    {
        Assert.Equal(16, PoolTarget.Desired(Small, new PoolDemand(12, 12, 0, 0), last: 16));
        Assert.Equal(14, PoolTarget.Desired(Small, new PoolDemand(11, 11, 0, 0), last: 16));
    }

    [Fact]
    public void A_target_above_the_maximum_does_not_stand() =>
        Assert.Equal(8, PoolTarget.Desired(Small with { MaxAddresses = 8, WarmUp = 0 }, new PoolDemand(7, 7, 0, 0), last: 9));

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 0)]
    [InlineData(90, 90)]
    public void A_release_delay_is_never_negative(int seconds, int expected) =>
        Assert.Equal(TimeSpan.FromSeconds(expected), new ScalingSettings { ReleaseDelay = TimeSpan.FromSeconds(seconds) }.Bounded().ReleaseDelay);
}
