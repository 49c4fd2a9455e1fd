namespace Vnetcni.Api.Conditions;

/// <summary>Pure changes of a list of conditions. Lists are kept ordered by type, so that equal states give equal bytes.</summary>
public static class ConditionSet
{
    /// <summary>The longest message that is kept; the schemas have the same bound.</summary>
    public const int MaxMessageLength = 4096;

    /// <summary>Status of a condition that holds.</summary>
    public const string True = "True";

    /// <summary>Status of a condition that does not hold.</summary>
    public const string False = "False";

    /// <summary>Status of a condition that nobody can tell.</summary>
    public const string Unknown = "Unknown";

    /// <summary>The condition of a type, or null.</summary>
    public static Condition? Find(IReadOnlyList<Condition>? conditions, string type)
    {
        foreach (var condition in conditions ?? [])
        {
            if (condition.Type == type)
                return condition;
        }

        return null;
    }

    /// <summary>Whether the condition of a type is present and True.</summary>
    public static bool IsTrue(IReadOnlyList<Condition>? conditions, string type) => Find(conditions, type)?.Status == True;

    /// <summary>
    /// The list with one condition set. <c>lastTransitionTime</c> moves to <paramref name="now"/> only when the status
    /// changes. The same list is returned when nothing changes.
    /// </summary>
    /// <param name="conditions">The list before, or null.</param>
    /// <param name="type">See <see cref="Names.ConditionTypes"/>.</param>
    /// <param name="status">True, False, or null for Unknown.</param>
    /// <param name="reason">CamelCase, not empty.</param>
    /// <param name="message">For people; cut at <see cref="MaxMessageLength"/>.</param>
    /// <param name="observedGeneration">Generation of the spec that this was computed from.</param>
    /// <param name="now">The present time.</param>
    public static IReadOnlyList<Condition> Set(
        IReadOnlyList<Condition>? conditions,
        string type,
        bool? status,
        string reason,
        string message,
        long observedGeneration,
        DateTimeOffset now)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        ArgumentException.ThrowIfNullOrEmpty(reason);
        ArgumentNullException.ThrowIfNull(message);
        var before = Find(conditions, type);
        var text = status switch { true => True, false => False, null => Unknown };
        var after = new Condition
        {
            Type = type,
            Status = text,
            Reason = reason,
            Message = message.Length <= MaxMessageLength ? message : string.Concat(message.AsSpan(0, MaxMessageLength - 3), "..."),
            ObservedGeneration = observedGeneration,
            LastTransitionTime = before?.Status == text && before.LastTransitionTime is not null
                ? before.LastTransitionTime
                : DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()),
        };
        if (after == before)
            return conditions!;
        var list = Without(conditions, type);
        list.Add(after);
        list.Sort(static (a, b) => string.CompareOrdinal(a.Type, b.Type));
        return list;
    }

    /// <summary>The list without the condition of a type; the same list when there is none.</summary>
    public static IReadOnlyList<Condition> Remove(IReadOnlyList<Condition>? conditions, string type) =>
        Find(conditions, type) is null ? conditions ?? [] : Without(conditions, type);

    private static List<Condition> Without(IReadOnlyList<Condition>? conditions, string type)
    {
        var list = new List<Condition>((conditions?.Count ?? 0) + 1);
        foreach (var condition in conditions ?? [])
        {
            if (condition.Type != type)
                list.Add(condition);
        }

        return list;
    }
}
