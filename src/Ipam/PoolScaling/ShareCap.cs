namespace Vnetcni.Ipam.PoolScaling;

/// <summary>What a node keeps while the virtual network or its subnet runs dry.</summary>
public static class ShareCap
{
    /// <summary>
    /// The size to which the pool shrinks: what the node wants, or its share where that is less. What is beyond it and free is
    /// offered like any other excess, after releaseDelay; the node's wish as it is reported does not change.
    /// </summary>
    /// <param name="desired">Addresses wanted.</param>
    /// <param name="share">The share; null when there is enough for all.</param>
    public static int Apply(int desired, int? share) => share is { } most ? Math.Min(desired, Math.Max(0, most)) : desired;
}
