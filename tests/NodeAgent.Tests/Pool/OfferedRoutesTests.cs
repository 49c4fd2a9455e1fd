using Vnetcni.NodeAgent.Tests.Support;
using Xunit;

namespace Vnetcni.NodeAgent.Tests.Pool;

/// <summary>
/// What a node offers may be another node's a moment later, also when its agent is dead by then: an "unreachable" route that stayed
/// would keep the node's own pods from that other pod.
/// </summary>
public class OfferedRoutesTests
{
    private static readonly string[] Four = ["10.1.0.1", "10.1.0.2", "10.1.0.3", "10.1.0.4"];
    private static readonly string[] All = [.. Four, "10.1.0.5", "10.1.0.6"];

    [Fact]
    public void An_address_has_no_route_any_more_when_the_offer_is_written() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4, 5, 6);
        await rig.StartAsync();
        Assert.Equal(All, rig.Kernel.HeldRoutes);
        string[] routes = [];
        rig.ApiFaults.Before = (call, _) =>
        {
            if (call.Verb == "patch" && routes.Length == 0)
                routes = [.. rig.Kernel.HeldRoutes];
            return Task.CompletedTask;
        };
        await rig.WaitAsync(200);
        Assert.Equal(Four, rig.Usage.Releasable);
        Assert.Equal(All.Except(Four), routes);
    });

    [Fact]
    public void An_agent_that_starts_again_adds_none_for_its_offers() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4, 5, 6);
        await rig.StartAsync();
        await rig.WaitAsync(200);
        await rig.StopAsync();
        // The operator gives two of them to another node while nobody runs here.
        await rig.PublishAsync([5, 6], releasing: [3, 4]);
        rig.ApiFaults.Before = (_, _) => throw new HttpRequestException("refused");
        await rig.StartAsync();
        Assert.Empty(rig.Kernel.HeldRoutes.Intersect(Four));
        rig.ApiFaults.Before = null;
        await rig.WaitAsync(60);
        Assert.Equal(All.Except(Four), rig.Kernel.HeldRoutes);
    });

    // Its checkpoint went with the boot: that they were offered is known from the pool alone.
    [Fact]
    public void A_node_that_boots_anew_adds_none_for_what_is_on_its_way_off() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4, 5, 6);
        await rig.PublishAsync([5, 6], releasing: [1, 2, 3, 4]);
        await rig.StartAsync();
        Assert.Equal(All.Except(Four), rig.Kernel.HeldRoutes);
    });

    // A report of its older self, on its way when the machine went down, may still offer any of them.
    [Fact]
    public void A_node_that_boots_anew_adds_none_before_its_first_report_is_committed() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4, 5, 6);
        await rig.StartAsync();
        await rig.WaitAsync(200);
        await rig.StopAsync();
        rig.ApiFaults.Before = (call, _) => call.Verb == "patch" ? throw new HttpRequestException("refused") : Task.CompletedTask;
        await rig.StartAsync(loseLedger: true);
        await rig.WaitAsync(20);
        Assert.Equal(Four, rig.Usage.Releasable);
        Assert.Empty(rig.Kernel.HeldRoutes);
        rig.ApiFaults.Before = null;
        await rig.WaitAsync(60);
        // Its report takes them all back.
        Assert.Empty(rig.Usage.Releasable!);
        Assert.Equal(All, rig.Kernel.HeldRoutes);
    });

    [Fact]
    public void An_offer_that_is_taken_back_has_its_route_again() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4, 5, 6);
        await rig.StartAsync();
        await rig.WaitAsync(200);
        Assert.Equal(All.Except(Four), rig.Kernel.HeldRoutes);
        await rig.BindPodsAsync(1, 6);
        await rig.WaitAsync(30);
        Assert.Empty(rig.Usage.Releasable!);
        Assert.Equal(All, rig.Kernel.HeldRoutes);
    });

    // A pod may wait for it: what it sends outside has to be translated from its first packet on.
    [Fact]
    public void An_offer_that_is_taken_back_never_left_the_egress_rules() => KubeRig.Test(async rig =>
    {
        rig.MakePool(1, 2, 3, 4, 5, 6);
        await rig.StartAsync();
        await rig.WaitAsync(200);
        await rig.PublishAsync([3, 4, 5, 6], releasing: [1, 2]);
        Assert.All(rig.Egress.Applied, rules => Assert.Equal(All, rules.Pods.Select(address => address.ToString()).Order(StringComparer.Ordinal)));
    });
}
