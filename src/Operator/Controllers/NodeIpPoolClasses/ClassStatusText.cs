using System.Globalization;
using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Validation;
using Vnetcni.Operator.Controllers.NodeIpPools;

namespace Vnetcni.Operator.Controllers.NodeIpPoolClasses;

/// <summary>Makes a class's status out of its pools. The class never turns False for a full pool.</summary>
internal static class ClassStatusText
{
    public static NodeIpPoolClassStatus Of(
        NodeIpPoolClass value, IReadOnlyList<NodeIpPool> pools, IReadOnlyList<(string Winner, int Nodes)> lost, DateTimeOffset now)
    {
        var generation = value.Metadata.Generation ?? 0;
        var before = value.Status?.Conditions;
        var errors = SpecValidation.Validate(value);
        var low = pools.Count(static p => ConditionSet.IsTrue(p.Status?.Conditions, ConditionTypes.CapacityLow));
        var status = new NodeIpPoolClassStatus
        {
            ObservedGeneration = generation,
            Nodes = pools.Count,
            Used = pools.Sum(static p => p.Status?.Usage?.InUse ?? 0),
            Free = pools.Sum(static p => p.Status?.Usage?.Free ?? 0),
            Held = pools.Sum(static p => p.Status?.Held ?? 0),
        };
        if (errors.Count != 0)
        {
            var message = SpecError.Join(errors);
            before = ConditionSet.Set(before, ConditionTypes.Ready, false, Reasons.InvalidSpec, message, generation, now);
            return status with { Conditions = ConditionSet.Set(before, ConditionTypes.Stalled, true, Reasons.InvalidSpec, message, generation, now) };
        }

        before = ConditionSet.Remove(before, ConditionTypes.Stalled);
        before = ConditionSet.Set(before, ConditionTypes.Ready, true, Reasons.InSync, Message(pools.Count, lost), generation, now);
        before = Missing(before, pools, ConditionTypes.PermissionsValid, Reasons.Forbidden, generation, now);
        before = Subnets(before, pools, generation, now);
        before = low == 0
            ? ConditionSet.Remove(before, ConditionTypes.CapacityLow)
            : ConditionSet.Set(before, ConditionTypes.CapacityLow, true, Reasons.AtLimit, Text($"{low} of {pools.Count} nodes are at a limit"), generation, now);
        return status with { Conditions = before };
    }

    private static IReadOnlyList<Condition> Missing(
        IReadOnlyList<Condition> conditions, IReadOnlyList<NodeIpPool> pools, string type, string reason, long generation, DateTimeOffset now)
    {
        var hit = pools.FirstOrDefault(p => ConditionSet.Find(p.Status?.Conditions, ConditionTypes.Ready)?.Reason == reason);
        if (hit is null)
            return ConditionSet.Set(conditions, type, true, Reasons.InSync, "no node lacks a right", generation, now);
        var message = ConditionSet.Find(hit.Status!.Conditions, ConditionTypes.Ready)!.Message;
        return ConditionSet.Set(conditions, type, false, reason, $"{hit.Metadata.Name}: {message}", generation, now);
    }

    private static IReadOnlyList<Condition> Subnets(
        IReadOnlyList<Condition> conditions, IReadOnlyList<NodeIpPool> pools, long generation, DateTimeOffset now)
    {
        foreach (var pool in pools)
        {
            var ready = ConditionSet.Find(pool.Status?.Conditions, ConditionTypes.Ready);
            var what = ready is { Status: "False", Message: not null } && ready.Message.StartsWith(BindingFinder.ReadNetwork, StringComparison.Ordinal) ? ready.Message
                : pool.Status?.NetworkInterfaces is [{ Subnet: { Cidr: null } subnet }, ..] ? $"subnet {subnet.Name} is not among those that its virtual network shows"
                : null;
            if (what is not null)
                return ConditionSet.Set(conditions, ConditionTypes.SubnetsReachable, false, ready?.Reason ?? Reasons.ArmError, $"{pool.Metadata.Name}: {what}", generation, now);
        }

        return ConditionSet.Set(conditions, ConditionTypes.SubnetsReachable, true, Reasons.InSync, "every subnet of its nodes was read", generation, now);
    }

    private static string Message(int nodes, IReadOnlyList<(string Winner, int Nodes)> lost)
    {
        var text = Text($"{nodes} {(nodes == 1 ? "node" : "nodes")}");
        return lost.Count == 0
            ? text
            : $"{text}; {string.Join(", ", lost.Select(static l => Text($"{l.Nodes} that it selects belong to class {l.Winner}")))} (higher priority, or first by name)";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
