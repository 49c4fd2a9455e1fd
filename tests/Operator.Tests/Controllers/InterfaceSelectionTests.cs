using System.Text;
using System.Text.Json.Nodes;
using Vnetcni.Api.Names;
using Vnetcni.Api.Settings;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.Operator.Tests.World;
using Vnetcni.TestSupport.Azure;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.Controllers;

/// <summary>VMs with several interfaces: the class says which one carries the pods.</summary>
public class InterfaceSelectionTests
{
    [Theory]
    [InlineData(NodeKind.Standalone, false)]
    [InlineData(NodeKind.Standalone, true)]
    [InlineData(NodeKind.Flex, false)]
    [InlineData(NodeKind.Flex, true)]
    [InlineData(NodeKind.Uniform, false)]
    [InlineData(NodeKind.Uniform, true)]
    public void The_chosen_interface_gets_the_addresses_and_the_other_stays_as_it_is(NodeKind kind, bool named) => Simulator.Run(800 + (int)kind, async sim =>
    {
        using var world = new OperatorWorld(sim, kind: kind, secondNic: true);
        world.AddClass(nic: named
            ? new NetworkInterfaceSettings { Selector = NetworkInterfaceSelectors.Named, Name = OperatorWorld.SecondNic(0).ToUpperInvariant() }
            : null);
        var (first, second) = (world.NicId(0), world.Names.NicId(world.VmName(0), OperatorWorld.SecondNic(0)));
        var (chosen, other) = named ? (second, first) : (first, second);
        var before = await TextAsync(world, other);
        world.Start();
        var agent = world.StartAgent("node0", desired: 8);
        await world.UntilHeldAsync(8);
        agent.Desired = 3;
        await world.UntilHeldAsync(3);
        Assert.Equal(chosen, (await world.PoolAsync())!.Status!.NetworkInterfaces!.Single().Id, ignoreCase: true);
        Assert.Equal(3, Ours(world, chosen));
        Assert.Equal(0, Ours(world, other));
        Assert.Equal(before, await TextAsync(world, other));
    });

    [Fact]
    public void A_name_that_no_interface_has_is_told() => Simulator.Run(806, async sim =>
    {
        using var world = new OperatorWorld(sim, secondNic: true);
        world.AddClass(nic: new NetworkInterfaceSettings { Selector = NetworkInterfaceSelectors.Named, Name = "eth7" });
        world.Start();
        world.StartAgent("node0", desired: 8);
        await world.UntilReasonAsync(Reasons.NicNotFound);
        Assert.Contains("eth7", OperatorWorld.Ready(await world.PoolAsync()));
        Assert.Equal(0, world.Puts);
    });

    private static async Task<string> TextAsync(OperatorWorld world, string nic)
    {
        var version = world.Kind == NodeKind.Uniform ? "2018-10-01" : "2025-05-01";
        var answer = await world.Arm.HandleAsync(new SimRequest("GET", $"{nic}?api-version={version}"), CancellationToken.None);
        Assert.Equal(200, answer.Status);
        if (world.Kind != NodeKind.Uniform)
            return Encoding.UTF8.GetString(answer.Body.Span);
        // A write of a scale set's VM moves the ETags of all its interfaces, and whatever Azure renders along with them.
        var configurations = (JsonArray)JsonNode.Parse(answer.Body.Span)!["properties"]!["ipConfigurations"]!;
        return string.Join(", ", configurations.Select(static c => $"{c!["name"]} {c["properties"]!["privateIPAddress"]}"));
    }

    private static int Ours(OperatorWorld world, string nic) => world.Arm.Addresses.Addresses.Count(a =>
        a.Nic.Equals(nic, StringComparison.OrdinalIgnoreCase) && a.IpConfiguration.StartsWith("vnetcni-", StringComparison.Ordinal));
}
