using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.ArmSimulator.Seeding;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

/// <summary>A cluster whose nodes are in two subscriptions.</summary>
public class SubscriptionTests
{
    private const string Other = "00000000-0000-0000-0000-000000000002";

    [Fact]
    public void A_subscription_that_is_throttled_keeps_no_other_one_waiting() => Simulator.Run(503, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.Arm.Seed(new Scenario
        {
            Subscription = Other,
            ResourceGroup = "vnetcni",
            Vnets = [new ScenarioVnet("net", ["10.2.0.0/16"], [new ScenarioSubnet("pods", "10.2.0.0/24")])],
            Vms = [new ScenarioVm("vm9")],
            Nics = [new ScenarioNic("nic9", "net/pods") { Vm = "vm9" }],
        });
        world.AddNode("node9", $"azure:///subscriptions/{Other}/resourceGroups/vnetcni/providers/Microsoft.Compute/virtualMachines/vm9");
        world.AddClass();
        var arm = new ThrottledIn(Other, world.Client);
        world.Start(arm: arm);
        world.StartAgent("node9", 4);
        await world.UntilReasonAsync(Reasons.Throttled, "node9", 60);

        world.StartAgent("node0", 4);
        await world.UntilHeldAsync(4, "node0", 60);
        // The pause is kept in the one that asked for it, and over when it said.
        Assert.Equal(1, arm.Answers);
        Assert.True(ConditionSet.IsTrue((await world.PoolAsync("node9"))!.Status!.Conditions, ConditionTypes.AzureThrottled));
        arm.IsOver = true;
        await world.UntilAsync("the other node has its addresses", async () => (await world.PoolAsync("node9"))!.Status!.Held == 4, 600);
    });

    private sealed class ThrottledIn(string subscription, IArm inner) : IArm
    {
        private static readonly byte[] Body = """{"error":{"code":"SubscriptionRequestsThrottled","message":"Number of 'read' requests exceeded."}}"""u8.ToArray();

        public int Answers { get; private set; }

        public bool IsOver { get; set; }

        public Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
        {
            if (IsOver || !request.PathAndQuery.Contains(subscription, StringComparison.OrdinalIgnoreCase))
                return inner.SendAsync(request, cancellationToken);
            Answers++;
            return Task.FromResult(new ArmResponse(429, Body) { RetryAfter = TimeSpan.FromMinutes(5) });
        }
    }
}
