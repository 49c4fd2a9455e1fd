namespace Vnetcni.Ipam.PoolScaling;

/// <summary>The wanted size of a pool.</summary>
public static class PoolTarget
{
    /// <summary>
    /// How many addresses the node wants. While the last target leaves between minFree and maxFree free, it stands: demand that
    /// wavers in between changes nothing.
    /// </summary>
    /// <param name="settings">The class's settings.</param>
    /// <param name="demand">What is needed now.</param>
    /// <param name="last">The last target; 0 for none.</param>
    public static int Desired(ScalingSettings settings, PoolDemand demand, int last)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var bounded = settings.Bounded();
        var free = last - demand.Taken;
        var stands = last > 0 && last >= bounded.WarmUp && last <= bounded.MaxAddresses
            && free >= bounded.MinFree && free <= Math.Max(bounded.MaxFree, bounded.WarmUp - demand.Taken);
        if (stands)
            return last;

        var wanted = RoundUp(demand.Taken + bounded.MinFree, bounded.BatchSize);
        return Math.Clamp(wanted, bounded.WarmUp, bounded.MaxAddresses);
    }

    private static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;
}
