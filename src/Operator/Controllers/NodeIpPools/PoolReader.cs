using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Ipam.VNetBudget;
using Vnetcni.Operator.Controllers.VirtualNetworks;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>Reads budget and pool in the order that the planner needs.</summary>
internal sealed class PoolReader(IKubeApi api, Ledgers ledgers)
{
    /// <summary>
    /// Budget, then pool; with an open reservation the budget once more, and it must be the same one: the pool is then never newer
    /// than the reservation, nor older than none, nor older than the one before. Null when the pool is gone or the reservation was
    /// settled meanwhile: start over.
    /// </summary>
    /// <remarks>
    /// A list from before the reservation may name as Releasing what has since been released, taken again and given to a pod: under
    /// the new reservation's ETag a PUT would take it away.
    /// </remarks>
    public async Task<(NodeIpPool Pool, BudgetView Budget, Reservation? Reservation)?> ReadAsync(
        string pool, string network, CancellationToken cancellationToken)
    {
        var budget = await ledgers.ReadAsync(network, cancellationToken);
        var read = await api.GetAsync(OperatorKinds.Pools, new ObjectKey(pool), cancellationToken);
        if (read is null)
            return null;
        if (budget.State.Of(pool) is not { } before)
            return (read, budget, null);
        budget = await ledgers.ReadAsync(network, cancellationToken);
        return budget.State.Of(pool) is { } open && open.NicEtag == before.NicEtag && open.Nic == before.Nic ? (read, budget, open) : null;
    }
}
