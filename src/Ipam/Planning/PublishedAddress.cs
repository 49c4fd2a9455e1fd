using Vnetcni.Ipam.Addressing;

namespace Vnetcni.Ipam.Planning;

/// <summary>One address of a pool's published list.</summary>
/// <param name="Slot">Name of its ipConfiguration.</param>
/// <param name="Address">The address.</param>
/// <param name="Releasing">Whether it is being taken off the interface; never taken back. Otherwise it is Available.</param>
public sealed record PublishedAddress(string Slot, IpAddress Address, bool Releasing);
