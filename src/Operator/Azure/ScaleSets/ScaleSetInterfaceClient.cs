using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.NetworkInterfaces;
using Vnetcni.Operator.Azure.Resources;
using Vnetcni.Operator.Azure.Scheduling;

namespace Vnetcni.Operator.Azure.ScaleSets;

/// <summary>
/// Reads an interface of a uniform scale set. The model of the VM says what is wanted and is what a PUT takes; only the interface itself
/// tells the addresses. Both are read, the model first: what either has counts as there.
/// Sources: https://learn.microsoft.com/rest/api/compute/virtual-machine-scale-set-vms,
/// https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces-in-vmss
/// </summary>
/// <param name="arm">ARM.</param>
/// <param name="names">Which ipConfigurations are ours.</param>
internal sealed class ScaleSetInterfaceClient(IArm arm, OwnedNames names)
{
    internal const string ResourceType = "Microsoft.Compute/virtualMachineScaleSets/virtualMachines/networkInterfaces";

    /// <summary>Where the model is read and written.</summary>
    internal static string VmPath(ResourceId nic) => $"{nic.Parent}?api-version={ArmApiVersions.Compute}";

    internal async Task<ArmResult<NicView>> GetAsync(ResourceId nic, ArmPriority priority, CancellationToken cancellationToken)
    {
        var response = await arm.SendAsync(new ArmRequest("GET", VmPath(nic)) { Priority = priority }, cancellationToken);
        var kept = false;
        try
        {
            if (!response.IsSuccess)
                return new ArmResult<NicView>(null, ArmErrors.Of(response));
            var model = ScaleSetVmReader.Read(response.Body, names, nic.Name, response.ETag);
            if (!nic.Parent!.ToString().Equals(model.Id, StringComparison.OrdinalIgnoreCase))
                throw new ArmAnswerException($"asked for {nic.Parent}, ARM answered another VM");

            using var second = await arm.SendAsync(new ArmRequest("GET", $"{nic}?api-version={ArmApiVersions.ScaleSetNetwork}") { Priority = priority }, cancellationToken);
            if (!second.IsSuccess)
                return new ArmResult<NicView>(null, ArmErrors.Of(second));
            var actual = NicReader.Read(second.Body, names, second.ETag, lease: null, writesElsewhere: true);
            if (!nic.ToString().Equals(actual.Id, StringComparison.OrdinalIgnoreCase))
                throw new ArmAnswerException($"asked for {nic}, ARM answered another interface");
            var view = ScaleSetInterface.Join(model, actual, response);
            kept = true;
            return new ArmResult<NicView>(view, null);
        }
        finally
        {
            if (!kept)
                response.Dispose();
        }
    }
}
