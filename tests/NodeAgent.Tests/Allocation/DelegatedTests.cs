using Vnetcni.AgentProtocol;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.Tests.Support;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Allocation;

/// <summary>Addresses under another main plug-in: the interface is that plug-in's, a stand-in tells the kernel who has the address.</summary>
public class DelegatedTests
{
    [Fact]
    public void The_address_is_held_by_a_stand_in_and_without_a_held_route_until_its_DEL() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2, 3];
        await rig.StartAsync();
        var given = await rig.DelegateAsync(1);
        Assert.Null(given.Interface);
        Assert.Equal(TestPool.Ip(1).ToIPAddress(), given.Address);
        var link = Assert.Single(rig.Kernel.Links).Value;
        Assert.Equal("vnetcni:net/c1/eth0", link.Alias);
        Assert.NotEqual("eth0", link.PodInterface);
        Assert.DoesNotContain(given.Address.ToString(), rig.Kernel.HeldRoutes);
        // Pods of ours beside it: one ledger.
        Assert.Equal(TestPool.Ip(2).ToIPAddress(), (await rig.AddAsync(2)).Address);
        Assert.Equal(CniErrorCode.InterfaceExists, (await Rig.FailsAsync(rig.DelegateAsync(1))).Code);

        await rig.DeleteAsync(1);
        await rig.DeleteAsync(1);
        await rig.DeleteAsync(2);
        await rig.AssertNothingLeaksAsync();
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_outlives_a_restart_with_and_without_the_checkpoint(bool lost) => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2, 3];
        await rig.StartAsync();
        await rig.DelegateAsync(1);
        await rig.StopAsync();
        if (lost)
            File.Delete(rig.CheckpointFile);
        await rig.StartAsync();
        await rig.WaitAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(AddressState.Assigned, rig.Agent.Records.Single(record => record.Address == TestPool.Ip(1)).State);
        Assert.DoesNotContain(TestPool.Ip(1).ToString(), rig.Kernel.HeldRoutes);
        Assert.NotEqual(TestPool.Ip(1).ToIPAddress(), (await rig.DelegateAsync(2)).Address);
        await rig.DeleteAsync(1);
        await rig.DeleteAsync(2);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_namespace_that_goes_without_a_DEL_gives_it_back() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2, 3];
        await rig.StartAsync();
        await rig.DelegateAsync(1);
        // The pair goes with the namespace of its other end.
        rig.Kernel.Links.Clear();
        await rig.WaitAsync(TimeSpan.FromMinutes(5));
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void GC_keeps_what_is_listed_and_frees_the_rest() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2, 3];
        await rig.StartAsync();
        await rig.DelegateAsync(1);
        await rig.DelegateAsync(2);
        await rig.Cni.CollectAsync("net", new HashSet<Owner> { Rig.Pod(2) }, CancellationToken.None);
        await rig.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("vnetcni:net/c2/eth0", Assert.Single(rig.Kernel.Links).Value.Alias);
        await rig.Cni.CollectAsync("net", new HashSet<Owner>(), CancellationToken.None);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void CHECK_compares_the_ledger_with_the_result_and_leaves_the_interface_to_its_plugin() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2, 3];
        await rig.StartAsync();
        var given = await rig.DelegateAsync(1);
        rig.Network.CheckFaults = ["the pod has no interface eth0 of ours"];
        Task CheckAsync(int pod, System.Net.IPAddress address) => rig.Cni.CheckAsync(
            new CheckCommand(Rig.Pod(pod), new FakeNamespace(1), address) { Delegated = true }, CancellationToken.None);
        await CheckAsync(1, given.Address);
        Assert.Contains("prevResult says", (await Rig.FailsAsync(CheckAsync(1, TestPool.Ip(3).ToIPAddress()))).Details, StringComparison.Ordinal);
        Assert.Contains("holds no address", (await Rig.FailsAsync(CheckAsync(2, given.Address))).Message, StringComparison.Ordinal);
        await rig.DeleteAsync(1);
        await rig.AssertNothingLeaksAsync();
    });

    [Fact]
    public void A_stand_in_that_the_kernel_refuses_leaves_nothing() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1, 2, 3];
        await rig.StartAsync();
        rig.Network.AttachFailure = new Dataplane.DataplaneException(Dataplane.DataplaneFault.Kernel, "no");
        Assert.Equal(CniErrorCode.Dataplane, (await Rig.FailsAsync(rig.DelegateAsync(1))).Code);
        await rig.AssertNothingLeaksAsync();
    });
}
