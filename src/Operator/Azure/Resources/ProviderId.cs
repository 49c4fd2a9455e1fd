using System.Diagnostics.CodeAnalysis;

namespace Vnetcni.Operator.Azure.Resources;

/// <summary>
/// <c>spec.providerID</c> of a Node on Azure: <c>azure://</c> and the id of the VM, in any case.
/// Source: https://github.com/kubernetes-sigs/cloud-provider-azure
/// </summary>
/// <param name="Vm">The VM.</param>
/// <param name="IsScaleSetVm">Whether it is an instance of a uniform scale set; else an ordinary VM (standalone or flexible scale set).</param>
public sealed record ProviderId(ResourceId Vm, bool IsScaleSetVm)
{
    private const string Scheme = "azure://";
    private const string Forms =
        "azure:///subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/{vm} or .../virtualMachineScaleSets/{set}/virtualMachines/{number}";

    /// <summary>Reads a providerID; false for other clouds and anything that is not a VM's id.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ProviderId? value) => TryParse(text, out value, out _);

    /// <summary>The same; says what is wrong with one that cannot be read, for a person.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ProviderId? value, [NotNullWhen(false)] out string? fault)
    {
        value = null;
        fault = null;
        if (string.IsNullOrEmpty(text))
            fault = "it has none yet";
        else if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            fault = $"that is of another cloud; Azure's is {Forms}";
        else if (!ResourceId.TryParse(text[Scheme.Length..], out var id))
            fault = $"that is no resource id; it must be {Forms}";
        else if (id.IsOfType("Microsoft.Compute/virtualMachines"))
            value = new ProviderId(id, IsScaleSetVm: false);
        else if (!id.IsOfType("Microsoft.Compute/virtualMachineScaleSets/virtualMachines"))
            fault = $"that names a {id.Type}; it must be {Forms}";
        else if (!id.Name.All(char.IsAsciiDigit))
            fault = $"instance '{id.Name}' of scale set {id.Parent!.Name} is not a number; VMs of flexible scale sets are .../virtualMachines/{{vm}}";
        else
            value = new ProviderId(id, IsScaleSetVm: true);
        return value is not null;
    }
}
