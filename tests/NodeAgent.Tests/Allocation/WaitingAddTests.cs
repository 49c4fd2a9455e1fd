using Vnetcni.AgentProtocol;
using Vnetcni.Api.Settings;
using Vnetcni.NodeAgent.Tests.Support;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Allocation;

public class WaitingAddTests
{
    [Fact]
    public void An_empty_pool_makes_an_ADD_wait_and_then_fail_with_the_numbers() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        await rig.StartAsync();
        await rig.AddAsync(1);
        var before = rig.Time.GetUtcNow();
        var error = await Rig.FailsAsync(rig.AddAsync(2));
        Assert.InRange((rig.Time.GetUtcNow() - before).TotalSeconds, 59.9, 60.1);
        Assert.Equal(CniErrorCode.NoAddress, error.Code);
        Assert.Equal("no free address on node node-1 within 60 s", error.Message);
        Assert.Equal(
            "held 1 of at most 250, in use 1, cooling 0, being given back 0, quarantined 0, waiting 1; Ready=False SubnetExhausted: subnet pods is full",
            error.Details);
    });

    [Fact]
    public void An_address_that_comes_in_time_serves_the_ADD() => Rig.Test(async rig =>
    {
        await rig.StartAsync();
        var add = rig.AddAsync(1);
        await rig.WaitAsync(TimeSpan.FromSeconds(30));
        rig.Pool.Addresses = [7];
        await rig.Pool.PublishAsync();
        Assert.Equal(TestPool.Ip(7).ToIPAddress(), (await add).Address);
    });

    [Fact]
    public void An_agent_that_stops_sends_its_waiting_ADDs_away_and_assigns_nothing_more() => Rig.Test(async rig =>
    {
        await rig.StartAsync();
        var waiting = new[] { rig.AddAsync(1), rig.AddAsync(2) };
        await rig.WaitAsync(TimeSpan.FromSeconds(1));
        await rig.StopAsync();
        foreach (var add in waiting)
            Assert.Equal(CniErrorCode.TryAgainLater, (await Rig.FailsAsync(add)).Code);
        rig.Pool.Addresses = [7];
        Assert.Equal(CniErrorCode.TryAgainLater, (await Rig.FailsAsync(rig.AddAsync(3))).Code);
        Assert.Empty(rig.Kernel.Links);
    });

    [Fact]
    public void Of_250_waiting_ADDs_one_DEL_wakes_exactly_one() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2];
        rig.Pool.AtLimit = true;
        rig.Pool.Settings = new EffectiveSettings { AddTimeout = TimeSpan.FromMinutes(10) };
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.AddAsync(2);
        var waiting = Enumerable.Range(100, 250).Select(n => rig.AddAsync(n)).ToArray();
        await rig.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.DoesNotContain(waiting, add => add.IsCompleted);

        var before = rig.Time.GetUtcNow();
        await rig.DeleteAsync(2);
        Assert.True(rig.Time.GetUtcNow() - before < TimeSpan.FromMilliseconds(20));
        await rig.WaitAsync(TimeSpan.FromSeconds(4));
        Assert.DoesNotContain(waiting, add => add.IsCompleted);
        await rig.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal([100], Enumerable.Range(100, 250).Where(n => waiting[n - 100].IsCompleted));
        Assert.Equal(TestPool.Ip(2).ToIPAddress(), (await waiting[0]).Address);
        Assert.Equal(2, rig.Kernel.Links.Count);

        // DEL of one that waits ends it, and the next in line is not disturbed.
        await rig.DeleteAsync(101);
        Assert.Equal(CniErrorCode.TryAgainLater, (await Rig.FailsAsync(waiting[1])).Code);
        await rig.DeleteAsync(1);
        Assert.Equal(TestPool.Ip(1).ToIPAddress(), (await waiting[2]).Address);
        foreach (var add in waiting.Skip(3))
            Assert.Equal(CniErrorCode.NoAddress, (await Rig.FailsAsync(add)).Code);
    });

    [Fact]
    public void Waiting_ADDs_are_served_in_the_order_of_their_coming() => Rig.Test(async rig =>
    {
        await rig.StartAsync();
        var adds = Enumerable.Range(1, 5).Select(n => rig.AddAsync(n)).ToArray();
        rig.Pool.Addresses = [1, 2, 3];
        await rig.Pool.PublishAsync();
        for (var i = 0; i < 3; i++)
            Assert.Equal(TestPool.Ip(i + 1).ToIPAddress(), (await adds[i]).Address);
        Assert.False(adds[3].IsCompleted);
        rig.Pool.Addresses = [1, 2, 3, 4, 5];
        await rig.Pool.PublishAsync();
        await adds[4];
    });

    [Fact]
    public void An_ADD_that_comes_at_the_right_moment_does_not_overtake_one_that_waits() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        rig.Pool.AtLimit = true;
        await rig.StartAsync();
        await rig.AddAsync(1);
        var first = rig.AddAsync(2);
        await rig.WaitAsync(TimeSpan.FromSeconds(1));
        await rig.DeleteAsync(1);
        // The address may be reused 5 s after its sweep; the reaper looks a moment later.
        await rig.WaitAsync(TimeSpan.FromSeconds(5.03));
        Assert.False(first.IsCompleted);
        var second = rig.AddAsync(3);
        Assert.Equal(TestPool.Ip(1).ToIPAddress(), (await first).Address);
        Assert.False(second.IsCompleted);
        await Rig.FailsAsync(second);
    });

    [Fact]
    public void A_caller_that_is_gone_leaves_the_queue() => Rig.Test(async rig =>
    {
        await rig.StartAsync();
        using var gone = new CancellationTokenSource();
        var first = rig.AddAsync(1, gone.Token);
        var second = rig.AddAsync(2);
        gone.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        rig.Pool.Addresses = [1];
        await rig.Pool.PublishAsync();
        Assert.Equal(TestPool.Ip(1).ToIPAddress(), (await second).Address);
    });

    [Fact]
    public void A_full_disk_fails_the_ADDs_that_wait_and_leaves_nothing() => Rig.Test(async rig =>
    {
        await rig.StartAsync();
        var waiting = new[] { rig.AddAsync(1), rig.AddAsync(2) };
        rig.Pool.Addresses = [1, 2];
        rig.Store.Full = true;
        await rig.Pool.PublishAsync();
        foreach (var add in waiting)
            Assert.Equal(CniErrorCode.Io, (await Rig.FailsAsync(add)).Code);
        rig.Store.Full = false;
        await rig.AssertNothingLeaksAsync();
        await rig.AddAsync(1);
        await rig.AddAsync(2);
    });

    [Fact]
    public void The_257th_waiting_ADD_is_told_to_try_again() => Rig.Test(async rig =>
    {
        await rig.StartAsync();
        var adds = Enumerable.Range(0, 256).Select(n => rig.AddAsync(n)).ToArray();
        Assert.Equal(CniErrorCode.TryAgainLater, (await Rig.FailsAsync(rig.AddAsync(300))).Code);
        await Assert.ThrowsAsync<CniException>(() => Task.WhenAll(adds));
    });
}
