using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Operator.Controllers.VirtualNetworks;

/// <summary>A consistent read of a budget.</summary>
/// <param name="Epoch">
/// Grows whenever the object was changed by somebody else than this process. A request computed in an older epoch is outdated;
/// writes of our own for other pools do not matter to it.
/// </param>
/// <param name="State">The budget.</param>
internal sealed record BudgetView(long Epoch, BudgetState State);
