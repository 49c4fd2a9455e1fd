using System.Globalization;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Events;
using Vnetcni.Ipam.Addressing;
using Vnetcni.Operator.Azure.Errors;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>Events about pools, by name.</summary>
internal static class Events
{
    public static void Changed(this IEventRecorder recorder, NodeIpPool pool, int added, int removed, TimeSpan? took, string? correlation)
    {
        var tail = took is { } time ? string.Create(CultureInfo.InvariantCulture, $" in {time.TotalSeconds:0.0} s") : string.Empty;
        if (correlation is not null)
            tail += $", correlation id {correlation}";
        if (added > 0)
            recorder.Normal(pool, EventReasons.AddressesAdded, $"added {added}{tail}");
        if (removed > 0)
            recorder.Normal(pool, EventReasons.AddressesReleased, $"released {removed}{tail}");
    }

    public static void DriftFound(this IEventRecorder recorder, NodeIpPool pool, int listed, int found) => recorder.Warning(
        pool, EventReasons.OrphanAddressesFound, $"the interface carries {found} addresses of ours, {listed} were listed; they are counted and published");

    public static void DriftRepaired(this IEventRecorder recorder, NodeIpPool pool, string what) =>
        recorder.Normal(pool, EventReasons.DriftRepaired, what);

    public static void NotPutBack(this IEventRecorder recorder, NodeIpPool pool, IReadOnlyList<IpAddress> lost, ArmError error) => recorder.Warning(
        pool,
        EventReasons.AddressQuarantined,
        $"somebody else removed {string.Join(", ", lost.Take(8))}, and Azure does not give {(lost.Count == 1 ? "it" : "them")} back: {error} It is not given to another pod; delete a pod that holds it, so that it gets another address");

    public static void Conflict(this IEventRecorder recorder, NodeIpPool pool, string nic) => recorder.Warning(
        pool, EventReasons.NicUpdateConflict, $"{nic} was changed by somebody else between read and write (412); it is read again");

    public static void Recovered(this IEventRecorder recorder, NodeIpPool pool, string message) =>
        recorder.Normal(pool, EventReasons.Recovered, message);

    public static void ExclusionsLeftOut(this IEventRecorder recorder, NodeIpPool pool, int kept, int leftOut) => recorder.Warning(
        pool,
        EventReasons.TooManySnatExclusions,
        $"{leftOut} ranges of peered networks have no room among the {kept} that see the pods' own addresses: traffic to them is translated; merge ranges, or set snat.mode Disabled");

    public static void Would(this IEventRecorder recorder, NodeIpPool pool, int add, int remove) => recorder.Normal(
        pool, EventReasons.AddressesAdded, $"dry run: would add {add} and remove {remove} addresses");

    /// <summary>The warning that belongs to a verdict, if any.</summary>
    public static void Warn(this IEventRecorder recorder, NodeIpPool pool, Verdict verdict)
    {
        var reason = verdict switch
        {
            { Throttled: true } => EventReasons.ArmThrottled,
            { Reason: Reasons.VirtualNetworkInvalid } => EventReasons.VirtualNetworkInvalid,
            { Reason: Reasons.ArmUnreachable } => EventReasons.ArmUnreachable,
            { Reason: Reasons.ArmError } => EventReasons.ArmError,
            { Reason: Reasons.Forbidden } => EventReasons.ArmForbidden,
            { Reason: Reasons.NicNotFound } => EventReasons.NicNotFound,
            { Reason: Reasons.SubnetExhausted } => EventReasons.SubnetExhausted,
            { Reason: Reasons.NodeLimitReached } => EventReasons.NodeLimitReached,
            { Reason: Reasons.VNetLimitReached } => EventReasons.VNetLimitReached,
            { Reason: Reasons.AgentNotReporting, Reconciling: false } => EventReasons.AgentStale,
            _ => null,
        };
        if (reason is not null)
            recorder.Warning(pool, reason, verdict.EventText ?? verdict.Message);
    }
}
