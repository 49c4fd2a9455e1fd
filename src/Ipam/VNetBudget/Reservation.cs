namespace Vnetcni.Ipam.VNetBudget;

/// <summary>
/// Room that one change of one pool may take up: written before the ARM call, settled after it. While it is open, the pool
/// counts with <see cref="Base"/> and may grow to <see cref="Ceiling"/>.
/// </summary>
/// <param name="Pool">Name of the pool; at most one reservation each.</param>
/// <param name="PoolUid">Which object of that name.</param>
/// <param name="Base">Length of the pool's list when the reservation was made.</param>
/// <param name="Ceiling">The longest that the list may become; not below <paramref name="Base"/>.</param>
/// <param name="NicEtag">The If-Match of every PUT under this reservation.</param>
/// <param name="Closing">Whether the pool is being deleted: its finalizer may go.</param>
public sealed record Reservation(string Pool, string PoolUid, int Base, int Ceiling, string NicEtag, bool Closing = false)
{
    /// <summary>
    /// The ETag of a reservation for an interface that is gone: no interface ever has it, so it counts as moved. It names the
    /// interface, for a node may be replaced more than once.
    /// </summary>
    /// <param name="incarnation">resourceGuid of the interface that is gone; empty for none.</param>
    public static string GoneEtag(string incarnation) => $"gone:{incarnation}";

    /// <summary>Addresses that are spoken for on top of <see cref="Base"/>.</summary>
    public int InFlight => Math.Max(0, Ceiling - Base);
}
