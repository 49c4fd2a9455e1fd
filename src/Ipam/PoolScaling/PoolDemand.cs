namespace Vnetcni.Ipam.PoolScaling;

/// <summary>What a node needs addresses for. Counts, none negative.</summary>
/// <param name="ScheduledPods">Pods bound to the node that need an address of it, with or without a sandbox; without those that leave.</param>
/// <param name="InUse">Addresses assigned.</param>
/// <param name="Unavailable">Addresses on the NIC that can't be given out for now: resting, being detached, quarantined.</param>
/// <param name="Waiting">ADDs without an address.</param>
/// <param name="LeavingPods">Pods that are being deleted: each keeps its address until its DEL, and needs no other.</param>
public readonly record struct PoolDemand(int ScheduledPods, int InUse, int Unavailable, int Waiting, int LeavingPods = 0)
{
    /// <summary>
    /// Addresses that are taken or spoken for. A pod that waits or has its address is among the scheduled ones, so the larger
    /// count stands for both; without Kubernetes only the second is there. After its DEL a leaving pod counts no more: its address
    /// is among the unavailable ones, and counting both would make a pool grow because its pods go.
    /// </summary>
    public int Taken => Math.Max(Pods, InUse + Waiting) + Unavailable;

    /// <summary>Scheduled pods that have no address and get none from those that are free.</summary>
    /// <param name="assignable">Addresses that an ADD would get now.</param>
    public int Unserved(int assignable) => Math.Max(0, Math.Max(Waiting, Pods - InUse - assignable));

    private int Pods => ScheduledPods + Math.Min(LeavingPods, InUse);
}
