using Vnetcni.Operator.Azure.Errors;

namespace Vnetcni.Operator.Azure.Operations;

/// <summary>How far a long-running operation is.</summary>
public enum ArmOperationState
{
    /// <summary>Still running; ask again after <see cref="ArmOperation.RetryAfter"/>.</summary>
    Running,

    /// <summary>ARM says that it succeeded; only a read of the resource tells what stands.</summary>
    Succeeded,

    /// <summary>It failed or was cancelled; see <see cref="ArmOperation.Error"/>.</summary>
    Failed,

    /// <summary>ARM no longer knows it: read the resource.</summary>
    Gone,

    /// <summary>The poll itself failed; the operation may go on. See <see cref="ArmOperation.Error"/>.</summary>
    PollFailed,
}

/// <summary>One look at a long-running operation.</summary>
/// <param name="State">How far it is.</param>
/// <param name="Error">Why, for Failed and PollFailed.</param>
/// <param name="RetryAfter">How long ARM asks to wait before the next look, or null.</param>
public sealed record ArmOperation(ArmOperationState State, ArmError? Error = null, TimeSpan? RetryAfter = null);
