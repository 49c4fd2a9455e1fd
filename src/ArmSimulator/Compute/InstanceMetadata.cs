using System.Globalization;
using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Compute;

/// <summary>What a VM's instance metadata service says. https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service</summary>
internal static class InstanceMetadata
{
    /// <summary>Section network or compute, or both for null; null if there is no such VM or section.</summary>
    public static byte[]? Of(World world, string vm, string? section, DateTimeOffset asOf)
    {
        if (Find(world, vm) is not { } machine)
            return null;
        JsonObject? body = section switch
        {
            "network" => Network(world, machine, asOf),
            "compute" => Compute(machine),
            null => new JsonObject { ["compute"] = Compute(machine), ["network"] = Network(world, machine, asOf) },
            _ => null,
        };
        return body is null ? null : Json.Utf8(body);
    }

    /// <summary>The VM of an id or a name, or null.</summary>
    public static VirtualMachine? Find(World world, string vm) => world.Vms.GetValueOrDefault(ResourceId.KeyOf(vm))
        ?? world.Vms.Values.FirstOrDefault(v => string.Equals(v.Name, vm, StringComparison.OrdinalIgnoreCase));

    private static JsonObject Compute(VirtualMachine vm) => new()
    {
        ["location"] = vm.Location,
        ["name"] = vm.Name,
        ["resourceGroupName"] = vm.Id.ResourceGroup,
        ["resourceId"] = vm.Id.ToString(),
        ["subscriptionId"] = vm.Id.Subscription,
        ["vmId"] = vm.VmId,
        ["vmSize"] = vm.Size,
    };

    private static JsonObject Network(World world, VirtualMachine vm, DateTimeOffset asOf)
    {
        var interfaces = new JsonArray();
        foreach (var id in vm.Nics)
        {
            var nic = world.Nics[ResourceId.KeyOf(id)];
            var addresses = new JsonArray();
            foreach (var c in nic.ConfigurationsAt(asOf))
                addresses.Push(new JsonObject { ["privateIpAddress"] = Ipv4.Format(c.Address), ["publicIpAddress"] = "" });
            var subnets = new JsonArray();
            subnets.Push(new JsonObject
            {
                ["address"] = Ipv4.Format(nic.Subnet.Prefix.First),
                ["prefix"] = nic.Subnet.Prefix.Length.ToString(CultureInfo.InvariantCulture),
            });
            interfaces.Push(new JsonObject
            {
                ["ipv4"] = new JsonObject { ["ipAddress"] = addresses, ["subnet"] = subnets },
                ["ipv6"] = new JsonObject { ["ipAddress"] = new JsonArray() },
                ["macAddress"] = nic.Mac.Replace("-", "", StringComparison.Ordinal),
            });
        }

        return new JsonObject { ["interface"] = interfaces };
    }
}
