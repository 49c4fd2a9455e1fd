using Vnetcni.Dataplane;
using Vnetcni.NodeAgent.Tests.Support;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Allocation;

/// <summary>A node whose clock is set back by hours: nothing waits for them to pass again.</summary>
public class ClockTests
{
    private static readonly TimeSpan Back = TimeSpan.FromHours(-3);

    [Fact]
    public void A_rest_is_not_longer_for_it() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        await rig.StartAsync();
        await rig.AddAsync(1);
        await rig.DeleteAsync(1);
        await rig.WaitAsync(TimeSpan.FromSeconds(5));
        rig.Time.Offset = Back;
        await rig.WaitAsync(TimeSpan.FromSeconds(65));
        Assert.NotNull(await rig.AddAsync(2));
    });

    [Fact]
    public void A_link_that_could_not_be_removed_is_tried_again_all_the_same() => Rig.Test(async rig =>
    {
        rig.Pool.Addresses = [1];
        await rig.StartAsync();
        await rig.AddAsync(1);
        rig.Network.DetachFailure = new DataplaneException(DataplaneFault.Kernel, "ENOBUFS", 105);
        await rig.DeleteAsync(1);
        await rig.WaitAsync(TimeSpan.FromSeconds(5));
        rig.Network.DetachFailure = null;
        rig.Time.Offset = Back;
        await rig.WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Empty(rig.Kernel.Links);
        Assert.NotNull(await rig.AddAsync(2));
    });

    [Fact]
    public void The_node_goes_on_to_report() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4);
        await rig.StartAsync();
        await rig.WaitAsync(60);
        rig.Time.Offset = Back;
        var before = rig.Usage.Revision;
        await rig.WaitAsync(15 * 60);
        Assert.InRange(rig.Usage.Revision!.Value - before!.Value, 1, 10);
    });
}
