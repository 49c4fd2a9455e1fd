using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Ipam.Planning;

/// <summary>What bounds a plan.</summary>
/// <param name="Slots">Names of our ipConfigurations.</param>
/// <param name="NodeLimit">The most pod addresses of the node.</param>
/// <param name="WarmUp">Addresses granted before the agent reported.</param>
public sealed record PlanSettings(SlotNames Slots, int NodeLimit, int WarmUp)
{
    /// <summary>The most ipConfigurations of an interface.</summary>
    public int NicLimit { get; init; } = NodeRoom.MaxPerNic;

    /// <summary>Addresses that one PUT may add; lowered after the subnet turned out to be full. 0 lets only releases through.</summary>
    public int MaxGrowth { get; init; } = int.MaxValue;

    /// <summary>Id of the subnet, lower case, for its share of the budget; empty when not known.</summary>
    public string Subnet { get; init; } = string.Empty;
}
