using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Network;

namespace Vnetcni.ArmSimulator.Compute;

/// <summary>The JSON of a Uniform scale set's VM. https://learn.microsoft.com/rest/api/compute/virtual-machine-scale-set-vms/get</summary>
internal static class ScaleSetModel
{
    /// <summary>Members of properties that a client cannot write.</summary>
    private static readonly IReadOnlyList<string> ReadOnly =
        ["vmId", "provisioningState", "instanceView", "latestModelApplied", "modelDefinitionApplied", "timeCreated", "networkProfile"];

    /// <summary>The model of a new VM without interfaces.</summary>
    public static JsonObject New(VirtualMachine vm, string created) => new()
    {
        ["name"] = vm.Name,
        ["id"] = vm.Id.ToString(),
        ["type"] = "Microsoft.Compute/virtualMachineScaleSets/virtualMachines",
        ["location"] = vm.Location,
        ["etag"] = vm.Instance!.Etag,
        ["instanceId"] = vm.Id.ChildName,
        ["sku"] = new JsonObject { ["name"] = vm.Size, ["tier"] = "Standard" },
        ["properties"] = new JsonObject
        {
            ["latestModelApplied"] = true,
            ["modelDefinitionApplied"] = "VirtualMachineScaleSet",
            ["networkProfileConfiguration"] = new JsonObject { ["networkInterfaceConfigurations"] = new JsonArray() },
            ["hardwareProfile"] = new JsonObject(),
            ["storageProfile"] = new JsonObject
            {
                ["imageReference"] = new JsonObject
                {
                    ["publisher"] = "Canonical",
                    ["offer"] = "ubuntu-24_04-lts",
                    ["sku"] = "server",
                    ["version"] = "latest",
                    ["exactVersion"] = "24.04.202501010",
                },
                ["osDisk"] = new JsonObject { ["osType"] = "Linux", ["name"] = $"{vm.Name}_OsDisk", ["createOption"] = "FromImage", ["caching"] = "ReadWrite", ["diskSizeGB"] = 128 },
                ["dataDisks"] = new JsonArray(),
            },
            ["osProfile"] = new JsonObject { ["computerName"] = vm.Name.Replace('_', '-'), ["adminUsername"] = "azureuser", ["secrets"] = new JsonArray() },
            ["networkProfile"] = new JsonObject { ["networkInterfaces"] = new JsonArray() },
            ["provisioningState"] = vm.Instance.State,
            ["vmId"] = vm.VmId,
            ["timeCreated"] = created,
        },
    };

    public static JsonArray Interfaces(JsonObject model) =>
        model["properties"].Object("networkProfileConfiguration").Array("networkInterfaceConfigurations") ?? [];

    /// <summary>One interface of the model, as its NIC stands. Addresses and allocation methods are not part of a model.</summary>
    public static JsonObject InterfaceOf(Nic nic, JsonObject body)
    {
        var configurations = new JsonArray();
        foreach (var node in body["properties"].Array("ipConfigurations") ?? [])
        {
            var properties = (JsonObject)node!["properties"]!.DeepClone();
            foreach (var name in (ReadOnlySpan<string>)["provisioningState", "privateIPAddress", "privateIPAllocationMethod"])
                properties.Remove(name);
            configurations.Push(new JsonObject { ["name"] = node.String("name"), ["properties"] = properties });
        }

        return new JsonObject
        {
            ["name"] = nic.Id.OwnName,
            ["properties"] = new JsonObject
            {
                ["primary"] = nic.PrimaryOfVm,
                ["enableAcceleratedNetworking"] = body["properties"].Bool("enableAcceleratedNetworking") ?? false,
                ["dnsSettings"] = new JsonObject { ["dnsServers"] = new JsonArray() },
                ["enableIPForwarding"] = body["properties"].Bool("enableIPForwarding") ?? false,
                ["ipConfigurations"] = configurations,
            },
        };
    }

    /// <summary>The body that a NIC is to have by the model: it keeps what the model does not speak of.</summary>
    public static JsonObject NicBody(Nic nic, JsonArray configurations)
    {
        var body = Json.ParseObject(nic.Body);
        var before = new Dictionary<string, JsonObject>(StringComparer.OrdinalIgnoreCase);
        foreach (var node in body["properties"].Array("ipConfigurations")!)
            before[node.String("name") ?? ""] = (JsonObject)node!;
        var wanted = new JsonArray();
        foreach (var node in configurations)
        {
            if (node is not JsonObject asked || asked.Object("properties") is not { } properties)
                throw ArmErrors.BadFormat("An IP configuration is not a JSON object with properties.", "ipConfigurations");
            var one = before.TryGetValue(asked.String("name") ?? "", out var there)
                ? (JsonObject)there.DeepClone()
                : new JsonObject { ["name"] = asked["name"]?.DeepClone(), ["properties"] = new JsonObject { ["privateIPAllocationMethod"] = "Dynamic" } };
            foreach (var (name, value) in properties)
                one["properties"]![name] = value?.DeepClone();
            wanted.Push(one);
        }

        body["properties"]!["ipConfigurations"] = wanted;
        return body;
    }

    /// <summary>What a GET answers after a PUT: what the client sent, with what only Azure sets put over it.</summary>
    public static JsonObject Written(JsonObject sent, JsonObject before)
    {
        var body = (JsonObject)sent.DeepClone();
        foreach (var name in (ReadOnlySpan<string>)["name", "id", "type", "location", "instanceId", "sku", "zones"])
        {
            body.Remove(name);
            if (before.TryGetPropertyValue(name, out var value))
                body[name] = value?.DeepClone();
        }

        var properties = (JsonObject)body["properties"]!;
        var old = (JsonObject)before["properties"]!;
        foreach (var name in ReadOnly)
        {
            properties.Remove(name);
            if (old.TryGetPropertyValue(name, out var value))
                properties[name] = value?.DeepClone();
        }

        properties["modelDefinitionApplied"] = "VirtualMachine";
        if (properties.Object("storageProfile") is { } storage && old.Object("storageProfile")?["imageReference"] is { } image)
        {
            storage["imageReference"] = image.DeepClone();
            properties["storageProfile"] = Json.InOrder(storage, "imageReference");
        }

        return Json.InOrder(body, "name", "id", "type", "location", "etag", "instanceId", "sku", "zones", "properties");
    }
}
