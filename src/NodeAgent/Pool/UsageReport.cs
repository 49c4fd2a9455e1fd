using Vnetcni.Ipam.Addressing;

namespace Vnetcni.NodeAgent.Pool;

/// <summary>What the node tells the owner of its pool. Counts are addresses.</summary>
/// <param name="Desired">Wanted on the node.</param>
/// <param name="InUse">Held by sandboxes.</param>
/// <param name="Free">What an ADD would get now.</param>
/// <param name="Cooling">Freed and still resting.</param>
/// <param name="Waiting">ADDs and bound pods that there is no address for.</param>
/// <param name="Releasable">Out of use, to be taken away.</param>
/// <param name="Missing">In use and not on the list.</param>
internal sealed record UsageReport(
    int Desired, int InUse, int Free, int Cooling, int Waiting, IReadOnlyList<IpAddress> Releasable, IReadOnlyList<IpAddress> Missing);
