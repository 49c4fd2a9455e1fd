using System.Globalization;
using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.Ipam.VNetBudget;

namespace Vnetcni.Operator.Controllers.VirtualNetworks;

/// <summary>Makes a VirtualNetwork's status out of the budget and what ARM showed.</summary>
internal static class NetworkStatusText
{
    // The schema's bounds: a status beyond them is refused as a whole, and with it every reservation.
    private const int MaxSubnets = 256;
    private const int MaxAddressPrefixes = 512;
    private const int MaxPeeredPrefixes = 1024;
    private const int MaxSummary = 1024;

    public static VirtualNetworkStatus Of(VirtualNetwork network, BudgetState state, NetworkObservation? seen, DateTimeOffset now)
    {
        var before = network.Status;
        var generation = network.Metadata.Generation ?? 0;
        var (low, message) = Capacity(state);
        var conditions = ConditionSet.Set(before?.Conditions, ConditionTypes.Ready, true, low ? Reasons.AtLimit : Reasons.InSync, message, generation, now);
        conditions = ConditionSet.Remove(conditions, ConditionTypes.Stalled);
        if (network.Metadata.DeletionTimestamp is not null)
            conditions = ConditionSet.Set(conditions, ConditionTypes.Ready, false, Reasons.Deleting, Deletion(state), generation, now);
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
            Subnets = AtMost(MaxSubnets, seen?.Subnets) ?? before?.Subnets,
            SubnetSummary = seen is null ? before?.SubnetSummary : Summary(seen.Subnets),
            AddressPrefixes = AtMost(MaxAddressPrefixes, seen?.AddressPrefixes) ?? before?.AddressPrefixes,
            PeeredPrefixes = AtMost(MaxPeeredPrefixes, seen?.PeeredPrefixes) ?? before?.PeeredPrefixes,
            Runway = seen?.Runway ?? before?.Runway,
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

    private static string Deletion(BudgetState state)
    {
        var names = string.Join(", ", state.Reservations.Take(8).Select(static r => r.Pool));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"it goes when {state.Reservations.Length} changes in flight are settled{(names.Length == 0 ? string.Empty : $" ({names})")}; nothing is granted meanwhile");
    }

    // A tenth of the budget left, or none.
    private static (bool Low, string Message) Capacity(BudgetState state)
    {
        var low = state.Free <= state.ForUs / 10;
        var text = string.Create(CultureInfo.InvariantCulture, $"{state.Used} of {state.ForUs} pod addresses are used, {state.Free} can be granted");
        return (low, low ? $"{text}; raise spec.podAddressLimit, or lower maxFree of the classes" : text);
    }

    // Null, not empty: old API servers take an applied empty text for null and refuse it.
    private static string? Summary(IReadOnlyList<SubnetStatus> subnets)
    {
        if (subnets.Count == 0)
            return null;
        var text = string.Join(
            ", ",
            subnets.Select(static s => string.Create(CultureInfo.InvariantCulture, $"{s.Id[(s.Id.LastIndexOf('/') + 1)..]} {s.Free}/{s.Capacity}")));
        return text.Length <= MaxSummary ? text : string.Concat(text.AsSpan(0, MaxSummary - 3), "...");
    }

    private static IReadOnlyList<T>? AtMost<T>(int count, IReadOnlyList<T>? values) =>
        values is null || values.Count <= count ? values : [.. values.Take(count)];
}
