using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Vnetcni.Api.Settings;
using Vnetcni.Dataplane;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Pool;
using Vnetcni.NodeAgent.Snat;
using Vnetcni.NodeAgent.Tests.Support;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Snat;

public sealed class EgressKeeperTests
{
    private static readonly IPAddress[] Held = [IPAddress.Parse("10.1.0.4"), IPAddress.Parse("10.1.0.5")];

    [Fact]
    public void The_pool_s_settings_become_rules()
    {
        var rules = EgressPlan.Of(Pool(["10.0.0.0/8", "nonsense"]), Held, null);
        Assert.True(rules is { Translate: true, CloseWireServer: true, CloseMetadata: true });
        Assert.Equal(Held, rules.Pods);
        Assert.Equal("10.0.0.0-10.255.255.255", Assert.Single(rules.Untranslated.Ranges).ToString());
        Assert.Equal(["nonsense"], rules.Untranslated.Refused);
    }

    [Theory]
    [InlineData(SnatModes.Auto, MetadataAccess.Allow, true, false)]
    [InlineData(SnatModes.Disabled, MetadataAccess.Deny, false, true)]
    [InlineData(SnatModes.Disabled, MetadataAccess.Allow, false, false)]
    [InlineData("Later", "Maybe", true, true)]
    public void Modes_are_followed_and_unknown_ones_permit_nothing(string snat, string metadata, bool translate, bool close)
    {
        var rules = EgressPlan.Of(Pool(["10.0.0.0/8"], snat, metadata), Held, null);
        Assert.Equal((translate, close, true), (rules.Translate, rules.CloseMetadata, rules.CloseWireServer));
    }

    [Fact]
    public void Without_known_prefixes_nothing_is_translated_until_they_are_known_and_then_they_stay()
    {
        var unknown = EgressPlan.Of(Pool([]), Held, null);
        Assert.False(unknown.Translate);
        var known = EgressPlan.Of(Pool(["10.0.0.0/8"]), Held, unknown);
        Assert.True(known.Translate);
        var again = EgressPlan.Of(Pool([]), Held, known);
        Assert.True(EgressPlan.IsSame(known, again));
        // A pool that is being made anew has default settings, and no say.
        var absent = EgressPlan.Of(Pool([], present: false), Held[..1], known);
        Assert.True(EgressPlan.IsSame(known with { Pods = Held[..1] }, absent));
    }

    [Fact]
    public void A_pod_s_address_stays_with_its_NIC_until_no_pod_holds_it()
    {
        NicAddresses[] both = [Nic(1, "10.1.0.4"), Nic(2, "10.2.0.4", "10.2.0.5")];
        var held = new[] { "10.1.0.4", "10.2.0.4", "10.2.0.5" }.Select(IPAddress.Parse).ToArray();
        var rules = EgressPlan.Of(Pool(["10.0.0.0/8"]) with { Nics = both }, held, null);
        Assert.Equal(["000D3A000001 10.9.0.1 10.1.0.4", "000D3A000002 10.9.0.1 10.2.0.4,10.2.0.5"], Text(rules));
        Assert.True(EgressPlan.IsSame(rules, EgressPlan.Of(Pool(["10.0.0.0/8"]) with { Nics = both }, held, rules)));
        // One is listed no more, its pod runs on; then a whole NIC; then there is no pool.
        var less = EgressPlan.Of(Pool(["10.0.0.0/8"]) with { Nics = [both[0], Nic(2, "10.2.0.5")] }, held, rules);
        Assert.Equal("000D3A000002 10.9.0.1 10.2.0.5,10.2.0.4", Text(less)[1]);
        Assert.False(EgressPlan.IsSame(rules, less));
        var one = EgressPlan.Of(Pool(["10.0.0.0/8"]) with { Nics = [both[0]] }, held[..2], less);
        Assert.Equal("000D3A000002 10.9.0.1 10.2.0.4", Text(one)[1]);
        Assert.Equal(["000D3A000001 10.9.0.1 10.1.0.4"], Text(EgressPlan.Of(Pool([], present: false), held[..1], one)));
    }

    private static NicAddresses Nic(int number, params string[] addresses) =>
        new($"00:0d:3a:00:00:0{number}", Parse("10.9.0.1"), [.. addresses.Select(Parse)]);

    private static IpAddress Parse(string text) => IpAddress.TryParse(text, out var address) ? address : throw new FormatException(text);

