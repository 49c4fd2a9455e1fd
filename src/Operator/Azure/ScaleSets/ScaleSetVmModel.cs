using Vnetcni.Operator.Azure.NetworkInterfaces;

namespace Vnetcni.Operator.Azure.ScaleSets;

/// <summary>The model of a uniform scale set's VM, indexed for one of its interfaces. Ranges are bytes of <see cref="Raw"/>.</summary>
internal sealed record ScaleSetVmModel
{
    public required string Id { get; init; }

    public required string ETag { get; init; }

    /// <summary>Unique among all VMs there ever are; empty when the model does not tell.</summary>
    public string VmId { get; init; } = string.Empty;

    public required string ProvisioningState { get; init; }

    public required ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>What is between the brackets of the interface's <c>ipConfigurations</c>.</summary>
    public required Range Array { get; init; }

    /// <summary>The interface's configurations as the model wants them; without addresses.</summary>
    public required IReadOnlyList<NicIpConfiguration> Configurations { get; init; }

    /// <summary>The primary's <c>applicationSecurityGroups</c>, brackets included.</summary>
    public Range SecurityGroups { get; init; }

    /// <summary><c>storageProfile.imageReference</c> with a comma: a PUT that carries it is refused or re-images.</summary>
    public Range ImageReference { get; init; }
}
