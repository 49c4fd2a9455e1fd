using k8s.Models;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.Operator.Tests.World;
using Vnetcni.Operator.Uninstall;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Uninstall;

public class UninstallerTests
{
    private static readonly DrainPlan Plan = new(Deployment: string.Empty, AgentDaemonSet: string.Empty, Force: false);

    [Fact]
    public void Addresses_of_living_nodes_leave_Azure_and_every_object_goes() => Simulator.Run(301, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 2);
        await FillAsync(world, sim);
        await DrainAsync(world, sim, Plan);
        Assert.Equal(0, world.OnNic(0) + world.OnNic(1));
        Assert.Null(await world.PoolAsync("node0"));
        Assert.Null(await world.PoolAsync("node1"));
        Assert.Null(await world.NetworkAsync());
        var nodes = await world.Admin.ListAsync(KubeKinds.Nodes, new KubeListOptions(), CancellationToken.None);
        Assert.All(nodes.Items, node => Assert.DoesNotContain(node.Status?.Conditions ?? [], c => c.Type == Api.Names.WellKnownNames.NodeCondition));
    });

    [Fact]
    public void Pods_with_addresses_stop_it_before_anything_is_touched() => Simulator.Run(302, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 2);
        await FillAsync(world, sim);
        await PodAsync(world);
        var refused = await Assert.ThrowsAsync<UninstallRefusedException>(() => DrainAsync(world, sim, Plan));
        Assert.Contains("1 pods use addresses of this release or wait for one (shop/cart-0)", refused.Message, StringComparison.Ordinal);
        Assert.Contains("uninstall.force=true", refused.Message, StringComparison.Ordinal);
        Assert.Equal(8, world.OnNic(0));
        Assert.Null((await world.PoolAsync())!.Metadata.DeletionTimestamp);
    });

    [Fact]
    public void Force_takes_the_addresses_of_pods_too() => Simulator.Run(303, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 2);
        await FillAsync(world, sim);
        await PodAsync(world);
        await DrainAsync(world, sim, Plan with { Force = true });
        Assert.Equal(0, world.OnNic(0) + world.OnNic(1));
    });

    [Theory]
    [InlineData("Succeeded", false, false)]
    [InlineData("Failed", false, false)]
    [InlineData("Running", true, false)]
    [InlineData("Running", false, true)]
    [InlineData("Pending", false, true)]
    public void Only_pods_that_live_on_one_of_our_addresses_count(string phase, bool hostNetwork, bool counts)
    {
        var pool = new Api.NodeIpPools.NodeIpPool
        {
            Status = new Api.NodeIpPools.NodeIpPoolStatus
            {
                NetworkInterfaces = [new Api.NodeIpPools.NetworkInterfaceStatus { Addresses = [new Api.NodeIpPools.AddressStatus { Address = "10.1.0.9", State = Api.NodeIpPools.AddressStates.Available }] }],
            },
        };
        V1Pod Pod(string address) => new()
        {
            Metadata = new V1ObjectMeta { Name = "p", NamespaceProperty = "n" },
            Spec = new V1PodSpec { Containers = [], HostNetwork = hostNetwork },
            Status = new V1PodStatus { Phase = phase, PodIP = address },
        };
        Assert.Equal(counts, AddressUsers.Find([Pod("10.1.0.9")], [pool]).Count == 1);
        Assert.Empty(AddressUsers.Find([Pod("10.9.9.9")], [pool]));
    }

    [Theory]
    [InlineData("node0", false, true)]
    [InlineData("node0", true, false)]
    [InlineData("other", false, false)]
    [InlineData(null, false, false)]
    public void A_pod_without_an_address_yet_counts_on_a_node_of_ours(string? node, bool hostNetwork, bool counts)
    {
        var pool = new Api.NodeIpPools.NodeIpPool { Spec = new Api.NodeIpPools.NodeIpPoolSpec { NodeName = "node0" } };
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = "p", NamespaceProperty = "n" },
            Spec = new V1PodSpec { Containers = [], NodeName = node, HostNetwork = hostNetwork },
            Status = new V1PodStatus { Phase = "Pending" },
        };
        Assert.Equal(counts, AddressUsers.Find([pod], [pool]).Count == 1);
    }

    private static async Task FillAsync(OperatorWorld world, Simulator sim)
    {
        world.AddClass();
        var before = world.Start();
        var agents = new[] { world.StartAgent("node0", 8), world.StartAgent("node1", 8) };
        await world.UntilHeldAsync(8);
        await world.UntilHeldAsync(8, "node1");
        // As the uninstall does by Deployment and DaemonSet.
        foreach (var agent in agents)
            agent.Stopped = true;
        Assert.NotNull((await world.Admin.GetAsync(KubeKinds.Nodes, new ObjectKey("node0"), CancellationToken.None))!.Status?.Conditions);
        before.Kill.Cancel();
        await before.Ended;
        await sim.Delay(TimeSpan.FromSeconds(1));
    }

    private static async Task PodAsync(OperatorWorld world)
    {
        var address = (await world.PoolAsync())!.Status!.NetworkInterfaces![0].Addresses![0].Address;
        world.Admin.Seed(KubeKinds.Namespaces, new V1Namespace { Metadata = new V1ObjectMeta { Name = "shop" } });
        world.Admin.Seed(KubeKinds.Pods, new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = "cart-0", NamespaceProperty = "shop" },
            Spec = new V1PodSpec { Containers = [new V1Container { Name = "main", Image = "cart:1" }], NodeName = "node0" },
            Status = new V1PodStatus { Phase = "Running", PodIP = address },
        });
    }

    private static async Task DrainAsync(OperatorWorld world, Simulator sim, DrainPlan plan)
    {
        var settings = new OperatorSettings { Identity = "drain", LeaseName = string.Empty, Uninstalling = true };
        var api = world.Kube.Client("drain");
        var instance = new OperatorInstance(api, world.Client, sim.Time, settings, new Jitter(sim.NextSeed()));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(15), sim.Time);
        await new Uninstaller(api, sim.Time, "vnetcni-system", sim.Trace.Add).DrainAsync(plan, instance, limit.Token);
    }
}
