using System.Security.Cryptography;
using System.Text;

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
    private const string Gone = "gone:";

    /// <summary>ARM id of the interface that <see cref="NicEtag"/> is about, lower case; empty when it is not known.</summary>
    public string Nic { get; init; } = string.Empty;

    /// <summary>Whether this accounts for addresses on an interface that its node no longer has; no pool has such a name.</summary>
    public bool IsLeftover => Pool.Contains('/', StringComparison.Ordinal);

    /// <summary>
    /// This, to be kept under a name of its own after its pool has moved on to another interface: what is on the old one is
    /// accounted for until somebody has taken it off.
    /// </summary>
    public Reservation AsLeftover() => this with
    {
        Pool = $"{Pool}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Nic)))[..8]}",
        Closing = true,
    };

    /// <summary>
    /// The ETag of a reservation for an interface that is gone: no interface ever has it, so it counts as moved. It names the
    /// interface, for a node may be replaced more than once.
    /// </summary>
    /// <param name="incarnation">resourceGuid of the interface that is gone; empty for none.</param>
    public static string GoneEtag(string incarnation) => Gone + incarnation;

    /// <summary>Whether this is about an interface that was gone for whoever reserved: see <see cref="GoneEtag"/>.</summary>
    public bool IsOfGone => NicEtag.StartsWith(Gone, StringComparison.Ordinal);

    /// <summary>Addresses that are spoken for on top of <see cref="Base"/>.</summary>
    public int InFlight => Math.Max(0, Ceiling - Base);
}
