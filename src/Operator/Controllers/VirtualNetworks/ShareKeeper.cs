using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Settings;
using Vnetcni.Api.Validation;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.Ipam.VNetBudget;
using Vnetcni.Operator.Controllers.NodeIpPools;

namespace Vnetcni.Operator.Controllers.VirtualNetworks;

/// <summary>
/// Computes the fair shares of a virtual network that runs dry, from what the objects tell, and wakes the pools whose share is another
/// than they tell. A pool that has more than its share is asked, by its status, to give back what it does not use.
/// </summary>
internal sealed class ShareKeeper(OperatorContext context, Ledgers ledgers) : IReconciler
{
    /// <summary>Shortest time between two looks, unless ARM showed something new: what changes meanwhile is taken together.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, (long At, VirtualNetworkStatus From)> computed = new(StringComparer.Ordinal);

    /// <summary>Wakes a pool's controller; set once, before anything runs.</summary>
    public Action<ObjectKey> Wake { get; set; } = static _ => { };

    /// <inheritdoc/>
    public Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (context.VirtualNetworks.Get(key) is not { Status: { } status } network || SpecValidation.Validate(network).Count != 0)
        {
            computed.Remove(key.Name);
            return Task.FromResult(ReconcileResult.Done);
        }

        if (computed.TryGetValue(key.Name, out var last) && !RoomDiffers(last.From, status) && Interval - context.Time.GetElapsedTime(last.At) is { Ticks: > 0 } early)
            return Task.FromResult(ReconcileResult.After(early));
        computed[key.Name] = (context.Time.GetTimestamp(), status);
        return Task.FromResult(Compute(key, network) ? ReconcileResult.After(Interval) : ReconcileResult.Done);
    }

    /// <summary>Whether ARM showed another room for the pools, as far as the statuses tell.</summary>
    public static bool RoomDiffers(VirtualNetworkStatus? before, VirtualNetworkStatus? now) => before?.UsedByOthers != now?.UsedByOthers
        || !(before?.Subnets ?? []).Select(Room).SequenceEqual((now?.Subnets ?? []).Select(Room));

    private static (string Id, int? Capacity, int? ForPods) Room(SubnetStatus subnet) => (subnet.Id, subnet.Capacity, subnet.ForPods);

    private bool Compute(ObjectKey key, VirtualNetwork network)
    {
        var ledger = ledgers.Get(key.Name);
        var pools = context.Pools.Snapshot.Objects
            .Where(p => p.Status?.NetworkInterfaces is [{ VirtualNetwork: { } name }, ..] && name == key.Name)
            .ToArray();
        var state = BudgetMapping.Read(network, context.Settings.PerVirtualNetwork);
        var shares = FairShares.Of(state, [.. pools.Select(Claim)], Rooms(network.Status?.Subnets ?? [], ledger.Observation?.Subnets ?? []));
        ledger.Shares = shares;
        foreach (var pool in pools)
        {
            int? share = shares.TryGetValue(pool.Metadata.Name, out var own) ? own.Addresses : null;
            if (share != pool.Status!.Share)
                Wake(pool.Key());
        }

        return shares.Count != 0;
    }

    // As the object tells, not as this process saw it: of two leaders, each that went by its own eyes would tell another share, in turn.
    private static IReadOnlyList<SubnetRoom> Rooms(IReadOnlyList<SubnetStatus> told, IReadOnlyList<SubnetStatus> seen)
    {
        var rooms = new SortedDictionary<string, SubnetRoom>(StringComparer.Ordinal);
        // One that the object does not name (it names 256), or whose room it does not (an older CRD), is known from ARM alone.
        foreach (var subnet in seen.Concat(told))
        {
            if (subnet is { Capacity: { } capacity, ForPods: { } room })
                rooms[subnet.Id.ToLowerInvariant()] = new SubnetRoom(subnet.Id.ToLowerInvariant(), capacity, room);
        }

        return [.. rooms.Values];
    }

    private ShareClaim Claim(NodeIpPool pool)
    {
        var status = pool.Status!;
        var settings = SpecValidation.Validate(pool).Count == 0 ? EffectiveSettings.Of(pool.Spec!) : EffectiveSettings.Default;
        // What is bound on the interface by others is not known here; a share that is not taken up costs nothing but precision.
        var limit = NodeLimits.Of(context, pool, settings).Most;
        var wanted = pool.Metadata.DeletionTimestamp is not null ? 0 : Math.Min(status.Usage?.Desired ?? settings.WarmUp, limit);
        return new ShareClaim(
            pool.Metadata.Name,
            status.NetworkInterfaces![0].Subnet?.Id?.ToLowerInvariant() ?? string.Empty,
            status.Held ?? 0,
            wanted,
            Math.Min(status.Usage?.InUse ?? 0, status.Held ?? 0),
            status.Usage?.Waiting ?? 0);
    }
}
