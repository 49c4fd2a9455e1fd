namespace Vnetcni.Ipam.PoolScaling;

/// <summary>How large a node's pool shall be.</summary>
public sealed record ScalingSettings
{
    /// <summary>Azure's ipConfigurations per NIC (256) less room for the primary and for others: more is never asked for.</summary>
    public const int HardLimit = 250;

    /// <summary>Below this many free addresses the pool grows.</summary>
    public int MinFree { get; init; } = 8;

    /// <summary>Above this many free addresses the pool shrinks. At least <see cref="MinFree"/> + <see cref="BatchSize"/>.</summary>
    public int MaxFree { get; init; } = 24;

    /// <summary>A target is rounded up to a multiple of this; it never caps one.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>The most addresses of the node, at most <see cref="HardLimit"/>.</summary>
    public int MaxAddresses { get; init; } = HardLimit;

    /// <summary>The least addresses, whatever the demand.</summary>
    public int WarmUp { get; init; }

    /// <summary>How long an excess has to last before addresses are released.</summary>
    public TimeSpan ReleaseDelay { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>The same with every number in its range, so that the arithmetic holds for any input.</summary>
    public ScalingSettings Bounded()
    {
        var batch = Math.Clamp(BatchSize, 1, HardLimit);
        var max = Math.Clamp(MaxAddresses, 0, HardLimit);
        var minFree = Math.Clamp(MinFree, 0, HardLimit);
        return this with
        {
            BatchSize = batch,
            MaxAddresses = max,
            MinFree = minFree,
            MaxFree = Math.Clamp(MaxFree, minFree + batch, 2 * HardLimit),
            WarmUp = Math.Clamp(WarmUp, 0, max),
            ReleaseDelay = ReleaseDelay < TimeSpan.Zero ? TimeSpan.Zero : ReleaseDelay,
        };
    }
}
