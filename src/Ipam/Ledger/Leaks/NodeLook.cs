namespace Vnetcni.Ipam.Ledger.Leaks;

/// <summary>An entry of the ledger as it was when somebody looked.</summary>
/// <param name="Record">What is kept of it.</param>
/// <param name="Attachment">See <see cref="LedgerEntry.Attachment"/>.</param>
public readonly record struct SeenEntry(LedgerRecord Record, long Attachment);

/// <summary>One look at the node through all its witnesses.</summary>
public sealed record NodeLook
{
    /// <summary>Every entry of the ledger.</summary>
    public required IReadOnlyList<SeenEntry> Ledger { get; init; }

    /// <summary>All host links of ours.</summary>
    public required IReadOnlyList<KernelLink> Links { get; init; }

    /// <summary>What the container runtime says.</summary>
    public required SandboxWitness Sandboxes { get; init; }

    /// <summary>Owners whose ADD runs.</summary>
    public IReadOnlySet<Owner> Adding { get; init; } = new HashSet<Owner>();

    /// <summary>Names of links that somebody works on: of ADDs that run, and of links on their way out.</summary>
    public IReadOnlySet<string> Busy { get; init; } = new HashSet<string>();
}
