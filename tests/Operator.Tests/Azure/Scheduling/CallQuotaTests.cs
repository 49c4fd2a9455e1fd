using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Scheduling;

namespace Vnetcni.Operator.Tests.Azure.Scheduling;

public class CallQuotaTests
{
    private static readonly ArmCall Read = new("s", ArmProvider.Network, IsWrite: false, IsPoll: false);
    private static readonly ArmCall Write = new("s", ArmProvider.Network, IsWrite: true, IsPoll: false);

    [Fact]
    public void A_full_bucket_lets_all_but_the_share_of_others_go_at_once_then_goes_by_the_refill()
    {
        var quota = new CallQuota(new QuotaSettings { LeftForOthers = 0.2 });
        Assert.Equal(200, Drain(quota, Read, TimeSpan.Zero));
        Assert.Equal(0.04, quota.WaitFor(Read, TimeSpan.Zero).TotalSeconds, 3);
        Assert.Equal(25, Drain(quota, Read, TimeSpan.FromSeconds(1)));
        Assert.Equal(160, Drain(quota, Write, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void What_ARM_says_is_left_counts_more_than_what_was_reckoned()
    {
        var quota = new CallQuota(new QuotaSettings { LeftForOthers = 0 });
        quota.Take(Write, TimeSpan.Zero);
        quota.Take(Write, TimeSpan.Zero);
        // Others took most of it; of the five left one is for the call that is under way.
        quota.Answered(Write, 200, 5, null, TimeSpan.Zero);
        Assert.Equal(4, Drain(quota, Write, TimeSpan.Zero));
    }

    [Fact]
    public void A_subscription_with_more_than_the_documented_quota_is_used_as_such()
    {
        var quota = new CallQuota(new QuotaSettings { LeftForOthers = 0 });
        quota.Take(Read, TimeSpan.Zero);
        quota.Answered(Read, 200, 3_000, null, TimeSpan.Zero);
        Assert.Equal(3_000, Drain(quota, Read, TimeSpan.Zero));
    }

    [Fact]
    public void Never_more_network_writes_than_the_window_allows_whenever_it_begins()
    {
        var quota = new CallQuota(new QuotaSettings { LeftForOthers = 0, WriteBucket = 10_000, WriteRefill = 1_000 });
        var sent = new List<double>();
        for (var second = 0.0; second < 1_500; second += 0.5)
        {
            for (var n = Drain(quota, Write, TimeSpan.FromSeconds(second)); n > 0; n--)
                sent.Add(second);
        }

        for (var i = 1_000; i < sent.Count; i++)
            Assert.True(sent[i] - sent[i - 1_000] >= 300, $"1001 writes within {sent[i] - sent[i - 1_000]} s");
        Assert.InRange(sent.Count, 4_000, 5_000);
    }

    [Fact]
    public void Who_is_behind_others_waits_until_they_have_gone_in_the_windows_to_come_too()
    {
        var quota = new CallQuota(new QuotaSettings { LeftForOthers = 0 });
        Assert.Equal(TimeSpan.Zero, quota.WaitFor(Write, TimeSpan.Zero, ahead: 199));
        Assert.Equal(10, quota.WaitFor(Write, TimeSpan.Zero, ahead: 299).TotalSeconds, 3);
        Assert.InRange(quota.WaitFor(Write, TimeSpan.Zero, ahead: 1_000).TotalSeconds, 300, 301);
        Assert.InRange(quota.WaitFor(Write, TimeSpan.Zero, ahead: 2_500).TotalSeconds, 600, 900);
        var wait = TimeSpan.Zero;
        for (var ahead = 0; ahead < 3_000; ahead++)
        {
            var next = quota.WaitFor(Write, TimeSpan.Zero, ahead);
            Assert.True(next >= wait, $"one behind {ahead} goes before one behind fewer");
            wait = next;
        }
    }

    [Fact]
    public void A_throttled_answer_pauses_its_kind_in_its_subscription_for_the_time_named()
    {
        var quota = new CallQuota(new QuotaSettings());
        quota.Take(Write, TimeSpan.Zero);
        quota.Answered(Write, 429, null, TimeSpan.FromSeconds(17), TimeSpan.Zero);
        Assert.Equal(TimeSpan.FromSeconds(17), quota.WaitFor(Write, TimeSpan.Zero));
        Assert.Equal(TimeSpan.Zero, quota.WaitFor(Write, TimeSpan.FromSeconds(17)));
        Assert.Equal(TimeSpan.Zero, quota.WaitFor(Read, TimeSpan.Zero));
        Assert.Equal(TimeSpan.Zero, quota.WaitFor(Write with { Subscription = "t" }, TimeSpan.Zero));
    }

    [Fact]
    public void Failures_in_a_row_open_the_circuit_and_one_call_tries()
    {
        var quota = new CallQuota(new QuotaSettings());
        Fail(CircuitBreaker.Threshold - 1, TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, quota.OpenFor(Read, TimeSpan.Zero));
        Fail(1, TimeSpan.Zero);
        Assert.Equal(TimeSpan.FromSeconds(5), quota.OpenFor(Read, TimeSpan.Zero));
        Assert.Equal(TimeSpan.Zero, quota.OpenFor(Write, TimeSpan.Zero));

        var then = TimeSpan.FromSeconds(5);
        Assert.Equal(TimeSpan.Zero, quota.OpenFor(Read, then));
        quota.Take(Read, then);
        Assert.True(quota.OpenFor(Read, then) > TimeSpan.Zero, "two calls try at once");
        quota.Silent(Read, cancelled: false, then);
        Assert.Equal(TimeSpan.FromSeconds(10), quota.OpenFor(Read, then));

        then += TimeSpan.FromSeconds(10);
        quota.Take(Read, then);
        quota.Answered(Read, 404, null, null, then);
        Assert.Equal(TimeSpan.Zero, quota.OpenFor(Read, then));

        void Fail(int times, TimeSpan now)
        {
            for (var i = 0; i < times; i++)
            {
                quota.Take(Read, now);
                quota.Answered(Read, 503, null, null, now);
            }
        }
    }

    [Theory]
    [InlineData("GET", "/subscriptions/ABC/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/n?api-version=1", "abc", ArmProvider.Network, false, false)]
    [InlineData("PUT", "/subscriptions/abc/resourcegroups/g/providers/microsoft.compute/virtualMachineScaleSets/s/virtualMachines/0", "abc", ArmProvider.Compute, true, false)]
    [InlineData("GET", "https://management.azure.com/subscriptions/abc/providers/Microsoft.Network/locations/westeurope/operations/1?x=/providers/Y", "abc", ArmProvider.Network, false, true)]
    [InlineData("DELETE", "/tenants", "", ArmProvider.Other, true, false)]
    public void A_request_is_classified_by_its_path(string method, string path, string subscription, ArmProvider provider, bool write, bool poll) =>
        Assert.Equal(new ArmCall(subscription, provider, write, poll), ArmCall.Of(new ArmRequest(method, path)));

    [Fact]
    public void A_share_out_of_bounds_is_refused() =>
        Assert.Throws<ArgumentException>(() => new QuotaSettings { LeftForOthers = 1 }.Validate());

    private static int Drain(CallQuota quota, ArmCall call, TimeSpan now)
    {
        var taken = 0;
        for (; quota.WaitFor(call, now) <= TimeSpan.Zero; taken++)
        {
            quota.Take(call, now);
            Assert.True(taken < 100_000, "no limit");
        }

        return taken;
    }
}
