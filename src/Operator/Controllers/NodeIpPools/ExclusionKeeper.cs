using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Settings;
using Vnetcni.Api.Validation;
using Vnetcni.Operator.Controllers.VirtualNetworks;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>
/// Publishes new ranges of a virtual network and its peerings to a pool that has nothing else to do. ARM is not asked: the look at the
/// virtual network that found them is for all its pools.
/// </summary>
internal sealed class ExclusionKeeper(OperatorContext context, StatusWriter statuses, Ledgers ledgers)
{
    /// <summary>Writes what has changed, under the version of the pool that was cached. Throws on a conflict as every status write does.</summary>
    public async Task FollowAsync(NodeIpPool pool, PoolMemory memory, CancellationToken cancellationToken)
    {
        if (memory.Binding is not { } binding || pool.Metadata.DeletionTimestamp is not null || pool.Status?.NetworkInterfaces is null or { Count: 0 })
            return;
        var ledger = ledgers.Get(binding.NetworkName);
        var version = ledger.RangesVersion;
        if (version == memory.RangesVersion || ledger.Observation is not { } seen || SpecValidation.Validate(pool).Count != 0)
            return;
        var settings = EffectiveSettings.Of(pool.Spec!);
        var (list, leftOut) = SnatExclusions.Of(settings.ExcludedCidrs, seen.AddressPrefixes, seen.PeeredPrefixes);
        if (leftOut > binding.ExcludedCidrsLeftOut)
            context.Recorder.ExclusionsLeftOut(pool, list.Count, leftOut);
        memory.Binding = binding with { ExcludedCidrs = list, ExcludedCidrsLeftOut = leftOut };
        await statuses.WriteAsync(pool, pool.Status with { Snat = new SnatStatus { ExcludedCidrs = list } }, cancellationToken);
        memory.RangesVersion = version;
    }
}
