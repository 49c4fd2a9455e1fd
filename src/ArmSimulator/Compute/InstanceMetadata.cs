using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Compute;

/// <summary>The network part of the instance metadata service. https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service</summary>
internal static class InstanceMetadata
{
    public static byte[]? Network(World world, string vm)
    {
        var machine = world.Vms.GetValueOrDefault(ResourceId.KeyOf(vm))
            ?? world.Vms.Values.FirstOrDefault(v => string.Equals(v.Id.Name, vm, StringComparison.OrdinalIgnoreCase));
        if (machine is null)
            return null;
        var interfaces = new JsonArray();
        foreach (var id in machine.Nics)
        {
            var nic = world.Nics[ResourceId.KeyOf(id)];
            var addresses = new JsonArray();
            foreach (var c in nic.Configurations)
                addresses.Push(new JsonObject { ["privateIpAddress"] = Ipv4.Format(c.Address), ["publicIpAddress"] = "" });
            var subnets = new JsonArray();
            subnets.Push(new JsonObject
            {
                ["address"] = Ipv4.Format(nic.Subnet.Prefix.First),
                ["prefix"] = nic.Subnet.Prefix.Length.ToString(System.Globalization.CultureInfo.InvariantCulture),
            });
            interfaces.Push(new JsonObject
            {
                ["ipv4"] = new JsonObject { ["ipAddress"] = addresses, ["subnet"] = subnets },
                ["ipv6"] = new JsonObject { ["ipAddress"] = new JsonArray() },
                ["macAddress"] = nic.Mac.Replace("-", "", StringComparison.Ordinal),
            });
        }

        return Json.Utf8(new JsonObject { ["interface"] = interfaces });
    }
}