    private static string[] Text(Dataplane.Snat.EgressRules rules) => [.. rules.Nics.Select(nic => $"{nic.Mac} {nic.Gateway} {string.Join(',', nic.Pods)}")];

    [Fact]
    public void A_published_version_is_applied_once_and_a_refused_one_again() => Test(async (keeper, egress, _) =>
    {
        await keeper.PublishAsync(Pool(["10.0.0.0/8"]), Held, default);
        await keeper.PublishAsync(Pool(["10.0.0.0/9", "10.128.0.0/9"]), Held, default);
        Assert.Single(egress.Applied);
        egress.Failures = 1;
        await Assert.ThrowsAsync<DataplaneException>(() => keeper.PublishAsync(Pool(["10.0.0.0/9"]), Held, default));
        await keeper.PublishAsync(Pool(["10.0.0.0/9"]), Held, default);
        await keeper.PublishAsync(Pool(["10.0.0.0/9"]), Held[..1], default);
        Assert.Equal(3, egress.Applied.Count);
        Assert.Single(egress.Applied[^1].Pods);
    });

    [Fact]
    public void A_flush_is_mended_within_a_moment() => Test(async (keeper, egress, time) =>
    {
        await keeper.PublishAsync(Pool(["10.0.0.0/8"]), Held, default);
        egress.Flush();
        await Task.Delay(EgressKeeper.Settle + TimeSpan.FromMilliseconds(1), time);
        Assert.True(egress.Stands);
        Assert.Equal(2, egress.Applied.Count);
    });

    [Fact]
    public void A_flush_that_nobody_told_of_is_mended_within_a_minute() => Test(async (keeper, egress, time) =>
    {
        await keeper.PublishAsync(Pool(["10.0.0.0/8"]), Held, default);
        egress.Flush(tell: false);
        await Task.Delay(EgressKeeper.Interval, time);
        await Task.Delay(EgressKeeper.Settle * 2, time);
        Assert.True(egress.Stands);
    });

    [Fact]
    public void Somebody_who_flushes_without_end_is_followed_at_a_bounded_pace() => Test(async (keeper, egress, time) =>
    {
        await keeper.PublishAsync(Pool(["10.0.0.0/8"]), Held, default);
        for (var i = 0; i < 2000; i++)
        {
            egress.Flush();
            await Task.Delay(TimeSpan.FromMilliseconds(10), time);
        }

        // 20 s: ten at once, then one a second.
        Assert.InRange(egress.Applied.Count, 20, 35);
        await Task.Delay(TimeSpan.FromSeconds(3), time);
        Assert.True(egress.Stands);
    });

    [Fact]
    public void A_repair_that_fails_is_tried_again() => Test(async (keeper, egress, time) =>
    {
        await keeper.PublishAsync(Pool(["10.0.0.0/8"]), Held, default);
        egress.Failures = 1;
        egress.Flush();
        await Task.Delay(EgressKeeper.Settle * 2, time);
        Assert.False(egress.Stands);
        await Task.Delay(EgressKeeper.Pace + (EgressKeeper.Settle * 2), time);
        Assert.True(egress.Stands);
    });

    [Fact]
    public void Before_anything_is_published_nothing_is_touched() => Test(async (_, egress, time) =>
    {
        egress.Flush();
        await Task.Delay(TimeSpan.FromMinutes(5), time);
        Assert.Empty(egress.Applied);
    });

    private static PoolSnapshot Pool(string[] excluded, string snat = SnatModes.Auto, string metadata = MetadataAccess.Deny, bool present = true)
    {
        var settings = EffectiveSettings.Default with { SnatMode = snat, MetadataAccess = metadata };
        return new PoolSnapshot(new Publication { Addresses = [] }, settings, "", present) { ExcludedCidrs = excluded };
    }

    private static void Test(Func<EgressKeeper, FakeEgress, TimeProvider, Task> test)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var egress = new FakeEgress();
        using var keeper = new EgressKeeper(egress, time, NullLogger.Instance);
        SingleThread.Run(time, async () =>
        {
            using var stop = new CancellationTokenSource();
            var run = keeper.RunAsync(stop.Token);
            await test(keeper, egress, time);
            stop.Cancel();
            // Not by Assert.Throws: it goes on on another thread.
            try
            {
                await run;
                Assert.Fail("the keeper ended by itself");
            }
            catch (OperationCanceledException)
            {
                Assert.True(run.IsCanceled);
            }
        });
    }
}
