namespace Vnetcni.Ipam.Ledger;

/// <summary>What the node does with an address. Whether the operator still lists it is <see cref="Listing"/>, apart from this.</summary>
public enum AddressState
{
    /// <summary>In nobody's hand. Assignable only while its listing is Available.</summary>
    Free = 1,

    /// <summary>Held by an owner.</summary>
    Assigned = 2,

    /// <summary>Its owner is gone; the link may still be in the kernel.</summary>
    Detaching = 3,

    /// <summary>The link is gone; not reused before its time.</summary>
    Cooling = 4,

    /// <summary>Out of use and to be listed in <c>usage.releasable</c>: the operator may take it away at any moment.</summary>
    Offered = 5,

    /// <summary>An offer being taken back; still out of use until the withdrawal is known to have won.</summary>
    Withdrawing = 6,

    /// <summary>Ledger and kernel contradict each other about it: out of use until its claimants are gone.</summary>
    Quarantined = 7,
}

/// <summary>What the newest status of the pool says about an address.</summary>
public enum Listing
{
    /// <summary>Not listed: not ours to hand out.</summary>
    Absent,

    /// <summary>On this node's NIC and ours to use.</summary>
    Available,

    /// <summary>On its way off the NIC; never taken back.</summary>
    Releasing,
}
