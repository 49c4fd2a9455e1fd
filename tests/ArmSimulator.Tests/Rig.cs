using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Seeding;

namespace Vnetcni.ArmSimulator.Tests;

/// <summary>A simulator on a clock that the test moves, with one VNet, two VMs and their NICs.</summary>
internal sealed class Rig : IDisposable
{
    public const string Sub = "00000000-0000-0000-0000-000000000001";
    public const string Group = $"/subscriptions/{Sub}/resourceGroups/rg";
    public const string Vnet = $"{Group}/providers/Microsoft.Network/virtualNetworks/vnet";
    public const string Subnet = $"{Vnet}/subnets/pods";
    public const string OtherSubnet = $"{Vnet}/subnets/other";
    public const string Nic1 = $"{Group}/providers/Microsoft.Network/networkInterfaces/nic-1";
    public const string Nic2 = $"{Group}/providers/Microsoft.Network/networkInterfaces/nic-2";
    public const string Vm1 = $"{Group}/providers/Microsoft.Compute/virtualMachines/vm-1";
    public const string NetworkVersion = "?api-version=2025-05-01";

    public Rig(SimSettings? settings = null, ulong seed = 1, string pods = "10.0.0.0/16", string space = "10.0.0.0/15", TextWriter? journal = null)
    {
        Time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Arm = new SimulatedArm(Time, seed, settings ?? new SimSettings(), journal);
        Arm.Seed(new Scenario
        {
            ResourceGroup = "rg",
            Vnets =
            [
                new ScenarioVnet("vnet", [space], [new ScenarioSubnet("pods", pods), new ScenarioSubnet("other", "10.1.0.0/24")])
                {
                    Peerings = [new ScenarioPeering("hub", $"{Group}/providers/Microsoft.Network/virtualNetworks/hub", ["10.200.0.0/16"])],
                },
            ],
            Vms = [new ScenarioVm("vm-1"), new ScenarioVm("vm-2")],
            Nics =
            [
                new ScenarioNic("nic-1", "vnet/pods") { Vm = "vm-1" },
                new ScenarioNic("nic-2", "vnet/pods") { Vm = "vm-2" },
            ],
        });
    }

    public FakeTimeProvider Time { get; }

    public SimulatedArm Arm { get; }

    public SimResponse Send(string method, string path, JsonNode? body = null, params (string Name, string Value)[] headers) =>
        SendRaw(method, path, body is null ? default : Encoding.UTF8.GetBytes(body.ToJsonString()), headers);

    public SimResponse SendRaw(string method, string path, ReadOnlyMemory<byte> body, params (string Name, string Value)[] headers)
    {
        var task = Arm.HandleAsync(
            new SimRequest(method, path.Contains('?') ? path : path + NetworkVersion)
            {
                Body = body,
                Headers = headers.ToDictionary(static h => h.Name, static h => h.Value),
            },
            TestContext.Current.CancellationToken);
        Assert.True(task.IsCompleted, "Without request latency an answer is there at once.");
        return task.GetAwaiter().GetResult();
    }

    public SimResponse Get(string path) => Send("GET", path);

    public SimResponse Put(string id, JsonNode body, string? ifMatch = null) =>
        ifMatch is null ? Send("PUT", id, body) : Send("PUT", id, body, ("If-Match", ifMatch));

    public JsonObject Read(string id)
    {
        var response = Get(id);
        Assert.Equal(200, response.Status);
        return Body(response);
    }

    /// <summary>GET, edit, PUT with If-Match; the answer is returned as it came.</summary>
    public SimResponse Edit(string id, Action<JsonObject> edit)
    {
        var response = Get(id);
        var body = Body(response);
        edit(body);
        return Put(id, body, response.Header("ETag"));
    }

    /// <summary>The same as another tool, which may change what it likes.</summary>
    public SimResponse EditAsForeigner(string id, Action<JsonObject> edit)
    {
        var body = Read(id);
        edit(body);
        return Send("PUT", id, body, (SimRequest.WriterHeader, "foreign"));
    }

    /// <summary>Ends what runs.</summary>
    public void Settle() => Time.Advance(TimeSpan.FromHours(6));

    public void AssertClean() => Assert.Empty(Arm.Violations);

    public void Dispose()
    {
        Arm.Dispose();
    }

    public static JsonObject Body(SimResponse response) => JsonNode.Parse(response.Body.Span)!.AsObject();

    public static string Code(SimResponse response) => Body(response)["error"]!["code"]!.GetValue<string>();

    public static string Message(SimResponse response) => Body(response)["error"]!["message"]!.GetValue<string>();

    public static JsonNode Detail(SimResponse response) => Assert.Single(Body(response)["error"]!["details"]!.AsArray())!;

    public static JsonArray Configs(JsonNode nic) => nic["properties"]!["ipConfigurations"]!.AsArray();

    public static JsonObject Config(string name, string subnet = Subnet, string? address = null, bool primary = false) => new()
    {
        ["name"] = name,
        ["properties"] = new JsonObject
        {
            ["subnet"] = new JsonObject { ["id"] = subnet },
            ["privateIPAllocationMethod"] = address is null ? "Dynamic" : "Static",
            ["privateIPAddress"] = address,
            ["primary"] = primary,
        },
    };

    public static void Add(JsonObject nic, params string[] names)
    {
        foreach (var name in names)
            Configs(nic).Add((JsonNode)Config(name));
    }

    public static JsonObject NewNic(params JsonObject[] configs) => new()
    {
        ["location"] = "westeurope",
        ["properties"] = new JsonObject { ["ipConfigurations"] = new JsonArray([.. configs]) },
    };

    public static string Address(JsonNode nic, string name) =>
        Configs(nic).Single(c => c!["name"]!.GetValue<string>() == name)!["properties"]!["privateIPAddress"]!.GetValue<string>();

    public static string[] Names(JsonNode nic) => [.. Configs(nic).Select(static c => c!["name"]!.GetValue<string>())];
}
