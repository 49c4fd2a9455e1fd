using System.Globalization;

namespace Vnetcni.TestSupport.Azure;

/// <summary>Names and ids of a node's VM and interface, by its kind. VM names are those of the ARM simulator's scenarios.</summary>
/// <param name="kind">What it is.</param>
/// <param name="group">Id of the resource group with its subscription, without a slash at the end.</param>
public sealed class NodeNames(NodeKind kind, string group)
{
    /// <summary>The scale set of uniform nodes.</summary>
    public const string UniformSet = "uniform";

    /// <summary>The scale set of flexible nodes.</summary>
    public const string FlexSet = "flex";

    /// <summary>Name of the VM in a scenario.</summary>
    /// <param name="name">Name of a standalone one.</param>
    /// <param name="number">Number of the node; instance id of a uniform one.</param>
    public string Vm(string name, int number) => kind switch
    {
        NodeKind.Uniform => string.Create(CultureInfo.InvariantCulture, $"{UniformSet}/{number}"),
        NodeKind.Flex => string.Create(CultureInfo.InvariantCulture, $"{FlexSet}_{number:x8}"),
        _ => name,
    };

    /// <summary>Id of the flexible scale set; null of other kinds.</summary>
    public string? FlexSetId => kind == NodeKind.Flex ? $"{group}/providers/Microsoft.Compute/virtualMachineScaleSets/{FlexSet}" : null;

    /// <summary>ARM id of a VM.</summary>
    /// <param name="vm">Its name in a scenario.</param>
    public string VmId(string vm) => vm.Split('/') is [var set, var instance]
        ? $"{group}/providers/Microsoft.Compute/virtualMachineScaleSets/{set}/virtualMachines/{instance}"
        : $"{group}/providers/Microsoft.Compute/virtualMachines/{vm}";

    /// <summary>ARM id of an interface.</summary>
    /// <param name="vm">Name of its VM in a scenario.</param>
    /// <param name="nic">Its name.</param>
    public string NicId(string vm, string nic) => kind == NodeKind.Uniform
        ? $"{VmId(vm)}/networkInterfaces/{nic}"
        : $"{group}/providers/Microsoft.Network/networkInterfaces/{nic}";
}
