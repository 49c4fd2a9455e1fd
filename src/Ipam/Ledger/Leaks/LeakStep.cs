using Vnetcni.Ipam.Addressing;

namespace Vnetcni.Ipam.Ledger.Leaks;

/// <summary>
/// What is to be done about a leak. Each step names what it was decided on; whoever carries it out compares that with the
/// present and does nothing when it differs.
/// </summary>
/// <param name="Reason">For people: what is wrong.</param>
public abstract record LeakStep(string Reason)
{
    /// <summary>Two steps with the same key are about the same fault.</summary>
    internal abstract string Key { get; }

    /// <summary>Takes an address from an owner whose DEL never came.</summary>
    /// <param name="Owner">Holder or claimant.</param>
    /// <param name="Attachment">The attachment meant; 0 for a claim to a quarantined address.</param>
    /// <param name="Address">What is freed.</param>
    /// <param name="Reason">For people.</param>
    public sealed record FreeAttachment(Owner Owner, long Attachment, IpAddress Address, string Reason) : LeakStep(Reason)
    {
        internal override string Key => $"free/{Owner}/{Attachment}/{Address}";
    }

    /// <summary>Takes away a link that nobody stands for.</summary>
    /// <param name="Link">The link.</param>
    /// <param name="Reason">For people.</param>
    public sealed record RemoveLink(KernelLink Link, string Reason) : LeakStep(Reason)
    {
        internal override string Key => $"link/{Link.HostInterface}/{Link.Owner}/{Link.Address}";
    }

    /// <summary>Takes an address out of use that ledger and kernel disagree about.</summary>
    /// <param name="Address">The address.</param>
    /// <param name="Was">The state of its entry; null when it had none.</param>
    /// <param name="Attachment">The attachment that it had; 0 for none.</param>
    /// <param name="Claimants">Who has to be gone before it is used again.</param>
    /// <param name="Reason">For people.</param>
    /// <param name="HostInterface">The link that routes it, of the only claimant; empty where it is not known whose it is.</param>
    public sealed record QuarantineAddress(
        IpAddress Address, AddressState? Was, long Attachment, IReadOnlyList<Owner> Claimants, string Reason,
        string HostInterface = "") : LeakStep(Reason)
    {
        internal override string Key => $"quarantine/{Address}/{Was}/{Attachment}/{string.Join(',', Claimants)}";
    }

    /// <summary>Ends a quarantine that nobody claims and no link is a reason for any more.</summary>
    /// <param name="Address">The address.</param>
    /// <param name="Reason">For people.</param>
    public sealed record LiftQuarantine(IpAddress Address, string Reason) : LeakStep(Reason)
    {
        internal override string Key => $"lift/{Address}";
    }

    /// <summary>Something is wrong that the node must not put right by itself: it is said once.</summary>
    /// <param name="Subject">What it is about.</param>
    /// <param name="Reason">For people.</param>
    public sealed record Complain(string Subject, string Reason) : LeakStep(Reason)
    {
        internal override string Key => $"complain/{Subject}";
    }
}
