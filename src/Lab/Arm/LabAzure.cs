using System.Globalization;
using Vnetcni.Lab.Nodes;

namespace Vnetcni.Lab.Arm;

/// <summary>The Azure resources of the lab: one virtual network with one subnet, and machines with one NIC each.</summary>
internal sealed class LabAzure(int machines)
{
    /// <summary>Address space of the virtual network.</summary>
    public const string VNetCidr = "10.224.0.0/16";

    /// <summary>The subnet of machines and pods.</summary>
    public const string SubnetCidr = "10.224.0.0/16";

    /// <summary>Prefix length of the subnet.</summary>
    public const int SubnetLength = 16;

    /// <summary>Azure's gateway in the subnet.</summary>
    public const string Gateway = "10.224.0.1";

    /// <summary>The subscription.</summary>
    public const string Subscription = "00000000-0000-0000-0000-00000000da7a";

    /// <summary>The resource group.</summary>
    public const string ResourceGroup = "lab";

    /// <summary>The virtual network's name.</summary>
    public const string VNet = "lab-vnet";

    /// <summary>The subnet's name.</summary>
    public const string Subnet = "nodes";

    /// <summary>The machines.</summary>
    public IReadOnlyList<LabNodeSettings> Machines { get; } =
    [
        .. Enumerable.Range(1, machines).Select(i => new LabNodeSettings(
            $"node{i}",
            $"node{i}-nic",
            string.Create(CultureInfo.InvariantCulture, $"00:0d:3a:00:00:{i:x2}"),
            $"10.224.0.{i + 3}",
            string.Create(CultureInfo.InvariantCulture, $"11111111-1111-1111-1111-{i:d12}"))),
    ];

    /// <summary>Resource id prefix of the resource group.</summary>
    public static string GroupId => $"/subscriptions/{Subscription}/resourceGroups/{ResourceGroup}";

    /// <summary>Resource id of the subnet.</summary>
    public static string SubnetId => $"{GroupId}/providers/Microsoft.Network/virtualNetworks/{VNet}/subnets/{Subnet}";

    /// <summary>Resource id of a machine.</summary>
    public static string VmResourceId(LabNodeSettings machine) =>
        $"{GroupId}/providers/Microsoft.Compute/virtualMachines/{machine.Name}";

    /// <summary>The providerID that Azure's cloud provider gives a Node.</summary>
    public static string ProviderId(LabNodeSettings machine) => $"azure://{VmResourceId(machine)}";
}
