using System.Text;
using Vnetcni.ArmSimulator.Core;
using static Vnetcni.ArmSimulator.Tests.Rig;

namespace Vnetcni.ArmSimulator.Tests;

public sealed class ThrottleTests
{
    [Fact]
    public void Reads_are_250_at_once_and_25_a_second_after()
    {
        using var rig = new Rig();
        for (var i = 249; i >= 0; i--)
        {
            var ok = rig.Get(Vm1);
            Assert.Equal((200, i.ToString()), (ok.Status, ok.Header("x-ms-ratelimit-remaining-subscription-reads")));
        }

        var response = rig.Get(Vm1);
        Assert.Equal((429, "SubscriptionRequestsThrottled", "1"), (response.Status, Code(response), response.Header("Retry-After")));
        Assert.Equal($"Number of 'read' requests for subscription '{Sub}' actor 'unknown' exceeded. Please try again after '1' seconds.", Message(response));
        rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(50, Enumerable.Range(0, 60).Count(_ => rig.Get(Vm1).Status == 200));
        rig.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("249", rig.Get(Vm1).Header("x-ms-ratelimit-remaining-subscription-reads"));
        Assert.Equal(11, rig.Arm.Totals.Throttled);
    }

    [Theory]
    [InlineData("PUT", "writes")]
    [InlineData("DELETE", "deletes")]
    public void Writes_and_deletes_are_200_at_once_and_10_a_second_after(string method, string header)
    {
        using var rig = new Rig();
        Assert.Equal("199", rig.SendRaw(method, Nic1, default).Header($"x-ms-ratelimit-remaining-subscription-{header}"));
        Assert.Equal(199, Enumerable.Range(0, 300).Count(_ => rig.SendRaw(method, Nic1, default).Status == 400));
        rig.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(30, Enumerable.Range(0, 40).Count(_ => rig.SendRaw(method, Nic1, default).Status == 400));
        Assert.Equal(200, rig.Get(Nic1).Status);
    }

    [Fact]
    public void Polls_use_the_read_quota_and_are_counted_apart()
    {
        using var rig = new Rig();
        var operation = rig.Edit(Nic1, n => Add(n, "vnetcni-1")).Header("Azure-AsyncOperation")!;
        Assert.Equal("248", rig.Get(operation).Header("x-ms-ratelimit-remaining-subscription-reads"));
        Assert.Equal((1, 1, 0, 1), (rig.Arm.Totals.Reads, rig.Arm.Totals.Writes, rig.Arm.Totals.Deletes, rig.Arm.Totals.Polls));
        Assert.Equal(1, rig.Arm.Counters.Single(static c => c is { Method: "PUT", Route: "networkInterfaces/{name}" }).Count);
    }

    [Fact]
    public void Network_takes_10000_reads_in_five_minutes_then_waits_for_the_window()
    {
        using var rig = new Rig(new SimSettings { Throttle = new ThrottleSettings { ReadBucket = 100_000 } });
        for (var i = 0; i < 10_000; i++)
            Assert.Equal(200, rig.Get($"{Vnet}/usages").Status);
        rig.Time.Advance(TimeSpan.FromSeconds(100));
        var response = rig.Get(Vnet);
        Assert.Equal((429, "TooManyRequests", "200"), (response.Status, Code(response), response.Header("Retry-After")));
        Assert.Equal(200, rig.Get(Vm1).Status);
        rig.Time.Advance(TimeSpan.FromSeconds(200));
        Assert.Equal(200, rig.Get(Vnet).Status);
    }

    [Fact]
    public void Network_takes_1000_writes_in_five_minutes()
    {
        using var rig = new Rig(new SimSettings { Throttle = new ThrottleSettings { WriteBucket = 100_000 } });
        Assert.Equal(1_000, Enumerable.Range(0, 1_005).Count(_ => rig.SendRaw("PUT", Nic1, default).Status == 400));
    }

    [Fact]
    public void Principals_have_buckets_of_their_own_below_a_common_one()
    {
        static string Token(string oid) => $"Bearer e30.{Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"oid":"{{oid}}"}""")).TrimEnd('=')}.x";
        using var rig = new Rig(new SimSettings { Throttle = new ThrottleSettings { ReadBucket = 2, ReadRefill = 1, GlobalFactor = 2 } });
        int Ask(string oid) => rig.Send("GET", Nic1, null, ("Authorization", Token(oid))).Status;
        Assert.Equal([200, 200, 429], [Ask("aaa"), Ask("aaa"), Ask("aaa")]);
        Assert.Equal([200, 200, 429], [Ask("bbb"), Ask("bbb"), Ask("bbb")]);
        Assert.Equal(429, Ask("ccc"));
        Assert.Contains("actor 'bbb'", Message(rig.Send("GET", Nic1, null, ("Authorization", Token("bbb")))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Bearer a.b.c")]
    [InlineData("Bearer e30.W10.x")]
    [InlineData("Bearer ....")]
    public void A_token_that_cannot_be_read_is_nobody_in_particular(string token)
    {
        using var rig = new Rig();
        Assert.Equal(200, rig.Send("GET", Nic1, null, ("Authorization", token)).Status);
    }

    [Theory]
    [InlineData(1, new[] { "0", "1", "10", "3" })]
    [InlineData(0.1, new[] { "0", "1" })]
    [InlineData(0.02, new[] { "0" })]
    public void An_accepted_PUT_names_a_Retry_After_or_none_and_poll_answers_repeat_it(double scale, string[] expected)
    {
        using var rig = new Rig(new SimSettings { Latency = new LatencySettings { Scale = scale } });
        SortedSet<string> seen = new(StringComparer.Ordinal);
        for (var i = 0; i < 60; i++)
        {
            var response = rig.Edit(Nic1, static _ => { });
            var retryAfter = response.Header("Retry-After");
            Assert.Equal(retryAfter, rig.Get(response.Header("Azure-AsyncOperation")!).Header("Retry-After"));
            seen.Add(retryAfter ?? "0");
            rig.Settle();
        }

        Assert.Equal(expected, seen);
    }

    [Fact]
    public void Without_quotas_all_passes()
    {
        using var rig = new Rig(new SimSettings { Throttle = new ThrottleSettings { Enabled = false } });
        Assert.All(Enumerable.Range(0, 500), _ => Assert.Equal(200, rig.Get(Nic1).Status));
    }

    [Fact]
    public void Operations_take_the_documented_time()
    {
        using var rig = new Rig();
        var latency = new Operations.Latency(new LatencySettings { PerAddressSeconds = 0 }, new SimRandom(3));
        var times = Enumerable.Range(0, 20_000).Select(_ => latency.OfOperation(attached: true, 0).TotalSeconds).Order().ToArray();
        Assert.InRange(times[10_000], 3.8, 4.2);
        Assert.InRange(times[19_800], 27, 33);
        var withAddresses = new Operations.Latency(new LatencySettings { AttachedMedianSeconds = 0, PerAddressSeconds = 0.5 }, new SimRandom(3));
        Assert.Equal(5, withAddresses.OfOperation(attached: true, 10).TotalSeconds, 6);
        var fast = new Operations.Latency(new LatencySettings { Scale = 0 }, new SimRandom(3));
        Assert.Equal(TimeSpan.FromMilliseconds(1), fast.OfOperation(attached: true, 10));
    }
}
