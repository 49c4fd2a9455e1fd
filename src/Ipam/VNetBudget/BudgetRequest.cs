namespace Vnetcni.Ipam.VNetBudget;

/// <summary>What a pool asks of the budget in a round.</summary>
/// <param name="Pool">Name of the pool.</param>
public abstract record BudgetRequest(string Pool);

/// <summary>Asks for a reservation (rule 11). The pool has none.</summary>
/// <param name="Pool">Name of the pool.</param>
/// <param name="PoolUid">Which object of that name.</param>
/// <param name="Base">Length of its list now.</param>
/// <param name="Must">Addresses of ours that are on the interface already; accounted for whatever the limit.</param>
/// <param name="Want">Addresses that shall be on the interface after the PUT.</param>
/// <param name="NicEtag">ETag of the interface as it was read.</param>
/// <param name="Waiting">Pods without an address; such pools are served first.</param>
/// <param name="Subnet">Id of the subnet, lower case; empty when its room is not known.</param>
/// <param name="Essential">Whether there is something to do even without growth (release, repair).</param>
public sealed record ReserveRequest(
    string Pool, string PoolUid, int Base, int Must, int Want, string NicEtag, int Waiting, string Subnet, bool Essential)
    : BudgetRequest(Pool)
{
    /// <summary>See <see cref="Reservation.Nic"/>.</summary>
    public string Nic { get; init; } = string.Empty;
}

/// <summary>Settles a reservation whose outcome the pool's list shows (rule 13).</summary>
/// <param name="Pool">Name of the pool.</param>
/// <param name="NicEtag">Which reservation.</param>
/// <param name="Length">Length of the list.</param>
/// <param name="Reopen">
/// A reservation that takes its place in the same write: addresses are on the interface that ARM does not confirm.
/// </param>
public sealed record SettleRequest(string Pool, string NicEtag, int Length, Reservation? Reopen = null) : BudgetRequest(Pool)
{
    /// <summary>
    /// A reservation under a name of its own that stands from then on: the pool has moved to another interface, and the old one
    /// may still carry addresses. Null for none.
    /// </summary>
    public Reservation? Leftover { get; init; }
}

/// <summary>Marks the reservation of a pool that is being deleted, or makes one (rule 10): nobody reserves for it from then on.</summary>
/// <param name="Pool">Name of the pool.</param>
/// <param name="Seen">The reservation that the decision was computed from, or null.</param>
/// <param name="Closing">What shall stand there.</param>
public sealed record CloseRequest(string Pool, Reservation? Seen, Reservation Closing) : BudgetRequest(Pool);

/// <summary>Drops the reservation of a pool object that is gone.</summary>
/// <param name="Pool">Name of the pool.</param>
/// <param name="PoolUid">Which object of that name.</param>
/// <param name="Seen">
/// The reservation whose interface is known to carry nothing of ours, and never will under it; null drops an empty closing one only.
/// </param>
public sealed record DropRequest(string Pool, string PoolUid, Reservation? Seen = null) : BudgetRequest(Pool)
{
    /// <summary>The pool that accounts for the interface in its place; null for none.</summary>
    public Claim? Claim { get; init; }
}

/// <summary>A pool that accounts for what is on an interface, by its list or by its reservation.</summary>
/// <param name="Pool">Name of the pool.</param>
/// <param name="Reservation">Its reservation as it was read, or null: with another one it may account for less.</param>
public sealed record Claim(string Pool, Reservation? Reservation);
