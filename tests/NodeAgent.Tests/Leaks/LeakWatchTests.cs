using System.Diagnostics.Metrics;
using Vnetcni.Dataplane;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.Tests.Support;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Leaks;

/// <summary>What nobody asked to free is freed after two looks and a grace period, and nothing that somebody uses ever is.</summary>
public class LeakWatchTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(6);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_address_whose_link_and_sandbox_are_gone_is_freed_after_the_grace_period(bool asksTheRuntime) => Rig.Test(async rig =>
    {
        await PrepareAsync(rig, asksTheRuntime);
        rig.Kernel.Links.Clear();
        rig.Sandboxes.Known?.Remove("c1");
        await rig.WaitAsync(TimeSpan.FromMinutes(1.9));
        Assert.Equal(AddressState.Assigned, StateOf(rig, 1));
        await rig.WaitAsync(TimeSpan.FromMinutes(3));
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_sandbox_that_lives_keeps_its_address_also_without_a_link() => Rig.Test(async rig =>
    {
        await PrepareAsync(rig);
        rig.Kernel.Links.Clear();
        await rig.WaitAsync(Long);
        Assert.Equal(AddressState.Assigned, StateOf(rig, 1));
        await rig.RestartAsync();
        Assert.Equal(AddressState.Assigned, StateOf(rig, 1));
        await rig.DeleteAsync(1);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_silent_runtime_frees_nothing_and_its_first_word_does_not_either() => Rig.Test(async rig =>
    {
        await PrepareAsync(rig);
        rig.Kernel.Links.Clear();
        rig.Sandboxes.Known!.Remove("c1");
        rig.Sandboxes.Silent = true;
        await rig.WaitAsync(Long);
        Assert.Equal(AddressState.Assigned, StateOf(rig, 1));
        rig.Sandboxes.Silent = false;
        await rig.WaitAsync(TimeSpan.FromSeconds(80));
        Assert.Equal(AddressState.Assigned, StateOf(rig, 1));
        await rig.WaitAsync(Long);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_lost_DEL_of_a_sandbox_that_the_runtime_knew_frees_address_and_link() => Rig.Test(async rig =>
    {
        await PrepareAsync(rig);
        await rig.WaitAsync(TimeSpan.FromMinutes(2));
        rig.Sandboxes.Known!.Remove("c1");
        await rig.WaitAsync(Long);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_container_that_the_runtime_never_knew_keeps_its_address() => Rig.Test(async rig =>
    {
        await PrepareAsync(rig);
        await rig.AddAsync(2);
        await rig.WaitAsync(TimeSpan.FromHours(1));
        Assert.Equal(AddressState.Assigned, StateOf(rig, 2));
        Assert.Equal(2, rig.Kernel.Links.Count);
    });

    [Fact]
    public void A_runtime_that_forgot_everything_is_not_believed_while_links_stand() => Rig.Test(async rig =>
    {
        await PrepareAsync(rig);
        await rig.WaitAsync(TimeSpan.FromMinutes(2));
        rig.Sandboxes.Known!.Clear();
        await rig.WaitAsync(TimeSpan.FromHours(1));
        Assert.Equal(AddressState.Assigned, StateOf(rig, 1));
        Assert.Single(rig.Kernel.Links);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_link_that_nobody_stands_for_is_removed_when_no_sandbox_is_there_for_it(bool routed) => Rig.Test(async rig =>
    {
        await PrepareAsync(rig);
        AddOrphan(rig, 7, routed ? 9 : null);
        await rig.WaitAsync(TimeSpan.FromMinutes(1.9));
        Assert.Equal(2, rig.Kernel.Links.Count);
        await rig.WaitAsync(TimeSpan.FromMinutes(3));
        Assert.Equal("vnetcni:net/c1/eth0", Assert.Single(rig.Kernel.Links).Value.Alias);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_link_of_a_sandbox_that_lives_or_may_live_stays_and_its_address_is_quarantined(bool asksTheRuntime) => Rig.Test(async rig =>
    {
        await PrepareAsync(rig, asksTheRuntime);
        if (asksTheRuntime)
            rig.Sandboxes.Run(7);
        AddOrphan(rig, 7, 3);
        await rig.WaitAsync(TimeSpan.FromMinutes(3));
        Assert.Equal(2, rig.Kernel.Links.Count);
        Assert.Equal(
            [AddressState.Assigned, AddressState.Free, AddressState.Quarantined, AddressState.Free], rig.Agent.Records.Select(record => record.State));
        // Its DEL ends it.
        await rig.DeleteAsync(7);
        await rig.DeleteAsync(1);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void The_link_of_an_ADD_that_runs_is_never_taken_away() => Rig.Test(async rig =>
    {
        await PrepareAsync(rig);
        rig.Network.AttachGate = new TaskCompletionSource();
        var add = rig.AddAsync(2);
        await rig.WaitAsync(TimeSpan.FromSeconds(1));
        // The kernel has it, the ADD has not answered, and the runtime lists a sandbox only when all its networks stand.
        AddOrphan(rig, 2, null);
        await rig.WaitAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(2, rig.Kernel.Links.Count);
        rig.Kernel.Links.Remove(HostInterfaceName.Of(Rig.Pod(2), "azv"));
        rig.Network.AttachGate.SetResult();
        await add;
        await rig.WaitAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(2, rig.Kernel.Links.Count(link => !link.Value.Detached));
    });

    [Fact]
    public void A_contradiction_quarantines_its_addresses_is_counted_and_the_agent_serves_on() => Rig.Test(async rig =>
    {
        await PrepareAsync(rig);
        // Agents of other tests measure under the same name, on threads of their own.
        var (quarantines, thread) = (0L, Environment.CurrentManagedThreadId);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, me) =>
        {
            if (instrument.Name == "vnetcni.agent.quarantines")
                me.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => quarantines += Environment.CurrentManagedThreadId == thread ? value : 0);
        listener.Start();
        var (name, link) = rig.Kernel.Links.Single();
        rig.Kernel.Links[name] = link with { Route = TestPool.Ip(3).ToIPAddress() };
        await rig.WaitAsync(TimeSpan.FromMinutes(4));
        Assert.Equal(
            [AddressState.Quarantined, AddressState.Free, AddressState.Quarantined, AddressState.Free], rig.Agent.Records.Select(record => record.State));
        Assert.True(quarantines >= 2, $"{quarantines}");
        Assert.Equal(TestPool.Ip(2).ToIPAddress(), (await rig.AddAsync(2)).Address);
        await rig.RestartAsync();
        await rig.DeleteAsync(1);
        await rig.DeleteAsync(2);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_quarantine_without_claimants_ends_when_its_link_is_gone() => Rig.Test(async rig =>
    {
        await PrepareAsync(rig);
        rig.Kernel.Links.Add("azvstrange", new FakeKernel.Link("vnetcni:?", TestPool.Ip(2).ToIPAddress(), 77, "eth0", false));
        await rig.WaitAsync(TimeSpan.FromMinutes(4));
        Assert.Equal(AddressState.Quarantined, StateOf(rig, 2));
        rig.Kernel.Links.Remove("azvstrange");
        await rig.DeleteAsync(1);
        await rig.WaitAsync(Long);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_claimant_whose_link_and_sandbox_are_gone_claims_no_more() => Rig.Test(async rig =>
    {
        await PrepareAsync(rig);
        rig.Sandboxes.Run(7);
        AddOrphan(rig, 7, 1);
        await rig.WaitAsync(TimeSpan.FromMinutes(4));
        Assert.Equal([Rig.Pod(1), Rig.Pod(7)], rig.Agent.Records[0].Claimants);
        rig.Kernel.Links.Clear();
        rig.Sandboxes.Known!.Remove("c1");
        await rig.WaitAsync(Long);
        Assert.Equal([Rig.Pod(7)], rig.Agent.Records[0].Claimants);
        rig.Sandboxes.Known.Remove("c7");
        await rig.WaitAsync(Long);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_kernel_that_can_not_be_listed_is_looked_at_later() => Rig.Test(async rig =>
    {
        await PrepareAsync(rig);
        rig.Kernel.Links.Clear();
        rig.Sandboxes.Known!.Remove("c1");
        rig.Network.ListFailure = new DataplaneException(DataplaneFault.Kernel, "interrupted", 4);
        await rig.WaitAsync(Long);
        Assert.Equal(AddressState.Assigned, StateOf(rig, 1));
        rig.Network.ListFailure = null;
        await rig.WaitAsync(Long);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_leak_that_can_not_be_recorded_is_tried_again() => Rig.Test(async rig =>
    {
        await PrepareAsync(rig);
        rig.Kernel.Links.Clear();
        rig.Sandboxes.Known!.Remove("c1");
        rig.Store.Full = true;
        await rig.WaitAsync(Long);
        rig.Store.Full = false;
        await rig.WaitAsync(Long);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void An_owner_that_attached_anew_meanwhile_is_left_alone() => Rig.Test(async rig =>
    {
        await PrepareAsync(rig);
        for (var round = 0; round < 20; round++)
        {
            // Each look finds the link gone, and each time it is another attachment's.
            rig.Kernel.Links.Clear();
            rig.Sandboxes.Known!.Remove("c1");
            await rig.WaitAsync(TimeSpan.FromSeconds(70));
            await rig.DeleteAsync(1);
            await rig.AddAsync(1);
        }

        Assert.Single(rig.Kernel.Links, link => !link.Value.Detached);
        Assert.Single(rig.Agent.Records, record => record.State == AddressState.Assigned);
    });

    [Fact]
    public void A_GC_frees_nothing_that_the_runtime_says_is_alive() => Rig.Test(async rig =>
    {
        await PrepareAsync(rig);
        await rig.AddAsync(2);
        rig.Sandboxes.Known!["c2"] = false;
        await rig.Cni.CollectAsync("net", new HashSet<Owner>(), CancellationToken.None);
        await rig.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("vnetcni:net/c1/eth0", Assert.Single(rig.Kernel.Links).Value.Alias);
        rig.Sandboxes.Silent = true;
        await rig.Cni.CollectAsync("net", new HashSet<Owner>(), CancellationToken.None);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_quarantine_is_an_event_on_the_nodes_pool() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4);
        await rig.StartAsync();
        await rig.AddAsync(1);
        var (name, link) = rig.Kernel.Links.Single();
        rig.Kernel.Links[name] = link with { Route = TestPool.Ip(3).ToIPAddress() };
        await rig.WaitAsync(240);
        var events = await rig.EventsAsync("AddressQuarantined");
        Assert.Equal(2, events.Count);
        Assert.All(events, e => Assert.Equal(("NodeIpPool", KubeRig.Node, rig.Pool.Metadata.Uid, "Warning"), (e.InvolvedObject.Kind, e.InvolvedObject.Name, e.InvolvedObject.Uid, e.Type)));
        Assert.Contains(events, e => e.Message.Contains("10.1.0.1 is out of use", StringComparison.Ordinal) && e.Message.Contains("net/c1/eth0", StringComparison.Ordinal));
    });

    [Fact]
    public void A_quarantine_found_at_the_start_is_an_event_once_the_pool_is_known() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4);
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.StopAsync();
        var (name, link) = rig.Kernel.Links.Single();
        rig.Kernel.Links[name] = link with { Route = TestPool.Ip(3).ToIPAddress() };
        await rig.StartAsync();
        await rig.WaitAsync(5);
        Assert.Equal(2, (await rig.EventsAsync("AddressQuarantined")).Count);
        // It is news once only.
        await rig.StopAsync();
        await rig.StartAsync();
        await rig.WaitAsync(5);
        Assert.Equal(2, (await rig.EventsAsync("AddressQuarantined")).Count);
    });

    [Fact]
    public void A_leak_put_right_is_an_event_and_what_it_held_is_free() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4);
        await rig.StartAsync();
        await rig.AddAsync(1);
        rig.Kernel.Links.Clear();
        await rig.WaitAsync(360);
        Assert.Contains("10.1.0.1 is freed: ", Assert.Single(await rig.EventsAsync("LeakRepaired")).Message, StringComparison.Ordinal);
        Assert.Equal(0, rig.Usage.InUse);
    });

    private static async Task PrepareAsync(Rig rig, bool asksTheRuntime = true)
    {
        rig.Pool.Addresses = [1, 2, 3, 4];
        if (asksTheRuntime)
            rig.Sandboxes.Run(1);
        await rig.StartAsync();
        await rig.AddAsync(1);
    }

    private static void AddOrphan(Rig rig, int pod, int? address) => rig.Kernel.Links.Add(
        HostInterfaceName.Of(Rig.Pod(pod), "azv"),
        new FakeKernel.Link($"vnetcni:{Rig.Pod(pod)}", address is { } n ? TestPool.Ip(n).ToIPAddress() : null, (ulong)(5000 + pod), "eth0", false));

    private static AddressState StateOf(Rig rig, int n) => rig.Agent.Records.Single(record => record.Address == TestPool.Ip(n)).State;
}
