using System.Text;
using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.TestSupport.Azure;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.World;

/// <summary>Another tool, or a person, that writes an interface.</summary>
internal static class NicEdit
{
    private const string Version = "?api-version=2025-05-01";
    private const string ComputeVersion = "?api-version=2025-04-01";

    /// <summary>Adds ipConfigurations of these names, with addresses of ARM's choice, and waits until they are there.</summary>
    public static Task AddAsync(this OperatorWorld world, Simulator sim, int nic, params string[] names) => world.EditAsync(sim, nic, list =>
    {
        var subnet = list[0]!["properties"]!["subnet"]!["id"]!.GetValue<string>();
        foreach (var name in names)
            list.Add(new JsonObject
            {
                ["name"] = name,
                ["properties"] = new JsonObject { ["privateIPAllocationMethod"] = "Dynamic", ["subnet"] = new JsonObject { ["id"] = subnet } },
            });
    });

    /// <summary>Adds one with an address of the caller's choice.</summary>
    public static Task TakeAsync(this OperatorWorld world, Simulator sim, int nic, string name, string address) => world.EditAsync(sim, nic, list => list.Add(new JsonObject
    {
        ["name"] = name,
        ["properties"] = new JsonObject
        {
            ["privateIPAllocationMethod"] = "Static",
            ["privateIPAddress"] = address,
            ["subnet"] = new JsonObject { ["id"] = list[0]!["properties"]!["subnet"]!["id"]!.GetValue<string>() },
        },
    }));

    /// <summary>Removes those of these names.</summary>
    public static Task RemoveAsync(this OperatorWorld world, Simulator sim, int nic, params string[] names) => world.EditAsync(sim, nic, Without(names));

    /// <summary>Removes one, and gives its address to another interface before anybody notices.</summary>
    public static async Task StealAsync(this OperatorWorld world, Simulator sim, int from, string name, string address, int to)
    {
        await world.EditAsync(sim, from, Without(name), settle: 0);
        await world.TakeAsync(sim, to, "stolen", address);
    }

    /// <summary>Changes the list of ipConfigurations as another writer than the operator, and waits until ARM is done.</summary>
    public static async Task EditAsync(this OperatorWorld world, Simulator sim, int nic, Action<JsonArray> edit, double settle = 60)
    {
        var uniform = world.Kind == NodeKind.Uniform;
        var path = uniform ? world.VmId(nic) + ComputeVersion : world.NicId(nic) + Version;
        for (var tries = 0; tries < 50; tries++)
        {
            var read = await world.Arm.HandleAsync(new SimRequest("GET", path), CancellationToken.None);
            var body = JsonNode.Parse(read.Body.Span)!;
            if (uniform)
                body["properties"]!["storageProfile"]!.AsObject().Remove("imageReference");
            var holder = uniform ? body["properties"]!["networkProfileConfiguration"]!["networkInterfaceConfigurations"]![0]! : body;
            edit((JsonArray)holder["properties"]!["ipConfigurations"]!);
            var answer = await world.Arm.HandleAsync(
                new SimRequest("PUT", path)
                {
                    Body = Encoding.UTF8.GetBytes(body.ToJsonString()),
                    Headers = new Dictionary<string, string> { [SimRequest.WriterHeader] = "foreign" },
                },
                CancellationToken.None);
            if (answer.Status is 200 or 201)
            {
                await sim.Delay(TimeSpan.FromSeconds(settle));
                return;
            }

            await sim.Delay(TimeSpan.FromSeconds(2));
        }

        Assert.Fail($"ARM does not take the edit of interface {nic}");
    }

    private static Action<JsonArray> Without(params string[] names) => list =>
    {
        foreach (var gone in list.Where(c => names.Contains(c!["name"]!.GetValue<string>())).ToArray())
            list.Remove(gone);
    };
}
