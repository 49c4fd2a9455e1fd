namespace Vnetcni.Api.Settings;

/// <summary>How many addresses a node holds. Counts are addresses.</summary>
public sealed record PoolSettings
{
    /// <summary>Free addresses below which the pool grows; default 8.</summary>
    public int? MinFree { get; init; }

    /// <summary>Free addresses above which the pool shrinks; at least minFree + batchSize; default 24.</summary>
    public int? MaxFree { get; init; }

    /// <summary>A target is rounded up to a multiple of this, 1 to 64; it never caps a write; default 16.</summary>
    public int? BatchSize { get; init; }

    /// <summary>The most addresses for pods on the node, 1 to 250; default 250.</summary>
    public int? MaxAddresses { get; init; }

    /// <summary>How long a freed address rests before another pod gets it, 0s to 10m; default 30s.</summary>
    public string? ReuseCooldown { get; init; }

    /// <summary>How long an address is in excess before it is given back; default 3m.</summary>
    public string? ReleaseDelay { get; init; }

    /// <summary>Addresses granted before the node's agent first reported; default 0.</summary>
    public int? WarmUp { get; init; }
}
