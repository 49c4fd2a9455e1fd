using k8s.Models;
using Vnetcni.Api.Names;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Kubernetes;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

public class NodeReadinessTests
{
    private static readonly V1Taint Startup = new() { Key = WellKnownNames.AgentNotReadyTaint, Effect = "NoSchedule" };
    private static readonly V1Taint Other = new() { Key = "dedicated", Value = "gpu", Effect = "NoExecute" };

    [Fact]
    public void The_startup_taint_goes_when_the_agent_serves_and_no_other_taint_does() => Simulator.Run(371, async sim =>
    {
        using var world = new OperatorWorld(sim);
        await TaintAsync(world);
        world.AddClass();
        world.Start();
        await world.UntilReasonAsync(Reasons.AgentNotReporting);
        await sim.Delay(TimeSpan.FromMinutes(1));
        Assert.Equal([Startup.Key, Other.Key], (await NodeAsync(world)).Spec.Taints.Select(t => t.Key));
        Assert.Equal("False AgentNotReporting", Told(await NodeAsync(world)));
        world.StartAgent("node0", 4);
        await world.UntilAsync("it is taken off", async () => (await NodeAsync(world)).Spec.Taints.Count == 1);
        var left = Assert.Single((await NodeAsync(world)).Spec.Taints);
        Assert.Equal((Other.Key, Other.Value, Other.Effect), (left.Key, left.Value, left.Effect));
        await world.UntilAsync("it is told", async () => Told(await NodeAsync(world)) == "True InSync");
        // What the kubelet says of the Node stands.
        Assert.Contains((await NodeAsync(world)).Status.Conditions, c => c.Type == "Ready" && c.Status == "True");
    });

    [Fact]
    public void A_Node_whose_pods_wait_for_addresses_says_so_and_when_it_is_over() => Simulator.Run(372, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start(change: s => s with { PerNode = 4 });
        var agent = world.StartAgent("node0", 8);
        agent.Pods = 6;
        await world.UntilAsync("it is told", async () => Told(await NodeAsync(world)) == "False NodeLimitReached"
            && Condition(await NodeAsync(world))!.Message.StartsWith("2 pods wait: the node may have 4", StringComparison.Ordinal));
        agent.Pods = agent.Desired = 2;
        await world.UntilAsync("it is over", async () => Told(await NodeAsync(world)) == "True InSync");
    });

    [Fact]
    public void A_Node_at_its_limit_with_nothing_free_takes_no_more_pods_and_tells_it() => Simulator.Run(373, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start(change: s => s with { PerNode = 4 });
        world.StartAgent("node0", 8).Pods = 4;
        await world.UntilAsync("it is told", async () => Told(await NodeAsync(world)) == "False AtLimit");
    });

    [Fact]
    public void The_report_of_the_machine_before_it_says_nothing_about_a_Node_made_anew() => Simulator.Run(374, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start();
        var old = world.StartAgent("node0", 4);
        await world.UntilHeldAsync(4);
        await world.UntilAsync("it serves", async () => Told(await NodeAsync(world)) == "True InSync");
        // The agent is silent; the machine comes back with another boot and its start-up taint.
        old.Stopped = true;
        await TaintAsync(world, bootId: "another-boot");
        await world.UntilAsync("it is told", async () => Told(await NodeAsync(world)) == "False AgentNotReporting");
        await sim.Delay(TimeSpan.FromMinutes(5));
        Assert.Equal(2, (await NodeAsync(world)).Spec.Taints.Count);
        old.BootId = "another-boot";
        old.Stopped = false;
        await world.UntilAsync("it serves", async () => Told(await NodeAsync(world)) == "True InSync" && (await NodeAsync(world)).Spec.Taints.Count == 1);
    });

    [Fact]
    public void A_kubelet_that_writes_at_the_same_time_is_not_undone() => Simulator.Run(375, async sim =>
    {
        using var world = new OperatorWorld(sim);
        await TaintAsync(world);
        world.AddClass();
        var raced = 0;
        world.Start(faults: new KubeFaults
        {
            Before = async (call, _) =>
            {
                if (call is not { Verb: "patch", Resource: "nodes", Subresource: "" } || raced++ > 0)
                    return;
                var node = await NodeAsync(world);
                node.Spec.Taints.Add(new V1Taint { Key = "late", Effect = "NoSchedule" });
                await world.Admin.ReplaceAsync(KubeKinds.Nodes, node, CancellationToken.None);
            },
        });
        world.StartAgent("node0", 4);
        await world.UntilAsync("it is taken off", async () => (await NodeAsync(world)).Spec.Taints.All(t => t.Key != Startup.Key));
        Assert.Equal(2, raced);
        Assert.Equal([Other.Key, "late"], (await NodeAsync(world)).Spec.Taints.Select(t => t.Key));
    });

    [Fact]
    public void A_Node_of_another_cloud_is_left_alone_and_a_quiet_one_is_not_written() => Simulator.Run(376, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddNode("other", "aws:///i-1");
        world.AddClass();
        world.Start();
        world.StartAgent("node0", 4);
        await world.UntilAsync("it is told", async () => Told(await NodeAsync(world)) == "True InSync");
        var version = (await NodeAsync(world)).Metadata.ResourceVersion;
        await sim.Delay(TimeSpan.FromMinutes(10));
        Assert.Equal(version, (await NodeAsync(world)).Metadata.ResourceVersion);
        Assert.Null(Condition((await world.Admin.GetAsync(KubeKinds.Nodes, new ObjectKey("other"), CancellationToken.None))!));
    });

    private static async Task<V1Node> NodeAsync(OperatorWorld world) =>
        (await world.Admin.GetAsync(KubeKinds.Nodes, new ObjectKey("node0"), CancellationToken.None))!;

    private static V1NodeCondition? Condition(V1Node node) => node.Status?.Conditions?.FirstOrDefault(c => c.Type == WellKnownNames.NodeCondition);

    private static string? Told(V1Node node) => Condition(node) is { } told ? $"{told.Status} {told.Reason}" : null;

    private static async Task TaintAsync(OperatorWorld world, string? bootId = null)
    {
        var status = bootId is null
            ? """{"status":{"conditions":[{"type":"Ready","status":"True","reason":"KubeletReady","message":"ok"}]}}"""
            : "{\"status\":{\"nodeInfo\":{\"bootID\":\"" + bootId + "\"}}}";
        await world.Admin.PatchAsync(
            KubeKinds.Nodes,
            new ObjectKey("node0"),
            System.Text.Encoding.UTF8.GetBytes(status),
            new KubePatchOptions(KubePatchType.Merge, "kubelet", Subresource: "status"),
            CancellationToken.None);
        // After the boot id: with the one before it, the report would be this machine's, and the taint would go.
        var node = await NodeAsync(world);
        node.Spec.Taints = [Startup, Other];
        await world.Admin.ReplaceAsync(KubeKinds.Nodes, node, CancellationToken.None);
    }
}
