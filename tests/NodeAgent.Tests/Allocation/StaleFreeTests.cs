using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Tests.Support;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Allocation;

/// <summary>Whoever frees on old knowledge - a GC, the undo of an ADD - never takes what came after it.</summary>
public class StaleFreeTests
{
    private static readonly HashSet<Owner> Nobody = [];

    [Fact]
    public void A_GC_leaves_an_ADD_that_is_plumbing_alone() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        await rig.StartAsync();
        rig.Network.AttachGate = new TaskCompletionSource();
        var add = rig.AddAsync(1);
        await rig.WaitAsync(TimeSpan.FromSeconds(1));
        await rig.Cni.CollectAsync("net", Nobody, CancellationToken.None);
        await rig.WaitAsync(TimeSpan.FromSeconds(1));
        rig.Network.AttachGate.SetResult();
        await add;
        await rig.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.False(Assert.Single(rig.Kernel.Links).Value.Detached);
        Assert.Equal(AddressState.Assigned, Assert.Single(rig.Agent.Records).State);
    });

    [Fact]
    public void A_GC_leaves_an_ADD_that_waits_for_an_address_alone() => Rig.Test(async rig =>
    {
        await rig.StartAsync();
        var add = rig.AddAsync(1);
        await rig.WaitAsync(TimeSpan.FromSeconds(1));
        await rig.Cni.CollectAsync("net", Nobody, CancellationToken.None);
        rig.Pool.Addresses = [1];
        await rig.Pool.PublishAsync();
        await add;
    });

    [Fact]
    public void A_GC_leaves_alone_what_was_attached_after_it_began() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2, 3];
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.AddAsync(2);
        rig.Network.DetachGate = new TaskCompletionSource();
        var collection = rig.Cni.CollectAsync("net", Nobody, CancellationToken.None);
        await rig.WaitAsync(TimeSpan.FromSeconds(1));
        // While the GC is busy with c1, c2 is deleted and attached anew.
        var gate = rig.Network.DetachGate;
        rig.Network.DetachGate = null;
        await rig.DeleteAsync(2);
        await rig.AddAsync(2);
        gate.SetResult();
        await collection;
        await rig.WaitAsync(TimeSpan.FromSeconds(1));
        Assert.Equal("vnetcni:net/c2/eth0", Assert.Single(rig.Kernel.Links).Value.Alias);
    });

    [Fact]
    public void The_undo_of_an_abandoned_ADD_leaves_a_later_ADD_of_the_same_owner_alone() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2];
        await rig.StartAsync();
        var abandoned = await rig.AddAsync(1);
        await rig.DeleteAsync(1);
        var later = await rig.AddAsync(1);
        await rig.Cni.UndoAsync(Rig.Pod(1), abandoned.Attachment);
        await rig.WaitAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(later.Address, Assert.Single(rig.Kernel.Links).Value.Route);
        await rig.Cni.UndoAsync(Rig.Pod(1), later.Attachment);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void The_undo_of_an_abandoned_ADD_does_not_end_one_that_runs() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2];
        await rig.StartAsync();
        var abandoned = await rig.AddAsync(1);
        await rig.DeleteAsync(1);
        await rig.WaitAsync(TimeSpan.FromSeconds(1));
        rig.Network.AttachGate = new TaskCompletionSource();
        var later = rig.AddAsync(1);
        await rig.WaitAsync(TimeSpan.FromSeconds(1));
        await rig.Cni.UndoAsync(Rig.Pod(1), abandoned.Attachment);
        rig.Network.AttachGate.SetResult();
        await later;
        Assert.Single(rig.Kernel.Links);
    });
}
