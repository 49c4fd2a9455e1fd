namespace Vnetcni.Ipam.VNetBudget;

/// <summary>What ARM shows of a subnet.</summary>
/// <param name="Subnet">Id, lower case.</param>
/// <param name="Capacity">Addresses that it can give.</param>
/// <param name="Free">Addresses that are not taken.</param>
public sealed record SubnetRoom(string Subnet, int Capacity, int Free);
