using Vnetcni.AgentProtocol;
using Vnetcni.Api.Settings;
using Vnetcni.Dataplane;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.Tests.Support;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Allocation;

public class AttachmentsTests
{
    [Fact]
    public void An_ADD_gets_an_address_a_link_and_an_alias() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2];
        await rig.StartAsync();
        var outcome = await rig.AddAsync(1);
        var (name, link) = Assert.Single(rig.Kernel.Links);
        Assert.Equal(TestPool.Ip(1).ToIPAddress(), outcome.Address);
        Assert.Equal(outcome.Address, link.Route);
        Assert.Equal("vnetcni:net/c1/eth0", link.Alias);
        Assert.Equal(15, name.Length);
        Assert.StartsWith("azv", name);
    });

    [Fact]
    public void A_repeated_ADD_of_the_same_owner_changes_nothing() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2];
        await rig.StartAsync();
        await rig.AddAsync(1);
        var error = await Rig.FailsAsync(rig.AddAsync(1));
        Assert.Equal(CniErrorCode.InterfaceExists, error.Code);
        Assert.Single(rig.Kernel.Links);
        Assert.Equal(1, rig.Agent.Records.Count(record => record.State == AddressState.Assigned));
    });

    [Fact]
    public void An_interface_of_somebody_else_in_the_pod_is_left_alone_and_the_address_is_free_at_once() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        await rig.StartAsync();
        rig.Network.AttachFailure = new DataplaneException(DataplaneFault.InterfaceExists, "File exists", 17);
        Assert.Equal(CniErrorCode.InterfaceExists, (await Rig.FailsAsync(rig.AddAsync(1))).Code);
        rig.Network.AttachFailure = new DataplaneException(DataplaneFault.BadNamespace, "not a namespace");
        Assert.Equal(CniErrorCode.BadNamespace, (await Rig.FailsAsync(rig.AddAsync(1))).Code);
        rig.Network.AttachFailure = null;
        await rig.AddAsync(2);
    });

    [Fact]
    public void An_ADD_that_the_kernel_refused_leaves_nothing() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        await rig.StartAsync();
        rig.Network.AttachFailure = new DataplaneException(DataplaneFault.Kernel, "RTM_NEWLINK: ENOBUFS", 105);
        Assert.Equal(CniErrorCode.Dataplane, (await Rig.FailsAsync(rig.AddAsync(1))).Code);
        rig.Network.AttachFailure = null;
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_second_DEL_of_the_same_owner_is_a_success() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.DeleteAsync(1);
        await rig.DeleteAsync(1);
        await rig.DeleteAsync(99);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_DEL_of_another_sandbox_leaves_the_address_alone() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.Cni.DeleteAsync(Rig.Pod(1) with { InterfaceName = "eth1" }, CancellationToken.None);
        await rig.Cni.DeleteAsync(Rig.Pod(1) with { Network = "other" }, CancellationToken.None);
        Assert.Single(rig.Kernel.Links);
    });

    [Fact]
    public void A_DEL_answers_before_its_link_is_deleted_and_links_go_in_one_batch() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2, 3];
        await rig.StartAsync();
        for (var n = 1; n <= 3; n++)
            await rig.AddAsync(n);
        var sweeps = rig.Network.Sweeps;
        for (var n = 1; n <= 3; n++)
            await rig.DeleteAsync(n);
        Assert.Equal(3, rig.Kernel.Links.Count);
        Assert.All(rig.Kernel.Links.Values, link => Assert.True(link.Detached));
        await rig.WaitAsync(TimeSpan.FromSeconds(1));
        Assert.Empty(rig.Kernel.Links);
        Assert.Equal(sweeps + 1, rig.Network.Sweeps);
    });

    [Fact]
    public void A_DEL_that_the_kernel_refuses_succeeds_and_the_reaper_tries_on() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        await rig.StartAsync();
        await rig.AddAsync(1);
        rig.Network.DetachFailure = new DataplaneException(DataplaneFault.Kernel, "ENOBUFS", 105);
        await rig.DeleteAsync(1);
        await rig.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(AddressState.Detaching, Assert.Single(rig.Agent.Records).State);
        rig.Network.DetachFailure = null;
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void An_ADD_waits_while_the_link_before_it_is_still_being_deleted() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2];
        await rig.StartAsync();
        await rig.AddAsync(1);
        rig.Network.ReapGate = new TaskCompletionSource();
        await rig.DeleteAsync(1);
        var again = rig.AddAsync(1);
        // Another container in the same place of the same namespace waits too.
        var sameSpot = rig.Cni.AddAsync(
            new AddCommand(new Owner("net", "other", "eth0"), new FakeNamespace(1001), "", 0), CancellationToken.None);
        await rig.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.False(again.IsCompleted || sameSpot.IsCompleted);
        rig.Network.ReapGate.SetResult();
        Assert.Equal(TestPool.Ip(2).ToIPAddress(), (await again).Address);
        Assert.Equal(CniErrorCode.NoAddress, (await Rig.FailsAsync(DelayedAsync(rig, sameSpot))).Code);

        static async Task DelayedAsync(Rig rig, Task add)
        {
            await rig.DeleteAsync(1);
            rig.Pool.Addresses = [];
            await rig.Pool.PublishAsync();
            await add;
        }
    });

    [Fact]
    public void A_DEL_of_an_ADD_that_is_plumbing_ends_it_and_frees() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        await rig.StartAsync();
        rig.Network.AttachGate = new TaskCompletionSource();
        var add = rig.AddAsync(1);
        await rig.WaitAsync(TimeSpan.FromSeconds(1));
        await rig.DeleteAsync(1);
        await rig.WaitAsync(TimeSpan.FromSeconds(1));
        rig.Network.AttachGate.SetResult();
        Assert.Equal(CniErrorCode.TryAgainLater, (await Rig.FailsAsync(add)).Code);
        rig.Network.AttachGate = null;
        await rig.AssertNothingLeaksAsync();
        await rig.AddAsync(1);
    });

    [Fact]
    public void A_caller_that_is_gone_while_plumbing_gets_its_ADD_undone() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        await rig.StartAsync();
        using var gone = new CancellationTokenSource();
        rig.Network.AttachGate = new TaskCompletionSource();
        var add = rig.AddAsync(1, gone.Token);
        await rig.WaitAsync(TimeSpan.FromSeconds(1));
        gone.Cancel();
        rig.Network.AttachGate.SetResult();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => add);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void Two_ADDs_of_one_owner_at_once_do_not_get_two_addresses() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2];
        await rig.StartAsync();
        var first = rig.AddAsync(1);
        var second = await Rig.FailsAsync(rig.AddAsync(1));
        Assert.Equal(CniErrorCode.TryAgainLater, second.Code);
        await first;
        Assert.Single(rig.Kernel.Links);
    });

    [Fact]
    public void The_namespace_is_disposed_whatever_happens() => Rig.Test(async rig =>
    {
        rig.Pool.Settings = new EffectiveSettings { AddTimeout = TimeSpan.FromSeconds(1) };
        await rig.StartAsync();
        var pod = new FakeNamespace(1);
        await Rig.FailsAsync(rig.Cni.AddAsync(new AddCommand(Rig.Pod(1), pod, "", 0), CancellationToken.None));
        Assert.True(pod.Disposed);
    });

    [Fact]
    public void CHECK_names_every_fault() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        await rig.StartAsync();
        var address = (await rig.AddAsync(1)).Address;
        await rig.Cni.CheckAsync(new CheckCommand(Rig.Pod(1), new FakeNamespace(1001), address), CancellationToken.None);
        rig.Network.CheckFaults = ["eth0 is down", "no default route"];
        var error = await Rig.FailsAsync(
            rig.Cni.CheckAsync(new CheckCommand(Rig.Pod(1), new FakeNamespace(1001), TestPool.Ip(9).ToIPAddress()), CancellationToken.None));
        Assert.Equal(CniErrorCode.CheckFailed, error.Code);
        Assert.Contains("eth0 is down", error.Details);
        Assert.Contains("10.1.0.9", error.Details);
        Assert.Equal(CniErrorCode.CheckFailed, (await Rig.FailsAsync(
            rig.Cni.CheckAsync(new CheckCommand(Rig.Pod(2), new FakeNamespace(1002), address), CancellationToken.None))).Code);
    });

    [Fact]
    public void STATUS_fails_until_the_pool_serves_and_not_when_it_runs_dry() => Rig.Test(async rig =>
    {
        await rig.StartAsync();
        var error = await Rig.FailsAsync(rig.Cni.StatusAsync(CancellationToken.None));
        Assert.Equal(CniErrorCode.NotAvailable, error.Code);
        rig.Pool.Addresses = [1];
        await rig.Pool.PublishAsync();
        await rig.AddAsync(1);
        await rig.Cni.StatusAsync(CancellationToken.None);
    });

    [Fact]
    public void GC_frees_what_is_not_valid_on_its_network_only() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2, 3];
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.AddAsync(2);
        await rig.Cni.AddAsync(new AddCommand(new Owner("other", "c3", "eth0"), new FakeNamespace(3), "", 0), CancellationToken.None);
        await rig.Cni.CollectAsync("net", new HashSet<Owner> { Rig.Pod(2) }, CancellationToken.None);
        await rig.WaitAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(["vnetcni:net/c2/eth0", "vnetcni:other/c3/eth0"], rig.Kernel.Links.Values.Select(link => link.Alias).Order());
        await rig.Cni.CollectAsync("net", new HashSet<Owner>(), CancellationToken.None);
        await rig.WaitAsync(TimeSpan.FromSeconds(1));
        Assert.Single(rig.Kernel.Links);
    });

    [Fact]
    public void GC_goes_on_after_a_failure_and_names_all_that_it_could_not_free() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2, 3];
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.AddAsync(2);
        rig.Store.Full = true;
        var error = await Rig.FailsAsync(rig.Cni.CollectAsync("net", new HashSet<Owner>(), CancellationToken.None));
        Assert.Equal(CniErrorCode.Io, error.Code);
        Assert.Contains("2 attachments", error.Message, StringComparison.Ordinal);
        Assert.Contains("c1", error.Details, StringComparison.Ordinal);
        Assert.Contains("c2", error.Details, StringComparison.Ordinal);
        rig.Store.Full = false;
        await rig.Cni.CollectAsync("net", new HashSet<Owner>(), CancellationToken.None);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_full_disk_fails_the_ADD_and_leaves_nothing() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        await rig.StartAsync();
        rig.Store.Full = true;
        Assert.Equal(CniErrorCode.Io, (await Rig.FailsAsync(rig.AddAsync(1))).Code);
        rig.Store.Full = false;
        await rig.AddAsync(1);
        rig.Store.Full = true;
        Assert.Equal(CniErrorCode.Io, (await Rig.FailsAsync(rig.DeleteAsync(1))).Code);
        rig.Store.Full = false;
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void Names_that_do_not_fit_an_alias_are_refused() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        await rig.StartAsync();
        var owner = new Owner(new string('n', 200), new string('c', 64), "eth0");
        var error = await Rig.FailsAsync(rig.Cni.AddAsync(new AddCommand(owner, new FakeNamespace(1), "", 0), CancellationToken.None));
        Assert.Equal(CniErrorCode.InvalidConfig, error.Code);
    });
}
