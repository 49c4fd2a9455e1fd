using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Seeding;

namespace Vnetcni.ArmSimulator.Tests;

/// <summary>A Uniform scale set with two VMs in the network of <see cref="Rig"/>.</summary>
internal static class ScaleSetRig
{
    public const string Set = $"{Rig.Group}/providers/Microsoft.Compute/virtualMachineScaleSets/set";
    public const string Vm = $"{Set}/virtualMachines/3";
    public const string Nic = $"{Vm}/networkInterfaces/eth0";
    public const string ComputeVersion = "?api-version=2025-04-01";
    public const string ViewVersion = "?api-version=2018-10-01";

    public static Rig Make(SimSettings? settings = null, string pods = "10.0.0.0/16", TextWriter? journal = null)
    {
        var rig = new Rig(settings, pods: pods, journal: journal);
        rig.Arm.Seed(new Scenario
        {
            ResourceGroup = "rg",
            ScaleSets = [new ScenarioScaleSet("set")],
            Vms = [new ScenarioVm("set/3"), new ScenarioVm("set/4")],
            Nics =
            [
                new ScenarioNic("eth0", "vnet/pods")
                {
                    Vm = "set/3",
                    Secondary = new Dictionary<string, string?> { ["other-tool"] = null },
                    Extra = new JsonObject { ["properties"] = new JsonObject { ["novel"] = 7 } },
                },
                new ScenarioNic("eth0", "vnet/pods") { Vm = "set/4" },
            ],
        });
        return rig;
    }

    public static JsonObject Model(this Rig rig, string vm = Vm) => Rig.Body(rig.Get(vm + ComputeVersion));

    public static JsonObject View(this Rig rig, string nic = Nic) => Rig.Body(rig.Get(nic + ViewVersion));

    public static JsonArray Configs(JsonNode model) =>
        model["properties"]!["networkProfileConfiguration"]!["networkInterfaceConfigurations"]![0]!["properties"]!["ipConfigurations"]!.AsArray();

    public static string[] Names(JsonNode model) => [.. Configs(model).Select(static c => c!["name"]!.GetValue<string>())];

    public static string Address(this Rig rig, string name, string nic = Nic) => Rig.Address(rig.View(nic), name);

    /// <summary>GET, add and remove, PUT without the image; the answer as it came.</summary>
    public static SimResponse Change(this Rig rig, string[] add, string[]? remove = null, string? ifMatch = null, string vm = Vm)
    {
        var model = rig.Model(vm);
        foreach (var gone in Configs(model).Where(c => (remove ?? []).Contains(c!["name"]!.GetValue<string>())).ToArray())
            Configs(model).Remove(gone);
        foreach (var name in add)
            Configs(model).Add((JsonNode)new JsonObject { ["name"] = name, ["properties"] = new JsonObject { ["primary"] = false, ["subnet"] = new JsonObject { ["id"] = Rig.Subnet } } });
        model["properties"]!["storageProfile"]!.AsObject().Remove("imageReference");
        return rig.Put(vm + ComputeVersion, model, ifMatch ?? (string)model["etag"]!);
    }
}
