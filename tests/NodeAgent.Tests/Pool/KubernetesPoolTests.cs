using Vnetcni.AgentProtocol;
using Vnetcni.Api.Settings;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Tests.Support;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Pool;

public class KubernetesPoolTests
{
    [Fact]
    public void The_agent_reports_and_then_serves() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2);
        await rig.StartAsync();
        Assert.Equal("boot-1", rig.Usage.BootId);
        Assert.Equal(rig.Pool.Metadata.Uid, rig.Usage.PoolUid);
        Assert.Equal(2, rig.Usage.Desired);
        Assert.Equal(2, rig.Usage.Free);
        Assert.Equal(TestPool.Ip(1).ToIPAddress(), (await rig.AddAsync(1)).Address);
        await rig.Agent.Attachments.StatusAsync(CancellationToken.None);
    });

    [Fact]
    public void Nothing_is_assigned_before_the_first_own_report_is_committed() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2);
        rig.ApiFaults.Before = (call, _) => call.Verb == "patch" ? throw new HttpRequestException("refused") : Task.CompletedTask;
        await rig.StartAsync();
        var add = rig.AddAsync(1);
        await rig.WaitAsync(20);
        Assert.False(add.IsCompleted);
        Assert.NotNull(rig.Agent.NotServing);
        rig.ApiFaults.Before = null;
        await add;
        Assert.Null(rig.Agent.NotServing);
    });

    [Fact]
    public void An_agent_that_can_not_watch_any_more_ends_instead_of_going_on_blind() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1);
        await rig.StartAsync();
        rig.ApiFaults.BeforeEvent = (_, _) => throw new NotSupportedException("a fault of ours");
        await rig.BindPodsAsync(1, 1);
        await rig.WaitAsync(120);
        Assert.False(rig.Agent.IsRunning);
        await Assert.ThrowsAsync<NotSupportedException>(rig.StopAsync);
        rig.ApiFaults.BeforeEvent = null;
        await rig.StartAsync();
    });

    [Fact]
    public void An_own_report_whose_answer_was_lost_is_known_again() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1);
        var lost = 0;
        rig.ApiFaults.After = (call, _) => call.Verb == "patch" && lost++ == 0 ? throw new IOException("reset") : Task.CompletedTask;
        await rig.StartAsync();
        await rig.WaitAsync(5);
        Assert.Equal(1, lost);
        Assert.Equal(1, rig.Usage.Revision);
        await rig.AddAsync(1);
    });

    [Fact]
    public void Bound_pods_make_the_pool_grow_before_their_ADDs_come() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2);
        await rig.StartAsync();
        await rig.BindPodsAsync(1, 7);
        await rig.BindPodsAsync(50, 3, hostNetwork: true);
        await rig.BindPodsAsync(60, 3, phase: "Succeeded");
        Assert.Equal(10, rig.Usage.Desired);
        Assert.Equal(5, rig.Usage.Waiting);
        await rig.PublishAsync([.. Enumerable.Range(1, 10)]);
        Assert.Equal(0, rig.Usage.Waiting);
    });

    [Fact]
    public void A_waiting_ADD_is_served_when_the_operator_publishes() => KubeRig.Test(async rig =>
    {
        rig.MakePool();
        await rig.StartAsync();
        var add = rig.AddAsync(1);
        await rig.WaitAsync(1);
        Assert.Equal(1, rig.Usage.Waiting);
        await rig.PublishAsync([5]);
        Assert.Equal(TestPool.Ip(5).ToIPAddress(), (await add).Address);
        await rig.WaitAsync(1);
        Assert.Equal(0, rig.Usage.Waiting);
    });

    [Fact]
    public void ADDs_and_DELs_that_change_no_decision_cost_one_write_within_30_s() => KubeRig.Test(async rig =>
    {
        rig.MakePool(KubeRig.Mac, new PoolSettings { MinFree = 2, BatchSize = 8, MaxFree = 30 }, [.. Enumerable.Range(1, 20)]);
        await rig.StartAsync();
        await rig.BindPodsAsync(1, 10);
        var version = rig.Usage.Revision;
        for (var n = 1; n <= 10; n++)
            await rig.AddAsync(n);
        for (var n = 1; n <= 4; n++)
            await rig.DeleteAsync(n);
        Assert.Equal(version, rig.Usage.Revision);
        await rig.WaitAsync(30);
        Assert.Equal(version + 1, rig.Usage.Revision);
        Assert.Equal(6, rig.Usage.InUse);
        // The four that rest are free again after 30 s: one more.
        await rig.WaitAsync(60);
        Assert.Equal(version + 2, rig.Usage.Revision);
        Assert.Equal(14, rig.Usage.Free);
        Assert.Equal(0, rig.Usage.Cooling);
        await rig.WaitAsync(60);
        Assert.Equal(version + 2, rig.Usage.Revision);
    });

    [Fact]
    public void A_busy_node_with_nothing_to_decide_writes_at_most_twice_a_minute_and_is_late_by_30_s_at_most() => KubeRig.Test(async rig =>
    {
        rig.MakePool(KubeRig.Mac, new PoolSettings { MinFree = 1, BatchSize = 8, MaxFree = 100, ReuseCooldown = "0s" }, [.. Enumerable.Range(1, 48)]);
        await rig.StartAsync();
        await rig.BindPodsAsync(1, 40);
        await rig.WaitAsync(60);
        var written = new List<DateTimeOffset>();
        var revision = rig.Usage.Revision;
        for (var step = 0; step < 300; step++)
        {
            if (step % 40 < 20)
                await rig.AddAsync(step % 20);
            else
                await rig.DeleteAsync(step % 20);
            await rig.WaitAsync(1);
            var usage = rig.Usage;
            Assert.True(usage.Revision - revision <= 1);
            if (usage.Revision != revision)
                written.Add(rig.Time.GetUtcNow());
            revision = usage.Revision;
        }

        // 300 changes in a little over 300 s; the test looks once a second.
        Assert.InRange(written.Count, 8, 11);
        Assert.All(written.Zip(written.Skip(1)), pair => Assert.InRange((pair.Second - pair.First).TotalSeconds, 29, 40));

        // After a quiet time a change is seen within 30 s, and not at once.
        for (var n = 0; n < 20; n++)
            await rig.DeleteAsync(n);
        await rig.WaitAsync(120);
        Assert.Equal(0, rig.Usage.InUse);
        revision = rig.Usage.Revision;
        await rig.AddAsync(1);
        await rig.WaitAsync(9);
        Assert.Equal(revision, rig.Usage.Revision);
        await rig.WaitAsync(22);
        Assert.Equal(1, rig.Usage.InUse);
        await rig.WaitAsync(100);
        Assert.Equal(revision + 1, rig.Usage.Revision);
    });

    [Fact]
    public void Excess_is_offered_after_the_delay_and_forgotten_when_it_is_gone() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4, 5, 6);
        await rig.StartAsync();
        await rig.WaitAsync(170);
        Assert.Empty(rig.Usage.Releasable!);
        await rig.WaitAsync(20);
        Assert.Equal(["10.1.0.1", "10.1.0.2", "10.1.0.3", "10.1.0.4"], rig.Usage.Releasable);
        await rig.PublishAsync([5, 6], releasing: [1, 2, 3, 4]);
        Assert.Equal(4, rig.Usage.Releasable!.Count);
        Assert.Equal(TestPool.Ip(5).ToIPAddress(), (await rig.AddAsync(1)).Address);
        await rig.PublishAsync([5, 6], releasing: [3, 4]);
        Assert.Equal(["10.1.0.3", "10.1.0.4"], rig.Usage.Releasable);
        Assert.Equal([3, 4, 5, 6], rig.Agent.Records.Select(record => (int)(record.Address.Value & 0xff)));
    });

    [Fact]
    public void A_node_with_more_than_its_share_offers_what_is_free_beyond_it_and_still_says_what_it_wants() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4, 5, 6);
        await rig.StartAsync();
        await rig.BindPodsAsync(1, 6);
        await rig.AddAsync(1);
        await rig.PublishAsync([1, 2, 3, 4, 5, 6], share: 4);
        await rig.WaitAsync(170);
        Assert.Empty(rig.Usage.Releasable!);
        await rig.WaitAsync(20);
        Assert.Equal(["10.1.0.2", "10.1.0.3"], rig.Usage.Releasable);
        Assert.Equal(8, rig.Usage.Desired);
        // Enough for all again: what the operator has not marked is taken back.
        await rig.PublishAsync([1, 2, 3, 4, 5, 6]);
        Assert.Empty(rig.Usage.Releasable!);
    });

    [Fact]
    public void No_share_takes_an_address_from_a_pod() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4);
        await rig.StartAsync();
        await rig.BindPodsAsync(1, 4);
        for (var pod = 1; pod <= 3; pod++)
            await rig.AddAsync(pod);
        await rig.WaitAsync(60);
        await rig.PublishAsync([1, 2, 3, 4], share: 0);
        await rig.WaitAsync(600);
        Assert.Equal(["10.1.0.4"], rig.Usage.Releasable);
        Assert.Equal(3, rig.Agent.Records.Count(record => record.State == AddressState.Assigned));
    });

    [Fact]
    public void An_offer_beyond_the_share_is_not_taken_back() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4, 5, 6);
        await rig.StartAsync();
        await rig.WaitAsync(190);
        Assert.Equal(["10.1.0.1", "10.1.0.2", "10.1.0.3", "10.1.0.4"], rig.Usage.Releasable);
        await rig.PublishAsync([1, 2, 3, 4, 5, 6], share: 3);
        await rig.BindPodsAsync(1, 6);
        Assert.Equal(3, rig.Usage.Releasable!.Count);
    });

    [Fact]
    public void An_offer_is_taken_back_only_where_the_operator_has_not_marked_it() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4, 5, 6);
        await rig.StartAsync();
        await rig.WaitAsync(190);
        Assert.Equal(4, rig.Usage.Releasable!.Count);
        await rig.PublishAsync([3, 4, 5, 6], releasing: [1, 2]);
        await rig.BindPodsAsync(1, 6);
        Assert.Equal(["10.1.0.1", "10.1.0.2"], rig.Usage.Releasable);
        for (var n = 1; n <= 4; n++)
            Assert.Contains((await rig.AddAsync(n)).Address.ToString(), new[] { "10.1.0.3", "10.1.0.4", "10.1.0.5", "10.1.0.6" });
        var fifth = await Assert.ThrowsAsync<CniException>(() => rig.AddAsync(5));
        Assert.Equal(CniErrorCode.NoAddress, fifth.Code);
        Assert.Contains("kubectl describe nodeippool node-1", fifth.Details);
    });

    [Fact]
    public void A_withdrawal_that_loses_the_race_against_the_mark_is_not_assigned() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4);
        await rig.StartAsync();
        await rig.WaitAsync(190);
        Assert.Equal(2, rig.Usage.Releasable!.Count);
        // The operator marks both in the moment between the agent's decision and its write.
        var raced = false;
        var answered = 0;
        rig.ApiFaults.After = (call, _) =>
        {
            answered += call.Verb == "patch" ? 1 : 0;
            return Task.CompletedTask;
        };
        var sent = 0;
        rig.ApiFaults.Before = async (call, _) =>
        {
            sent += call.Verb == "patch" ? 1 : 0;
            if (call.Verb != "patch" || raced)
                return;
            raced = true;
            await rig.PublishAsync([3, 4], releasing: [1, 2]);
        };
        await rig.BindPodsAsync(1, 4);
        Assert.True(raced);
        await rig.WaitAsync(5);
        Assert.Equal(sent - 1, answered); // the one that was decided on the past was refused
        Assert.Equal(["10.1.0.1", "10.1.0.2"], rig.Usage.Releasable);
        await rig.AddAsync(1);
        await rig.AddAsync(2);
        await Assert.ThrowsAsync<CniException>(() => rig.AddAsync(3));
    });

    [Fact]
    public void What_pods_hold_and_the_operator_does_not_list_is_named_until_it_is_listed_again() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4);
        await rig.StartAsync();
        await rig.BindPodsAsync(1, 2);
        await rig.AddAsync(1);
        await rig.AddAsync(2);
        Assert.Null(rig.Usage.Missing);
        await rig.PublishAsync([2, 3, 4]);
        Assert.Equal(["10.1.0.1"], rig.Usage.Missing);
        var revision = rig.Usage.Revision!.Value;
        await rig.PublishAsync([3, 4, 5]);
        Assert.Equal(["10.1.0.1", "10.1.0.2"], rig.Usage.Missing);
        await rig.PublishAsync([1, 3, 4, 5]);
        Assert.Equal(["10.1.0.2"], rig.Usage.Missing);
        await rig.DeleteAsync(2);
        await rig.WaitAsync(1);
        Assert.Null(rig.Usage.Missing);
        Assert.InRange(rig.Usage.Revision!.Value, revision + 2, revision + 4);
    });

    [Fact]
    public void A_server_of_before_usage_named_what_pods_miss_is_told_the_rest() => KubeRig.Test(async rig =>
    {
        rig.Server.Forget("missing");
        rig.MakePool(1, 2);
        await rig.StartAsync();
        await rig.BindPodsAsync(1, 1);
        await rig.AddAsync(1);
        var revision = rig.Usage.Revision!.Value;
        var writes = 0;
        rig.ApiFaults.Before = (call, _) =>
        {
            writes += call.Verb == "patch" ? 1 : 0;
            return Task.CompletedTask;
        };
        await rig.PublishAsync([2]);
        await rig.WaitAsync(5);
        Assert.True(rig.Usage.Revision > revision);
        Assert.Null(rig.Usage.Missing);
        await rig.BindPodsAsync(2, 3);
        Assert.Equal(2, rig.Usage.Waiting);
        Assert.InRange(writes, 2, 5);
    });

    [Fact]
    public void A_status_of_another_machine_of_the_same_name_is_ignored() => KubeRig.Test(async rig =>
    {
        rig.MakePool("00:0d:3a:99:99:99", new PoolSettings(), 1, 2);
        await rig.StartAsync();
        Assert.Empty(rig.Agent.Records);
        var error = await Assert.ThrowsAsync<CniException>(() => rig.Agent.Attachments.StatusAsync(CancellationToken.None));
        Assert.Contains("00:0d:3a:99:99:99", error.Details);
        await rig.PublishAsync([7, 8]);
        Assert.Equal(TestPool.Ip(7).ToIPAddress(), (await rig.AddAsync(1)).Address);
    });

    [Fact]
    public void An_agent_that_lost_its_ledger_fences_before_it_assigns() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4);
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.WaitAsync(190);
        var offered = rig.Usage.Releasable!.ToArray();
        var revision = rig.Usage.Revision;
        await rig.StopAsync();
        await rig.StartAsync(loseLedger: true);
        Assert.True(rig.Usage.Revision > revision);
        // What the older self had offered is not assigned before the operator answered.
        Assert.Equal(offered, rig.Usage.Releasable);
        Assert.Equal(AddressState.Assigned, rig.Agent.Records[0].State);
    });

    [Fact]
    public void A_restart_with_its_ledger_needs_no_fence_and_keeps_its_offers() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4);
        await rig.StartAsync();
        await rig.WaitAsync(190);
        await rig.StopAsync();
        rig.ApiFaults.Before = (call, _) => call.Verb == "patch" ? throw new HttpRequestException("refused") : Task.CompletedTask;
        await rig.StartAsync();
        Assert.Equal(TestPool.Ip(3).ToIPAddress(), (await rig.AddAsync(1)).Address);
        Assert.Equal(2, rig.Agent.Records.Count(record => record.State == AddressState.Offered));
        rig.ApiFaults.Before = null;
    });

    [Fact]
    public void A_withdrawal_that_was_written_before_a_crash_is_finished_after_it() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4);
        await rig.StartAsync();
        await rig.WaitAsync(190);
        Assert.Equal(["10.1.0.1", "10.1.0.2"], rig.Usage.Releasable);
        // The write that takes both back lands; the agent dies before it hears of that.
        rig.ApiFaults.After = (call, cancellationToken) => call.Verb == "patch" ? Task.Delay(Timeout.Infinite, cancellationToken) : Task.CompletedTask;
        await rig.BindPodsAsync(1, 2);
        Assert.Empty(rig.Usage.Releasable!);
        var revision = rig.Usage.Revision;
        await rig.StopAsync();
        rig.ApiFaults.After = null;
        // The process that follows has nothing else to say.
        await rig.StartAsync();
        await rig.WaitAsync(5);
        Assert.Equal(revision + 1, rig.Usage.Revision);
        Assert.DoesNotContain(rig.Agent.Records, record => record.State == AddressState.Offered);
        await rig.WaitAsync(60);
        Assert.Equal(4, rig.Usage.Free);
    });

    [Fact]
    public void An_offer_is_kept_before_it_is_sent() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4);
        await rig.StartAsync();
        // The write that lists them is under way when the agent dies: it may land at any later time.
        rig.ApiFaults.Before = (call, _) => call.Verb == "patch" ? throw new HttpRequestException("timed out") : Task.CompletedTask;
        await rig.WaitAsync(190);
        Assert.Empty(rig.Usage.Releasable!);
        await rig.StopAsync();
        await rig.StartAsync();
        Assert.Equal([1, 2], rig.Agent.Records.Where(record => record.State == AddressState.Offered).Select(record => (int)(record.Address.Value & 0xff)));
        rig.ApiFaults.Before = null;
    });

    [Fact]
    public void A_pool_that_comes_late_or_is_made_anew_is_taken_up() => KubeRig.Test(async rig =>
    {
        await rig.StartAsync();
        Assert.Contains("there is no NodeIpPool node-1", rig.Agent.NotServing);
        rig.MakePool(1, 2);
        await rig.WaitAsync(2);
        await rig.AddAsync(1);
        await rig.DeletePoolAsync();
        await rig.WaitAsync(2);
        Assert.Equal(TestPool.Ip(1), Assert.Single(rig.Agent.Records).Address);
        rig.MakePool(1, 2);
        await rig.WaitAsync(2);
        Assert.Equal(rig.Pool.Metadata.Uid, rig.Usage.PoolUid);
        Assert.Equal(TestPool.Ip(2).ToIPAddress(), (await rig.AddAsync(2)).Address);
    });

    [Fact]
    public void While_the_API_server_is_away_the_last_pool_serves() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3);
        await rig.StartAsync();
        rig.ApiFaults.Before = (_, _) => throw new HttpRequestException("refused");
        rig.Server.DropWatches();
        await rig.WaitAsync(600);
        await rig.AddAsync(1);
        await rig.DeleteAsync(1);
        rig.ApiFaults.Before = null;
        await rig.PublishAsync([1, 2, 3, 9]);
        await rig.WaitAsync(120);
        Assert.Equal(4, rig.Agent.Records.Count);
    });

    [Fact]
    public void A_read_that_shows_the_past_changes_nothing() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2);
        await rig.StartAsync();
        await rig.PublishAsync([1, 2, 3]);
        var old = rig.Server.Version;
        await rig.PublishAsync([1, 2]);
        // Watches break, and the lists that follow come from a lagging API server.
        rig.ApiFaults.ReadVersion = (call, newest) => call.Verb == "list" ? old : newest;
        rig.Server.DropWatches();
        rig.Server.Compact();
        await rig.WaitAsync(30);
        Assert.DoesNotContain(rig.Agent.Records, record => record.Address == TestPool.Ip(3));
    });

    [Fact]
    public void The_agent_owns_usage_and_nothing_else() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2);
        await rig.StartAsync();
        var fields = rig.Server.AppliedFields(KubeRig.Pools, new ObjectKey(KubeRig.Node), "vnetcni-agent", "status");
        Assert.NotEmpty(fields);
        Assert.All(fields, field => Assert.StartsWith("/status/usage", field));
    });
}
