using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;

namespace Vnetcni.Operator.Controllers.NodeIpPools;

/// <summary>How a pool stands, for its conditions.</summary>
/// <param name="Ready">False only while pods wait, or on a fault.</param>
/// <param name="Reason">See <see cref="Reasons"/>.</param>
/// <param name="Message">Cause, numbers, next step.</param>
internal sealed record Verdict(bool Ready, string Reason, string Message)
{
    /// <summary>Work is under way.</summary>
    public bool Reconciling { get; init; }

    /// <summary>No progress before a person acts.</summary>
    public bool Stalled { get; init; }

    /// <summary>A limit is reached.</summary>
    public bool CapacityLow { get; init; }

    /// <summary>ARM throttles.</summary>
    public bool Throttled { get; init; }

    /// <summary>What somebody else changed on the interface and is not put right; null = nothing.</summary>
    public string? Drift { get; init; }

    /// <summary>A person owns the spec.</summary>
    public bool SpecOverridden { get; init; }

    /// <summary>When it is tried again after a fault.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>What its event says where the message has times in it that change with every try; null = the message.</summary>
    public string? EventText { get; init; }

    /// <summary>The conditions after this verdict.</summary>
    public IReadOnlyList<Condition> Apply(IReadOnlyList<Condition>? before, long generation, DateTimeOffset now)
    {
        var list = ConditionSet.Set(before, ConditionTypes.Ready, Ready, Reason, Message, generation, now);
        list = Flag(list, ConditionTypes.Reconciling, Reconciling);
        list = Flag(list, ConditionTypes.Stalled, Stalled);
        list = Flag(list, ConditionTypes.CapacityLow, CapacityLow);
        list = Flag(list, ConditionTypes.AzureThrottled, Throttled);
        list = Drift is null
            ? ConditionSet.Remove(list, ConditionTypes.Drifted)
            : ConditionSet.Set(list, ConditionTypes.Drifted, true, "ChangedByOthers", Drift, generation, now);
        return SpecOverridden
            ? ConditionSet.Set(
                list, ConditionTypes.SpecOverridden, true, "OwnedByAPerson", "a person owns spec; the class's settings no longer reach this pool", generation, now)
            : ConditionSet.Remove(list, ConditionTypes.SpecOverridden);

        IReadOnlyList<Condition> Flag(IReadOnlyList<Condition> conditions, string type, bool holds) => holds
            ? ConditionSet.Set(conditions, type, true, Reason, Message, generation, now)
            : ConditionSet.Remove(conditions, type);
    }
}
