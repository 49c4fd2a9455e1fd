namespace Vnetcni.Ipam.PoolScaling;

/// <summary>
/// How long the pool has been larger than wanted, and by how much all along. Only what was too much during the whole of
/// releaseDelay is released, so a short dip in demand releases nothing.
/// </summary>
/// <param name="Since">When the excess began; null when there is none.</param>
/// <param name="Least">The smallest excess since then.</param>
public readonly record struct ExcessWindow(DateTimeOffset? Since, int Least)
{
    /// <summary>No excess.</summary>
    public static ExcessWindow Empty => default;

    /// <summary>When <see cref="Observe"/> would next release something if nothing changes; null when there is no excess.</summary>
    public DateTimeOffset? Due(TimeSpan releaseDelay) => Since + releaseDelay;

    /// <summary>Takes in one observation.</summary>
    /// <param name="held">Addresses available to the node, in use or not; offered ones not included.</param>
    /// <param name="desired">The wanted size.</param>
    /// <param name="free">Addresses that could be released now.</param>
    /// <param name="releaseDelay">How long an excess has to last.</param>
    /// <param name="now">The time.</param>
    /// <returns>The next window, and how many addresses to release now.</returns>
    public (ExcessWindow Next, int Release) Observe(int held, int desired, int free, TimeSpan releaseDelay, DateTimeOffset now)
    {
        var excess = Math.Min(held - desired, free);
        if (excess <= 0)
            return (Empty, 0);
        if (Since is not { } since || since > now)
            return (new ExcessWindow(now, excess), 0);

        var least = Math.Min(Least, excess);
        if (now - since < releaseDelay)
            return (new ExcessWindow(since, least), 0);
        return (excess > least ? new ExcessWindow(now, excess - least) : Empty, least);
    }
}
