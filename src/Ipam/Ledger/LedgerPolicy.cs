namespace Vnetcni.Ipam.Ledger;

/// <summary>The times that the ledger keeps.</summary>
public sealed record LedgerPolicy
{
    /// <summary>How long a freed address rests before it is reused.</summary>
    public TimeSpan ReuseCooldown { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What is left of the rest when the pool can't grow any more and somebody needs an address.</summary>
    public TimeSpan ReuseAtLimit { get; init; } = TimeSpan.FromSeconds(5);
}
