using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Compute;

/// <summary>A scale set with Uniform orchestration. Its VMs are made by seeding.</summary>
internal sealed class ScaleSet(ResourceId id, string location)
{
    public ResourceId Id { get; } = id;

    public string Location { get; } = location;

    public JsonObject Render(int capacity) => new()
    {
        ["name"] = Id.Name,
        ["id"] = Id.ToString(),
        ["type"] = "Microsoft.Compute/virtualMachineScaleSets",
        ["location"] = Location,
        ["sku"] = new JsonObject { ["name"] = "Standard_D4s_v5", ["tier"] = "Standard", ["capacity"] = capacity },
        ["properties"] = new JsonObject
        {
            ["provisioningState"] = "Succeeded",
            ["orchestrationMode"] = "Uniform",
            ["singlePlacementGroup"] = false,
            ["overprovision"] = false,
        },
    };
}
