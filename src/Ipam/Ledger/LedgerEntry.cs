using Vnetcni.Ipam.Addressing;

namespace Vnetcni.Ipam.Ledger;

/// <summary>One address in the ledger. Only the ledger changes it.</summary>
public sealed class LedgerEntry
{
    private static readonly Owner[] None = [];

    internal LedgerEntry(IpAddress address) => Address = address;

    /// <summary>The address.</summary>
    public IpAddress Address { get; }

    /// <summary>What the node does with it.</summary>
    public AddressState State { get; internal set; } = AddressState.Free;

    /// <summary>What the newest status says about it.</summary>
    public Listing Listing { get; internal set; }

    /// <summary>Who holds it (Assigned), or held it last (Detaching); else null.</summary>
    public Owner? Owner { get; internal set; }

    /// <summary>
    /// Number of this assignment, never used again while the process lives; 0 when nobody holds the address. Who means one
    /// attachment and not whatever its owner holds later compares it.
    /// </summary>
    public long Attachment { get; internal set; }

    /// <summary>Name of the host's link for the owner; empty when there is none.</summary>
    public string HostInterface { get; internal set; } = string.Empty;

    /// <summary>Inode of the owner's network namespace; 0 when not known.</summary>
    public ulong NamespaceInode { get; internal set; }

    /// <summary>The link was made in full. An Assigned address without it never reached its owner.</summary>
    public bool Plumbed { get; internal set; }

    /// <summary>Freed: when. Otherwise when the state began. The minimum for an address never used.</summary>
    public DateTimeOffset Since { get; internal set; }

    /// <summary>End of the rest (Cooling).</summary>
    public DateTimeOffset Until { get; internal set; }

    /// <summary>Why it is quarantined; else empty.</summary>
    public string Reason { get; internal set; } = string.Empty;

    /// <summary>
    /// The operator may have been told that it can be taken away, and took no word back yet: when nobody has it any more it is an
    /// offer again, and not free.
    /// </summary>
    public bool Promised { get; internal set; }

    /// <summary>Owners that claim a quarantined address.</summary>
    public IReadOnlyList<Owner> Claimants { get; internal set; } = None;

    /// <summary>In use although the newest status does not list it as available.</summary>
    public bool IsMissing => Listing != Listing.Available && State is (AddressState.Assigned or AddressState.Detaching);

    /// <summary>Worth keeping over a restart of the agent.</summary>
    public bool IsDurable => State != AddressState.Free || Since > DateTimeOffset.MinValue;

    /// <summary>What a checkpoint keeps of it.</summary>
    public LedgerRecord ToRecord() =>
        new(Address, State, Owner, HostInterface, NamespaceInode, Plumbed, Since, Until, Reason) { Claimants = Claimants, Promised = Promised };

    internal void ForgetOwner()
    {
        Owner = null;
        Attachment = 0;
        HostInterface = string.Empty;
        NamespaceInode = 0;
        Plumbed = false;
        Reason = string.Empty;
        Claimants = None;
    }
}
