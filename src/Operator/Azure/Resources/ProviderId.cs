using System.Diagnostics.CodeAnalysis;

namespace Vnetcni.Operator.Azure.Resources;

/// <summary>
/// <c>spec.providerID</c> of a Node on Azure: <c>azure://</c> and the id of the VM.
/// Source: https://github.com/kubernetes-sigs/cloud-provider-azure
/// </summary>
/// <param name="Vm">The VM.</param>
/// <param name="IsScaleSetVm">Whether it is an instance of a uniform scale set; else an ordinary VM (standalone or flexible scale set).</param>
public sealed record ProviderId(ResourceId Vm, bool IsScaleSetVm)
{
    private const string Scheme = "azure://";

    /// <summary>Reads a providerID; false for other clouds and anything that is not a VM's id.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ProviderId? value)
    {
        value = null;
        if (text is null || !text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            || !ResourceId.TryParse(text[Scheme.Length..], out var id))
        {
            return false;
        }

        if (id.IsOfType("Microsoft.Compute/virtualMachines"))
            value = new ProviderId(id, IsScaleSetVm: false);
        else if (id.IsOfType("Microsoft.Compute/virtualMachineScaleSets/virtualMachines"))
            value = new ProviderId(id, IsScaleSetVm: true);
        return value is not null;
    }
}
