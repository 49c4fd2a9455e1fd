namespace Vnetcni.Operator.Azure.Errors;

/// <summary>Reads and classifies errors.</summary>
public static class ArmErrors
{
    /// <summary>The error of an answer that is not 2xx.</summary>
    public static ArmError Of(ArmResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return Classify(response.Status, ArmErrorReader.Read(response.Body.Span)) with
        {
            RetryAfter = response.RetryAfter,
            CorrelationId = response.CorrelationId,
        };
    }

    /// <summary>Classifies codes, the outermost first.</summary>
    internal static ArmError Classify(int status, IReadOnlyList<ArmErrorEntry> entries)
    {
        var (best, rule) = Choose(entries);
        rule ??= ArmErrorTable.ByStatus(status);
        var error = new ArmError
        {
            Status = status,
            Code = best?.Code ?? string.Empty,
            Message = best?.Message ?? "no message",
            Cause = rule.Cause,
            Action = rule.Action,
            Reason = ArmErrorTable.ReasonOf(rule.Cause),
        };
        if (rule.Cause != ArmCause.Forbidden)
            return error;
        var (action, scope) = MissingRight.Find(error.Message);
        return error with { MissingAction = action, Scope = scope };
    }

    /// <summary>A known code in the details beats a generic one above it; an unknown one never beats a known one.</summary>
    private static (ArmErrorEntry? Entry, ArmErrorRule? Rule) Choose(IReadOnlyList<ArmErrorEntry> entries)
    {
        (ArmErrorEntry Entry, ArmErrorRule Rule)? generic = null;
        foreach (var entry in entries)
        {
            if (ArmErrorTable.Find(entry.Code) is not { } rule)
                continue;
            if (!rule.Generic)
                return (entry, rule);
            generic ??= (entry, rule);
        }

        return generic is { } found ? (found.Entry, found.Rule) : (entries.Count == 0 ? null : entries[0], null);
    }
}
