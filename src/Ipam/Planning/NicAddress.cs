using Vnetcni.Ipam.Addressing;

namespace Vnetcni.Ipam.Planning;

/// <summary>One of our ipConfigurations as ARM shows it.</summary>
/// <param name="Slot">Its name.</param>
/// <param name="Address">Its address; none while ARM has not given one.</param>
/// <param name="Confirmed">Whether ARM says Succeeded of it.</param>
public sealed record NicAddress(string Slot, IpAddress Address, bool Confirmed)
{
    /// <summary>Whether its removal is asked for already, and it is there still: it must not be given out, and it counts.</summary>
    public bool Leaving { get; init; }
}
