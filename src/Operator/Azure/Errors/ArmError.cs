namespace Vnetcni.Operator.Azure.Errors;

/// <summary>An error of ARM, classified.</summary>
public sealed record ArmError
{
    /// <summary>HTTP status; 200 for an operation that failed later.</summary>
    public required int Status { get; init; }

    /// <summary>The code that decided: the most telling of the top one and those in the details; empty without one.</summary>
    public required string Code { get; init; }

    /// <summary>ARM's message for that code, cut at 1,024 characters.</summary>
    public required string Message { get; init; }

    /// <summary>What it means.</summary>
    public required ArmCause Cause { get; init; }

    /// <summary>What to do.</summary>
    public required ArmAction Action { get; init; }

    /// <summary>Reason of the Ready condition, see <see cref="Api.Names.Reasons"/>; null when the error is no state of its own.</summary>
    public string? Reason { get; init; }

    /// <summary>The right that is missing, such as <c>Microsoft.Network/virtualNetworks/subnets/join/action</c>; null when unknown.</summary>
    public string? MissingAction { get; init; }

    /// <summary>The resource on which it is missing; null when unknown.</summary>
    public string? Scope { get; init; }

    /// <summary>How long ARM asks to wait, or null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>For people who ask Azure support, or null.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Code, cause and next step for a person.</summary>
    public override string ToString()
    {
        var head = Code.Length == 0 ? $"HTTP {Status}" : Code;
        var next = NextStep();
        return next.Length == 0 ? $"{head}: {Message}" : $"{head}: {Message} {next}";
    }

    private string NextStep() => Cause switch
    {
        ArmCause.SubnetFull => "Enlarge the subnet or lower maxAddresses of the class.",
        ArmCause.Forbidden when MissingAction is not null => $"Grant {MissingAction} on {Scope ?? "that scope"} to the operator's identity.",
        ArmCause.Forbidden => "Grant the operator's role to its identity.",
        ArmCause.Denied => "A lock, policy or deny assignment refuses the write: exempt the resource.",
        ArmCause.TokenRefused => "Check the operator's identity mode, tenant and client id.",
        ArmCause.NicFull => "Lower maxAddresses of the class or use more nodes.",
        ArmCause.AddressTaken => "The address is kept out of use.",
        _ => string.Empty,
    };
}
