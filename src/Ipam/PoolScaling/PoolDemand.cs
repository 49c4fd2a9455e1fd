namespace Vnetcni.Ipam.PoolScaling;

/// <summary>What a node needs addresses for. Counts, none negative.</summary>
/// <param name="ScheduledPods">Pods bound to the node that need an address of it, with or without a sandbox.</param>
/// <param name="InUse">Addresses assigned.</param>
/// <param name="Unavailable">Addresses on the NIC that can't be given out for now: resting, being detached, quarantined.</param>
/// <param name="Waiting">ADDs without an address.</param>
public readonly record struct PoolDemand(int ScheduledPods, int InUse, int Unavailable, int Waiting)
{
    /// <summary>
    /// Addresses that are taken or spoken for. A pod that waits or has its address is among the scheduled ones, so the larger
    /// count stands for both; without Kubernetes only the second is there.
    /// </summary>
    public int Taken => Math.Max(ScheduledPods, InUse + Waiting) + Unavailable;
}
