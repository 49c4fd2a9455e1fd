using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Azure.VirtualMachines;

namespace Vnetcni.Operator.Azure.Inventory;

/// <summary>VMs and interfaces by LIST where many are asked for. Uniform scale sets are in neither of the two lists.</summary>
internal sealed class ArmInventory
{
    /// <param name="arm">ARM.</param>
    /// <param name="names">Which ipConfigurations are ours.</param>
    /// <param name="time">The clock.</param>
    public ArmInventory(IArm arm, OwnedNames names, TimeProvider time)
    {
        var machines = new GroupListClient<VirtualMachineView>(arm, VirtualMachineClient.ResourceType, ArmApiVersions.Compute, static utf8 =>
        {
            var vm = VirtualMachineReader.Read(utf8.Span);
            return (vm.Id, vm);
        });
        var interfaces = new GroupListClient<ListedInterface>(arm, NetworkInterfaceClient.ResourceType, ArmApiVersions.Network, utf8 =>
        {
            using var nic = NicReader.Read(utf8, names, etagHeader: null, lease: null);
            return (nic.Id, new ListedInterface(nic.ETag, nic.Primary.SubnetId, nic.ResourceGuid));
        });
        Machines = new GroupInventory<VirtualMachineView>(time, machines.ListAsync);
        Interfaces = new GroupInventory<ListedInterface>(time, interfaces.ListAsync);
    }

    public GroupInventory<VirtualMachineView> Machines { get; }

    public GroupInventory<ListedInterface> Interfaces { get; }
}
