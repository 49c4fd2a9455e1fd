using Vnetcni.Operator.Azure.Errors;

namespace Vnetcni.Operator.Azure.NetworkInterfaces;

/// <summary>What ARM said to a PUT. Accepted is not done: only a later GET tells what stands.</summary>
public sealed record NicPutOutcome
{
    /// <summary>HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>Why it was refused; null when it was accepted.</summary>
    public ArmError? Error { get; init; }

    /// <summary>Whether ARM took it.</summary>
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(false, nameof(Error))]
    public bool IsAccepted => Error is null;

    /// <summary>URL of the operation to follow; null when there is none.</summary>
    public string? OperationUrl { get; init; }

    /// <summary>How long ARM asks to wait before the first poll, or null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>For people who ask Azure support.</summary>
    public string? CorrelationId { get; init; }
}
