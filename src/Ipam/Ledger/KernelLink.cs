using Vnetcni.Ipam.Addressing;

namespace Vnetcni.Ipam.Ledger;

/// <summary>A host link as the kernel has it: the second witness of who holds what.</summary>
/// <param name="Owner">From the link's alias; null when the alias can't be read.</param>
/// <param name="HostInterface">Its name.</param>
/// <param name="Address">The address routed to it, or none.</param>
/// <param name="Detached">On its way out already.</param>
public sealed record KernelLink(Owner? Owner, string HostInterface, IpAddress Address, bool Detached);
