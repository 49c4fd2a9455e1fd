using System.Globalization;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.ControllerRuntime.Events;

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

    public static void Vanished(this IEventRecorder recorder, NodeIpPool pool, string addresses) => recorder.Normal(
        pool, EventReasons.DriftRepaired, $"somebody else removed {addresses} from the interface; the list was brought up to date");

    public static void Conflict(this IEventRecorder recorder, NodeIpPool pool, string nic) => recorder.Warning(
        pool, EventReasons.NicUpdateConflict, $"{nic} was changed by somebody else between read and write (412); it is read again");

    public static void Recovered(this IEventRecorder recorder, NodeIpPool pool, string message) =>
        recorder.Normal(pool, EventReasons.Recovered, message);

    public static void Would(this IEventRecorder recorder, NodeIpPool pool, int add, int remove) => recorder.Normal(
        pool, EventReasons.AddressesAdded, $"dry run: would add {add} and remove {remove} addresses");

    /// <summary>The warning that belongs to a verdict, if any.</summary>
    public static void Warn(this IEventRecorder recorder, NodeIpPool pool, Verdict verdict)
    {
        var reason = verdict switch
        {
            { Throttled: true } => EventReasons.ArmThrottled,
            { Reason: Reasons.Forbidden } => EventReasons.ArmForbidden,
            { Reason: Reasons.NicNotFound } => EventReasons.NicNotFound,
            { Reason: Reasons.SubnetExhausted } => EventReasons.SubnetExhausted,
            { Reason: Reasons.NodeLimitReached } => EventReasons.NodeLimitReached,
            { Reason: Reasons.VNetLimitReached } => EventReasons.VNetLimitReached,
            { Reason: Reasons.AgentNotReporting, Reconciling: false } => EventReasons.AgentStale,
            _ => null,
        };
        if (reason is not null)
            recorder.Warning(pool, reason, verdict.Message);
    }
}
