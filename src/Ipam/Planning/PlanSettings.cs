using System.Collections.Immutable;
using Vnetcni.Ipam.Addressing;
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

    /// <summary>The pool's share of a virtual network or subnet that runs dry, with what bounds it; null when there is enough for all.</summary>
    public FairShareOf? Share { get; init; }

    /// <summary>
    /// Whether an address that somebody else took off the interface, and that the agent did not give up, is added again as it was.
    /// Not where ARM takes no wish for an address.
    /// </summary>
    public bool PutsBack { get; init; } = true;

    /// <summary>
    /// Whether configurations of ours that ARM has given no address are taken off: it said that there is no room for them, and a model
    /// that wants them still is refused whatever else is changed. Their names are not on the list, so nobody has been given such an address.
    /// </summary>
    public bool DropsUnplaced { get; init; }

    /// <summary>Addresses that are off the list, that pods may hold and that no PUT has brought back: they come first when addresses are added.</summary>
    public ImmutableHashSet<IpAddress> Missed { get; init; } = [];

    /// <summary>Addresses that ARM did not give back: they are not asked for again.</summary>
    public ImmutableHashSet<IpAddress> Lost { get; init; } = [];

    /// <summary>Id of the subnet, lower case, for its share of the budget; empty when not known.</summary>
    public string Subnet { get; init; } = string.Empty;
}
