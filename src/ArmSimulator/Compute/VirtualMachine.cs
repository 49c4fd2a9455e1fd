using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Compute;

/// <summary>A virtual machine: standalone, of a Flexible scale set (there it is an ordinary VM), or of a Uniform one.</summary>
internal sealed class VirtualMachine(ResourceId id, string location, string vmId)
{
    public ResourceId Id { get; } = id;

    public string Key { get; } = id.Key;

    /// <summary>Its name; a VM of a Uniform scale set is named after that and its number.</summary>
    public string Name => Instance is null ? Id.Name : $"{Id.Name}_{Id.ChildName}";

    /// <summary>The model of a VM of a Uniform scale set; null of other VMs.</summary>
    public ScaleSetInstance? Instance { get; init; }

    public string Location { get; } = location;

    public string VmId { get; } = vmId;

    public string Size { get; init; } = "Standard_D4s_v5";

    /// <summary>Id of a Flexible scale set, or null.</summary>
    public string? ScaleSet { get; init; }

    /// <summary>running, stopped, deallocated, starting, deallocating.</summary>
    public string PowerState { get; set; } = "running";

    /// <summary>Ids of its NICs, the primary first.</summary>
    public List<string> Nics { get; } = [];

    public JsonObject Render(bool withInstanceView)
    {
        var interfaces = new JsonArray();
        for (var i = 0; i < Nics.Count; i++)
            interfaces.Push(new JsonObject { ["id"] = Nics[i], ["properties"] = new JsonObject { ["primary"] = i == 0 } });
        var properties = new JsonObject
        {
            ["vmId"] = VmId,
            ["hardwareProfile"] = new JsonObject { ["vmSize"] = Size },
            ["provisioningState"] = "Succeeded",
            ["networkProfile"] = new JsonObject { ["networkInterfaces"] = interfaces },
        };
        if (ScaleSet is not null)
            properties["virtualMachineScaleSet"] = Json.Ref(ScaleSet);
        if (withInstanceView)
            properties["instanceView"] = RenderInstanceView();
        return new JsonObject
        {
            ["name"] = Id.Name,
            ["id"] = Id.ToString(),
            ["type"] = "Microsoft.Compute/virtualMachines",
            ["location"] = Location,
            ["properties"] = properties,
        };
    }

    public JsonObject RenderInstanceView()
    {
        var statuses = new JsonArray();
        statuses.Push(new JsonObject { ["code"] = "ProvisioningState/succeeded", ["level"] = "Info", ["displayStatus"] = "Provisioning succeeded" });
        statuses.Push(new JsonObject { ["code"] = $"PowerState/{PowerState}", ["level"] = "Info", ["displayStatus"] = $"VM {PowerState}" });
        return new JsonObject { ["statuses"] = statuses };
    }
}
