namespace Vnetcni.ArmSimulator.Addresses;

/// <summary>Which NIC owns an address.</summary>
/// <param name="Address">IPv4 address.</param>
/// <param name="Nic">Id of the NIC.</param>
/// <param name="Mac">MAC address as Azure writes it, <c>00-0D-3A-…</c>.</param>
/// <param name="Vm">Id of the VM, or null.</param>
/// <param name="IpConfiguration">Name of the ipConfiguration.</param>
/// <param name="Primary">Whether it is the NIC's primary address.</param>
/// <param name="State">The NIC's provisioning state: Updating, Succeeded or Failed.</param>
public sealed record AddressEntry(string Address, string Nic, string Mac, string? Vm, string IpConfiguration, bool Primary, string State);

/// <summary>Every address at one moment, in the order of NIC id and configuration.</summary>
/// <param name="Version">Grows with each change.</param>
/// <param name="Addresses">All addresses.</param>
public sealed record AddressSnapshot(long Version, IReadOnlyList<AddressEntry> Addresses);
