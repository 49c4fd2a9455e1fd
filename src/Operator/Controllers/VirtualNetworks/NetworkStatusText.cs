using System.Globalization;
using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Operator.Controllers.VirtualNetworks;

/// <summary>Makes a VirtualNetwork's status out of the budget and what ARM showed.</summary>
internal static class NetworkStatusText
{
    public static VirtualNetworkStatus Of(VirtualNetwork network, BudgetState state, NetworkObservation? seen, DateTimeOffset now)
    {
        var before = network.Status;
        var generation = network.Metadata.Generation ?? 0;
        var (low, message) = Capacity(state);
        var conditions = ConditionSet.Set(before?.Conditions, ConditionTypes.Ready, true, low ? Reasons.AtLimit : Reasons.InSync, message, generation, now);
        conditions = ConditionSet.Remove(conditions, ConditionTypes.Stalled);
        conditions = low
            ? ConditionSet.Set(conditions, ConditionTypes.CapacityLow, true, Reasons.AtLimit, message, generation, now)
            : ConditionSet.Remove(conditions, ConditionTypes.CapacityLow);
        return new VirtualNetworkStatus
        {
            ObservedGeneration = generation,
            UsedByUs = state.Used,
            UsedByOthers = state.UsedByOthers,
            Free = state.Free,
            Reservations = BudgetMapping.Write(state.Reservations),
            Subnets = seen?.Subnets ?? before?.Subnets,
            SubnetSummary = seen is null ? before?.SubnetSummary : Summary(seen.Subnets),
            AddressPrefixes = seen?.AddressPrefixes ?? before?.AddressPrefixes,
            PeeredPrefixes = seen?.PeeredPrefixes ?? before?.PeeredPrefixes,
            Conditions = conditions,
        };
    }

    /// <summary>The status of an object that nothing is done with.</summary>
    public static VirtualNetworkStatus Stalled(VirtualNetwork network, string reason, string message, DateTimeOffset now)
    {
        var generation = network.Metadata.Generation ?? 0;
        var conditions = ConditionSet.Set(network.Status?.Conditions, ConditionTypes.Ready, false, reason, message, generation, now);
        return (network.Status ?? new VirtualNetworkStatus()) with
        {
            ObservedGeneration = generation,
            Conditions = ConditionSet.Set(conditions, ConditionTypes.Stalled, true, reason, message, generation, now),
        };
    }

    // A tenth of the budget left, or none.
    private static (bool Low, string Message) Capacity(BudgetState state)
    {
        var low = state.Free <= state.ForUs / 10;
        var text = string.Create(CultureInfo.InvariantCulture, $"{state.Used} of {state.ForUs} pod addresses are used, {state.Free} can be granted");
        return (low, low ? $"{text}; raise spec.podAddressLimit, or lower maxFree of the classes" : text);
    }

    // Null, not empty: old API servers take an applied empty text for null and refuse it.
    private static string? Summary(IReadOnlyList<SubnetStatus> subnets) => subnets.Count == 0 ? null : string.Join(
        ", ",
        subnets.Select(static s => string.Create(CultureInfo.InvariantCulture, $"{s.Id[(s.Id.LastIndexOf('/') + 1)..]} {s.Free}/{s.Capacity}")));
}
