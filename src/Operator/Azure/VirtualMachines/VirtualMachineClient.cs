using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.Resources;

namespace Vnetcni.Operator.Azure.VirtualMachines;

/// <summary>
/// Reads VMs: standalone, of flexible and of uniform scale sets.
/// Sources: https://learn.microsoft.com/rest/api/compute/virtual-machines/get,
/// https://learn.microsoft.com/rest/api/compute/virtual-machine-scale-set-vms/get
/// </summary>
/// <param name="arm">ARM.</param>
public sealed class VirtualMachineClient(IArm arm)
{
    /// <summary>Full type of a VM.</summary>
    public const string ResourceType = "Microsoft.Compute/virtualMachines";

    /// <summary>Full type of a uniform scale set's VM.</summary>
    public const string ScaleSetResourceType = "Microsoft.Compute/virtualMachineScaleSets/virtualMachines";

    /// <summary>The VM with its power state. Throws as <see cref="IArm.SendAsync"/> does, and <see cref="ArmAnswerException"/>.</summary>
    public async Task<ArmResult<VirtualMachineView>> GetAsync(ResourceId vm, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vm);
        if (!vm.IsOfType(ResourceType) && !vm.IsOfType(ScaleSetResourceType))
            throw new ArgumentException($"{vm} is not a virtual machine", nameof(vm));
        var request = new ArmRequest("GET", $"{vm}?api-version={ArmApiVersions.Compute}&$expand=instanceView");
        using var response = await arm.SendAsync(request, cancellationToken);
        return response.IsSuccess
            ? new ArmResult<VirtualMachineView>(VirtualMachineReader.Read(response.Body.Span), null)
            : new ArmResult<VirtualMachineView>(null, ArmErrors.Of(response));
    }
}
