using System.Globalization;
using Vnetcni.Api.Names;
using Vnetcni.Ipam.VNetBudget;
using Vnetcni.Operator.Azure.Errors;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>The texts: code, cause, numbers, next step; the same in condition and event.</summary>
internal static class Verdicts
{
    public static Verdict InSync(int held) => new(true, Reasons.InSync, $"{N(held, "address", "addresses")}, as wanted");

    public static Verdict NoAgent => new(false, Reasons.AgentNotReporting, "no agent has reported on this node yet; see the vnetcni-agent pod there")
    {
        Reconciling = true,
    };

    public static Verdict AgentStale(TimeSpan after) => new(
        false,
        Reasons.AgentNotReporting,
        string.Create(CultureInfo.InvariantCulture, $"the node's agent has not reported for {after.TotalMinutes:0} min; nothing is taken back meanwhile; see the vnetcni-agent pod there"));

    public static Verdict Changing(int held, int add, int remove)
    {
        var reason = add >= remove ? Reasons.Growing : Reasons.Shrinking;
        var parts = new List<string>(2);
        if (add > 0)
            parts.Add($"adding {add}");
        if (remove > 0)
            parts.Add($"removing {remove}");
        var what = parts.Count == 0 ? "bringing the count up to date" : string.Join(" and ", parts);
        return new Verdict(true, reason, $"{what}, {N(held, "address", "addresses")} held") { Reconciling = true };
    }

    /// <summary>A limit keeps the pool from what it wants.</summary>
    /// <param name="bound">The limit.</param>
    /// <param name="desired">Addresses wanted.</param>
    /// <param name="waiting">Pods without an address.</param>
    /// <param name="place">What is limited, or by which setting; see <see cref="Places"/>.</param>
    /// <param name="share">The node's fair share, where there is not enough for all.</param>
    public static Verdict AtBound(Bound bound, int desired, int waiting, string place, int? share = null)
    {
        var (reason, text) = bound.Kind switch
        {
            BoundKind.NodeLimit => (
                Reasons.NodeLimitReached,
                bound.Limit >= NodeRoom.MaxPerNode
                    ? $"the node may have {bound.Limit} addresses, the most there is, and wants {desired}; use more nodes"
                    : $"the node may have {bound.Limit} addresses and wants {desired} ({place}); use more nodes or raise it"),
            BoundKind.NicRoom => (
                Reasons.NodeLimitReached,
                $"{place}, and {desired} addresses are wanted; use more nodes or remove what others put there"),
            BoundKind.SubnetFree => (
                Reasons.SubnetExhausted,
                $"subnet {place} has {bound.Limit - bound.Used} of {bound.Limit} addresses free and {desired} are wanted on the node; enlarge the subnet or lower minFree and batchSize"),
            BoundKind.Reservations => (
                Reasons.Growing,
                $"{bound.Limit} changes are in flight in {place}; this one follows"),
            _ => (
                Reasons.VNetLimitReached,
                $"{place} has {bound.Used} of {bound.Limit} pod addresses taken and {desired} are wanted on the node; raise the limit or lower maxFree"),
        };
        if (share is not null && bound.Kind is BoundKind.VNetBudget or BoundKind.SubnetFree)
            text = string.Create(CultureInfo.InvariantCulture, $"{text}; the node's fair share is {share} now");
        var message = waiting > 0 ? $"{N(waiting, "pod waits", "pods wait")}: {text}" : text;
        var fails = waiting > 0 && bound.Kind != BoundKind.Reservations;
        return new Verdict(!fails, fails ? reason : bound.Kind == BoundKind.Reservations ? reason : Reasons.AtLimit, message)
        {
            CapacityLow = bound.Kind != BoundKind.Reservations,
        };
    }

    public static Verdict NoNic(string nic) => new(
        false, Reasons.NicNotFound, $"network interface {nic} does not exist (404); it is looked for again; if the VM was deleted, delete its Node");

    public static Verdict NoNode(string name) => new(
        false, Reasons.NicNotFound, $"there is no Node {name}, and nothing is known of its interface; delete this pool if the node will not come");

    public static Verdict Unsupported(string message) => new(false, Reasons.InvalidSpec, message) { Stalled = true };

    public static Verdict Invalid(string message) => new(false, Reasons.InvalidSpec, message) { Stalled = true };

    public static Verdict NetworkInvalid(string message) => new(
        false, Reasons.VirtualNetworkInvalid, $"nothing is added or removed: {message}")
    {
        Stalled = true,
    };

    /// <summary>ARM refused.</summary>
    public static Verdict OfError(ArmError error, string what)
    {
        var reason = error.Reason ?? Reasons.ArmError;
        var message = error.CorrelationId is null ? $"{what}: {error}" : $"{what}: {error} (correlation id {error.CorrelationId})";
        return new Verdict(false, reason, message)
        {
            Throttled = error.Cause == ArmCause.Throttled,
            Stalled = error.Cause is ArmCause.Forbidden or ArmCause.Denied,
            CapacityLow = error.Cause is ArmCause.SubnetFull or ArmCause.NicFull,
        };
    }

    /// <summary>ARM adds nothing to an interface. A limit is a fault only while pods wait, anything else always.</summary>
    public static Verdict OfGrowth(ArmError error, string nic, int waiting)
    {
        var verdict = OfError(error, $"add addresses to {nic}");
        return verdict.CapacityLow && waiting == 0 ? verdict with { Ready = true, Reason = Reasons.AtLimit } : verdict;
    }

    /// <summary>ARM did not answer.</summary>
    /// <param name="cause">What was tried and what came of it.</param>
    /// <param name="since">When that began.</param>
    /// <param name="next">When it is tried again.</param>
    public static Verdict Unreachable(string cause, DateTimeOffset since, DateTimeOffset next)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"no answer from Azure Resource Manager since {since:yyyy-MM-dd HH:mm:ss}Z: {Cut(cause)}; addresses that the node has stay usable; check the operator's network path, DNS and identity settings");
        return new Verdict(false, Reasons.ArmUnreachable, string.Create(CultureInfo.InvariantCulture, $"{text}; next try at {next:HH:mm:ss}Z"))
        {
            NextAttempt = next,
            EventText = text,
        };
    }

    /// <summary>ARM answered something that is not understood.</summary>
    public static Verdict Unintelligible(string cause, DateTimeOffset next) => new(
        false, Reasons.ArmError, $"Azure Resource Manager answered something that is not understood: {Cut(cause)}; a proxy on the way may have made it up")
    {
        NextAttempt = next,
    };

    private static string Cut(string text) => text.Length <= 512 ? text : text[..512];

    private static string N(int count, string one, string many) => string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");
}
