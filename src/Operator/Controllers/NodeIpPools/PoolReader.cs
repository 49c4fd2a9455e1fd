using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Ipam.VNetBudget;
using Vnetcni.Operator.Controllers.VirtualNetworks;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>Reads budget and pool in the order that the planner needs.</summary>
internal sealed class PoolReader(OperatorContext context, Ledgers ledgers)
{
    /// <summary>
    /// Budget, then pool; with an open reservation the budget once more, so that the pool is never newer than an open
    /// reservation nor older than none. Null when the pool is gone or the reservation was settled meanwhile: start over.
    /// </summary>
    public async Task<(NodeIpPool Pool, BudgetView Budget, Reservation? Reservation)?> ReadAsync(
        string pool, string network, CancellationToken cancellationToken)
    {
        var budget = await ledgers.ReadAsync(network, cancellationToken);
        var read = await context.Api.GetAsync(OperatorKinds.Pools, new ObjectKey(pool), cancellationToken);
        if (read is null)
            return null;
        if (budget.State.Of(pool) is null)
            return (read, budget, null);
        budget = await ledgers.ReadAsync(network, cancellationToken);
        return budget.State.Of(pool) is { } open ? (read, budget, open) : null;
    }
}
