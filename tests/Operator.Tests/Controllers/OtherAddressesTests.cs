using System.Text.Json.Nodes;
using Vnetcni.Api.Names;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Tests.Azure;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

/// <summary>Others in the same virtual network: other clusters, other tools, as far as ARM shows them.</summary>
public class OtherAddressesTests
{
    private const string Subnet = OperatorWorld.NetworkId + "/subnets/pods";

    [Fact]
    public void Pods_of_another_cluster_count_against_the_limit_of_a_network_that_is_shared() => Simulator.Run(401, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 2);
        await world.AddAsync(sim, 1, "vnetcni-0badcafe-0", "vnetcni-0badcafe-1", "vnetcni-0badcafe-2", "pod-4", "pod-5");
        world.AddClass();
        world.Start(change: s => s with { PerVirtualNetwork = 12, UsageInterval = TimeSpan.FromMinutes(1), OthersInterval = TimeSpan.FromMinutes(2) });
        world.StartAgent("node0", 4);
        await world.UntilHeldAsync(4);
        await world.UntilAsync("they are counted", async () => (await world.NetworkAsync())!.Status is { UsedByOthers: 5, UsedByUs: 4, Free: 3 });
        // They grow, and what they have stops us.
        await world.AddAsync(sim, 1, "pod-6", "pod-7");
        await world.UntilAsync("they are counted anew", async () => (await world.NetworkAsync())!.Status is { UsedByOthers: 7, Free: 1 });
        var second = world.StartAgent("node1", 4);
        second.Pods = 4;
        await world.UntilHeldAsync(1, "node1");
        await world.UntilReasonAsync(Reasons.VNetLimitReached, "node1");
        Assert.Contains("7 of them others'", OperatorWorld.Ready(await world.PoolAsync("node1")));
    });

    [Fact]
    public void Nothing_is_listed_while_all_that_is_used_is_ours() => Simulator.Run(402, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start(change: s => s with { UsageInterval = TimeSpan.FromMinutes(1) });
        world.StartAgent("node0", 4);
        await world.UntilHeldAsync(4);
        await world.UntilAsync("it was looked at", async () => (await world.NetworkAsync())!.Status is { UsedByOthers: 0, Subnets.Count: 1 });
        var before = world.Arm.Journal.Count(IsList);
        await sim.Delay(TimeSpan.FromMinutes(20));
        Assert.Equal(before, world.Arm.Journal.Count(IsList));
    });

    [Fact]
    public void The_budgets_runway_is_told() => Simulator.Run(403, async sim =>
    {
        using var world = new OperatorWorld(sim);
        world.AddClass();
        world.Start(change: s => s with { UsageInterval = TimeSpan.FromMinutes(1), PerVirtualNetwork = 100 });
        var agent = world.StartAgent("node0", 4);
        await world.UntilHeldAsync(4);
        await world.UntilAsync("nothing grows", async () => (await world.NetworkAsync())!.Status!.Runway == "no growth", 5_400);
        for (var i = 0; i < 6; i++)
        {
            agent.Desired += 5;
            await sim.Delay(TimeSpan.FromMinutes(10));
        }

        Assert.Matches("^about [123](\\.[0-9])? h at [23][0-9] addresses an hour$", (await world.NetworkAsync())!.Status!.Runway);
    });

    [Fact]
    public async Task A_list_counts_secondary_IPv4_configurations_that_are_not_ours_by_network()
    {
        var first = Page(
            "http://unused/next",
            Interface("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/NET/subnets/a",
                ("primary", true, "10.0.0.4"), ("vnetcni-1a2b3c4d-0", false, "10.0.0.5"), ("vnetcni-99999999-0", false, "10.0.0.6"), ("v6", false, "fd00::1"), ("new", false, null)));
        var second = Page(
            null,
            Interface("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/other/subnets/a", ("ipconfig2", false, "10.9.0.4")),
            """{"properties":{"ipConfigurations":[{"name":"x","properties":{}}]}}""",
            """{"name":"none"}""");
        var arm = new CannedArm(request => CannedArm.Answer(200, request.PathAndQuery.EndsWith("/next", StringComparison.Ordinal) ? second : first));
        var counts = await new ForeignAddressClient(arm, new OwnedNames("1a2b3c4d")).CountAsync("s", TestContext.Current.CancellationToken);
        Assert.Equal(2, arm.Requests.Count);
        Assert.Equal(
            [
                new("/subscriptions/s/resourcegroups/g/providers/microsoft.network/virtualnetworks/net", 2),
                new("/subscriptions/s/resourcegroups/g/providers/microsoft.network/virtualnetworks/other", 1),
            ],
            counts.Value!);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"value\":{}}")]
    [InlineData("{\"value\":[7]}")]
    [InlineData("{\"value\":[{\"properties\":{\"ipConfigurations\":[{}]}}]}")]
    [InlineData("{\"value\":[")]
    public async Task An_answer_of_another_shape_is_refused(string body) => await Assert.ThrowsAsync<ArmAnswerException>(() =>
        new ForeignAddressClient(CannedArm.Of(200, body), new OwnedNames("1a2b3c4d")).CountAsync("s", TestContext.Current.CancellationToken));

    [Fact]
    public void Where_ARM_does_not_list_the_reservation_for_others_holds() => Simulator.Run(404, async sim =>
    {
        using var world = new OperatorWorld(sim, nodes: 2);
        await world.AddAsync(sim, 1, "pod-1", "pod-2");
        world.AddClass();
        world.Start(
            change: s => s with { PerVirtualNetwork = 12, UsageInterval = TimeSpan.FromMinutes(1) },
            arm: new GuardedList(world.Client));
        world.StartAgent("node0", 4);
        await world.UntilHeldAsync(4);
        await sim.Delay(TimeSpan.FromMinutes(10));
        Assert.Equal((0, 8), ((await world.NetworkAsync())!.Status!.UsedByOthers, (await world.NetworkAsync())!.Status!.Free));
        Assert.Contains((await world.NetworkAsync())!.Status!.Subnets!, s => s.Id.Equals(Subnet, StringComparison.OrdinalIgnoreCase) && s.Free is not null);
    });

    private static bool IsList(ArmSimulator.Journal.JournalEntry entry) =>
        entry.Method == "GET" && entry.PathAndQuery.Contains("networkInterfaces?", StringComparison.OrdinalIgnoreCase);

    private static string Interface(string subnet, params (string Name, bool Primary, string? Address)[] all)
    {
        var list = all.Select(c => new JsonObject
        {
            ["name"] = c.Name,
            ["properties"] = new JsonObject { ["primary"] = c.Primary, ["privateIPAddress"] = c.Address, ["subnet"] = new JsonObject { ["id"] = subnet } },
        });
        return new JsonObject
        {
            ["name"] = "n",
            ["tags"] = new JsonObject { ["ipConfigurations"] = new JsonArray() },
            ["properties"] = new JsonObject { ["a"] = 1, ["ipConfigurations"] = new JsonArray([.. list]) },
        }.ToJsonString();
    }

    private static string Page(string? next, params string[] interfaces) =>
        $$"""{"value":[{{string.Join(',', interfaces)}}]{{(next is null ? "" : $",\"nextLink\":\"{next}\"")}}}""";

    // An identity that is confined to a resource group.
    private sealed class GuardedList(IArm inner) : IArm
    {
        public Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken) =>
            request.PathAndQuery.Contains("networkInterfaces?", StringComparison.OrdinalIgnoreCase)
                ? Task.FromResult(CannedArm.Answer(403, """{"error":{"code":"AuthorizationFailed","message":"no"}}"""))
                : inner.SendAsync(request, cancellationToken);
    }
}
