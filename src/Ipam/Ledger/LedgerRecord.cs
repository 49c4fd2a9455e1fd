using Vnetcni.Ipam.Addressing;

namespace Vnetcni.Ipam.Ledger;

/// <summary>What outlives the agent's process of one address: the whole of it, so the last record of an address is its state.</summary>
/// <param name="Address">The address.</param>
/// <param name="State">What the node does with it.</param>
/// <param name="Owner">Holder or last holder, or null.</param>
/// <param name="HostInterface">Name of the owner's host link, or empty.</param>
/// <param name="NamespaceInode">Inode of the owner's namespace, or 0.</param>
/// <param name="Plumbed">The link was made in full.</param>
/// <param name="Since">When it was freed, or when the state began.</param>
/// <param name="Until">End of the rest (Cooling).</param>
/// <param name="Reason">Why it is quarantined, or empty.</param>
public readonly record struct LedgerRecord(
    IpAddress Address,
    AddressState State,
    Owner? Owner,
    string HostInterface,
    ulong NamespaceInode,
    bool Plumbed,
    DateTimeOffset Since,
    DateTimeOffset Until,
    string Reason);
