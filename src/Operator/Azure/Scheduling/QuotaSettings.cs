namespace Vnetcni.Operator.Azure.Scheduling;

/// <summary>
/// ARM's documented limits for one principal in one subscription, and what of them is left for others.
/// Sources: https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling,
/// https://learn.microsoft.com/azure/virtual-machines/compute-throttling-limits
/// </summary>
public sealed record QuotaSettings
{
    /// <summary>Reads at once.</summary>
    public double ReadBucket { get; init; } = 250;

    /// <summary>Reads per second after that.</summary>
    public double ReadRefill { get; init; } = 25;

    /// <summary>Writes at once.</summary>
    public double WriteBucket { get; init; } = 200;

    /// <summary>Writes per second after that.</summary>
    public double WriteRefill { get; init; } = 10;

    /// <summary>Microsoft.Network: writes in <see cref="NetworkWindow"/>.</summary>
    public int NetworkWrites { get; init; } = 1_000;

    /// <summary>Microsoft.Network: reads in <see cref="NetworkWindow"/>.</summary>
    public int NetworkReads { get; init; } = 10_000;

    /// <summary>Length of Microsoft.Network's window.</summary>
    public TimeSpan NetworkWindow { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Microsoft.Compute: writes of VMs in a minute.</summary>
    public int ComputeWrites { get; init; } = 1_500;

    /// <summary>Share of each limit that is never used up, 0 to 0.9: another client of the same identity always finds it.</summary>
    public double LeftForOthers { get; init; } = 0.05;

    /// <summary>Checks the bounds. Throws <see cref="ArgumentException"/>.</summary>
    public void Validate()
    {
        if (LeftForOthers is not (>= 0 and <= 0.9))
            throw new ArgumentException($"{nameof(LeftForOthers)} is {LeftForOthers}: must be 0 to 0.9");
    }
}
