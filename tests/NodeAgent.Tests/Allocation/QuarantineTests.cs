using Vnetcni.AgentProtocol;
using Vnetcni.Dataplane;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.Tests.Support;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Allocation;

/// <summary>An address that two claim is nobody's until both are gone, and both their links go.</summary>
public class QuarantineTests
{
    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    public void Each_claimant_frees_its_own_link_and_the_last_one_the_address(int first, int last) => Rig.Test(async rig =>
    {
        await ContradictAsync(rig);
        Assert.Equal(AddressState.Quarantined, StateOf(rig, 1));
        await rig.DeleteAsync(first);
        await rig.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(AddressState.Quarantined, StateOf(rig, 1));
        Assert.Equal($"vnetcni:net/c{last}/eth0", Assert.Single(rig.Kernel.Links).Value.Alias);
        // The other's claim outlives a restart, even where the kernel has nothing to say about it.
        await rig.RestartAsync();
        Assert.Equal([Rig.Pod(last)], rig.Agent.Records[0].Claimants);
        await rig.DeleteAsync(last);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_claimants_link_that_the_kernel_does_not_let_go_is_tried_again() => Rig.Test(async rig =>
    {
        await ContradictAsync(rig);
        rig.Network.DetachFailure = new DataplaneException(DataplaneFault.Kernel, "ENOBUFS", 105);
        await rig.DeleteAsync(1);
        await rig.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(2, rig.Kernel.Links.Count);
        // Its next ADD would take the same name: it waits.
        var add = rig.AddAsync(1);
        await rig.WaitAsync(TimeSpan.FromSeconds(1));
        Assert.False(add.IsCompleted);
        rig.Network.DetachFailure = null;
        await add;
        Assert.Equal(AddressState.Quarantined, StateOf(rig, 1));
        await rig.DeleteAsync(1);
        await rig.DeleteAsync(2);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_claimants_DEL_that_can_not_be_kept_fails_and_its_link_goes_nevertheless() => Rig.Test(async rig =>
    {
        await ContradictAsync(rig);
        rig.Store.Full = true;
        Assert.Equal(CniErrorCode.Io, (await Rig.FailsAsync(rig.DeleteAsync(1))).Code);
        rig.Store.Full = false;
        await rig.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("vnetcni:net/c2/eth0", Assert.Single(rig.Kernel.Links).Value.Alias);
        await rig.DeleteAsync(2);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void GC_frees_claims_too() => Rig.Test(async rig =>
    {
        await ContradictAsync(rig);
        await rig.Cni.CollectAsync("net", new HashSet<Owner>(), CancellationToken.None);
        await rig.AssertNothingLeaksAsync();
    });

    // The ledger gives address 1 to c1, the kernel routes it to c2; both links are there.
    private static async Task ContradictAsync(Rig rig)
    {
        rig.Pool.Addresses = [1, 2, 3];
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.StopAsync();
        var (name, link) = rig.Kernel.Links.Single();
        rig.Kernel.Links[name] = link with { Route = null };
        rig.Kernel.Links.Add(
            HostInterfaceName.Of(Rig.Pod(2), "azv"), new FakeKernel.Link("vnetcni:net/c2/eth0", TestPool.Ip(1).ToIPAddress(), 1002, "eth0", false));
        await rig.StartAsync();
    }

    private static AddressState StateOf(Rig rig, int n) => rig.Agent.Records.Single(record => record.Address == TestPool.Ip(n)).State;
}
