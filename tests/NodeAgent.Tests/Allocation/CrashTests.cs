using Vnetcni.AgentProtocol;
using Vnetcni.Api.Settings;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Tests.Support;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Allocation;

/// <summary>The process is killed before and after every call on the checkpoint and the kernel, then started again.</summary>
public class CrashTests
{
    [Fact]
    public void A_kill_between_any_two_steps_of_ADD_leaks_nothing()
    {
        var steps = StepsOf(async rig => await rig.AddAsync(2));
        Assert.True(steps >= 6, $"{steps}");
        for (var at = 0; at < steps; at++)
        {
            var point = at;
            Rig.Test(async rig =>
            {
                await PrepareAsync(rig);
                rig.Faults.DieAt = rig.Faults.Steps + point;
                var answered = await SurvivesAsync(rig.AddAsync(2));
                await rig.RestartAsync();
                Assert.Contains(rig.Kernel.Links.Values, link => link.Alias == "vnetcni:net/c1/eth0" && link.Route is not null);

                // An ADD that was never answered and not whole is undone without anybody asking.
                var held = rig.Agent.Records.Where(record => record.Owner == Rig.Pod(2) && record.State == AddressState.Assigned).ToArray();
                Assert.Equal(held.Length, rig.Kernel.Links.Values.Count(link => link.Alias == "vnetcni:net/c2/eth0" && !link.Detached));
                Assert.True(held.Length == 1 || !answered);

                if (held.Length == 1)
                    Assert.Equal(CniErrorCode.InterfaceExists, (await Rig.FailsAsync(rig.AddAsync(2))).Code);
                await rig.DeleteAsync(2);
                await rig.AddAsync(2);
                await rig.DeleteAsync(2);
                await rig.DeleteAsync(1);
                await rig.AssertNothingLeaksAsync();
            });
        }
    }

    [Fact]
    public void A_kill_between_any_two_steps_of_DEL_and_of_the_sweep_leaks_nothing()
    {
        var steps = StepsOf(async rig =>
        {
            await rig.DeleteAsync(1);
            await rig.WaitAsync(TimeSpan.FromMinutes(1));
        });
        Assert.True(steps >= 8, $"{steps}");
        for (var at = 0; at < steps; at++)
        {
            var point = at;
            Rig.Test(async rig =>
            {
                await PrepareAsync(rig);
                await rig.AddAsync(3);
                rig.Faults.DieAt = rig.Faults.Steps + point;
                var answered = await SurvivesAsync(rig.DeleteAsync(1));
                await rig.WaitAsync(TimeSpan.FromMinutes(1));
                await rig.RestartAsync();
                if (answered)
                    Assert.DoesNotContain(rig.Kernel.Links.Values, link => link.Alias == "vnetcni:net/c1/eth0" && !link.Detached);
                await rig.DeleteAsync(1);
                Assert.Contains(rig.Kernel.Links.Values, link => link.Alias == "vnetcni:net/c3/eth0" && link.Route is not null);
                await rig.DeleteAsync(3);
                await rig.AssertNothingLeaksAsync();
            });
        }
    }

    [Fact]
    public void A_kill_between_any_two_steps_of_the_start_leaks_nothing()
    {
        for (var at = 0; at < 40; at++)
        {
            var point = at;
            Rig.Test(async rig =>
            {
                await PrepareAsync(rig);
                // Leave one half-done DEL and one half-done ADD behind.
                await rig.AddAsync(2);
                rig.Network.DetachFailure = new Dataplane.DataplaneException(Dataplane.DataplaneFault.Kernel, "busy");
                await rig.DeleteAsync(2);
                rig.Faults.DieAt = rig.Faults.Steps + 3;
                await SurvivesAsync(rig.AddAsync(3));
                await rig.StopAsync();
                await DieAtStartAsync(rig, point);
                await rig.StartAsync();
                Assert.Single(rig.Kernel.Links, link => !link.Value.Detached);
                await rig.DeleteAsync(1);
                await rig.AssertNothingLeaksAsync();
            });
        }
    }

