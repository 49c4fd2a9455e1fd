namespace Vnetcni.Ipam.Ledger;

/// <summary>How many addresses are in which state.</summary>
/// <param name="Listed">Available in the newest status, whatever the node does with them.</param>
/// <param name="Assignable">Free and Available: the next ADD gets one of them.</param>
/// <param name="InUse">Assigned.</param>
/// <param name="Cooling">Detaching or Cooling.</param>
/// <param name="Offered">Offered or Withdrawing.</param>
/// <param name="Withdrawable">Offered and still Available: an offer that may be taken back.</param>
/// <param name="Quarantined">Quarantined.</param>
/// <param name="Missing">In use, but not listed as available.</param>
/// <param name="Unavailable">Listed as Available and of no use to an ADD now: Detaching, Cooling or Quarantined.</param>
public readonly record struct LedgerCounts(
    int Listed, int Assignable, int InUse, int Cooling, int Offered, int Withdrawable, int Quarantined, int Missing, int Unavailable);
