namespace Vnetcni.Ipam.Ledger.Leaks;

/// <summary>How sure the node has to be before it frees what nobody asked it to free.</summary>
public sealed record LeakPolicy
{
    /// <summary>Looks that have to agree; at least 2.</summary>
    public int Looks { get; init; } = 2;

    /// <summary>How long the first of them has to be ago before something is freed or removed.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(2);
}