    [Fact]
    public void A_lost_checkpoint_is_rebuilt_from_the_links() => Rig.Test(async rig =>
    {
        await PrepareAsync(rig);
        await rig.StopAsync();
        File.Delete(rig.CheckpointFile);
        await rig.StartAsync();
        Assert.Equal(CniErrorCode.InterfaceExists, (await Rig.FailsAsync(rig.AddAsync(1))).Code);
        Assert.Equal(TestPool.Ip(2).ToIPAddress(), (await rig.AddAsync(2)).Address);
        await rig.DeleteAsync(1);
        await rig.DeleteAsync(2);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_reboot_voids_everything() => Rig.Test(async rig =>
    {
        await PrepareAsync(rig);
        await rig.StopAsync();
        rig.Kernel.Links.Clear();
        rig.BootId = "boot-2";
        await rig.StartAsync();
        Assert.All(rig.Agent.Records, record => Assert.Equal(AddressState.Free, record.State));
        await rig.AddAsync(1);
    });

    [Fact]
    public void A_contradiction_takes_its_addresses_out_of_use_and_the_agent_serves_on() => Rig.Test(async rig =>
    {
        await PrepareAsync(rig);
        await rig.StopAsync();
        var (name, link) = rig.Kernel.Links.Single();
        rig.Kernel.Links[name] = link with { Route = TestPool.Ip(3).ToIPAddress() };
        await rig.StartAsync();
        Assert.Equal(
            [AddressState.Quarantined, AddressState.Free, AddressState.Quarantined, AddressState.Free],
            rig.Agent.Records.Select(record => record.State));
        Assert.Equal(TestPool.Ip(2).ToIPAddress(), (await rig.AddAsync(2)).Address);
        Assert.Equal(CniErrorCode.InterfaceExists, (await Rig.FailsAsync(rig.AddAsync(1))).Code);
        await rig.DeleteAsync(1);
        await rig.DeleteAsync(2);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_rest_goes_on_over_a_restart() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.DeleteAsync(1);
        await rig.WaitAsync(TimeSpan.FromSeconds(10));
        await rig.RestartAsync();
        var before = rig.Time.GetUtcNow();
        await rig.AddAsync(2);
        Assert.InRange((rig.Time.GetUtcNow() - before).TotalSeconds, 19, 21);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    public void The_rest_that_the_pool_asks_for_is_kept_over_a_restart_and_for_what_is_freed_at_the_start(int seconds) => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2];
        rig.Pool.Settings = new EffectiveSettings { ReuseCooldown = TimeSpan.FromSeconds(seconds), AddTimeout = TimeSpan.FromMinutes(10) };
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.AddAsync(2);
        await rig.DeleteAsync(1);
        await rig.WaitAsync(TimeSpan.FromSeconds(1));
        // The second one is freed by the next agent, before it has read its pool.
        rig.Network.DetachFailure = new Dataplane.DataplaneException(Dataplane.DataplaneFault.Kernel, "busy");
        await rig.DeleteAsync(2);
        await rig.RestartAsync();
        var before = rig.Time.GetUtcNow();
        Assert.Equal(TestPool.Ip(1).ToIPAddress(), (await rig.AddAsync(3)).Address);
        Assert.InRange((rig.Time.GetUtcNow() - before).TotalSeconds, Math.Max(0, seconds - 2), seconds);
        Assert.Equal(TestPool.Ip(2).ToIPAddress(), (await rig.AddAsync(4)).Address);
        Assert.InRange((rig.Time.GetUtcNow() - before).TotalSeconds, Math.Max(0, seconds - 2), seconds + 1);
    });

    [Fact]
    public void After_a_restart_too_the_address_that_was_freed_first_is_reused_first() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2, 3];
        await rig.StartAsync();
        for (var n = 1; n <= 3; n++)
            await rig.AddAsync(n);
        foreach (var n in new[] { 2, 3, 1 })
        {
            await rig.DeleteAsync(n);
            await rig.WaitAsync(TimeSpan.FromSeconds(1));
        }

        await rig.RestartAsync();
        await rig.WaitAsync(TimeSpan.FromMinutes(1));
        await rig.RestartAsync();
        foreach (var n in new[] { 2, 3, 1 })
            Assert.Equal(TestPool.Ip(n).ToIPAddress(), (await rig.AddAsync(10 + n)).Address);
    });

    private static async Task PrepareAsync(Rig rig)
    {
        rig.Pool.Addresses = [1, 2, 3, 4];
        await rig.StartAsync();
        await rig.AddAsync(1);
    }

    private static int StepsOf(Func<Rig, Task> act)
    {
        var steps = 0;
        Rig.Test(async rig =>
        {
            await PrepareAsync(rig);
            var before = rig.Faults.Steps;
            await act(rig);
            steps = rig.Faults.Steps - before;
        });
        return steps;
    }

    // False when the process died before it answered.
    private static async Task<bool> SurvivesAsync(Task call)
    {
        try
        {
            await call;
            return true;
        }
        catch (CrashException)
        {
            return false;
        }
    }

    private static async Task DieAtStartAsync(Rig rig, int point)
    {
        try
        {
            await rig.StartDyingAsync(point);
        }
        catch (CrashException)
        {
            Assert.True(rig.Faults.Dead);
        }

        await rig.StopAsync();
    }
}
