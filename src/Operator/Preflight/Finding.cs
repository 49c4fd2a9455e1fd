namespace Vnetcni.Operator.Preflight;

/// <summary>What was found for one right.</summary>
internal enum FindingState
{
    /// <summary>Given and not denied.</summary>
    Given,

    /// <summary>No role gives it.</summary>
    Missing,

    /// <summary>A deny assignment takes it away.</summary>
    Denied,

    /// <summary>ARM did not say.</summary>
    Unknown,
}

/// <summary>One right on one scope.</summary>
/// <param name="Right">The right.</param>
/// <param name="Scope">Resource group or resource.</param>
/// <param name="State">What was found.</param>
/// <param name="Detail">Name of the deny assignment, or why it is unknown.</param>
internal sealed record Finding(RequiredRight Right, string Scope, FindingState State, string? Detail = null)
{
    /// <summary>Whether the operator cannot do its work like this.</summary>
    public bool IsFailure => !Right.Optional && State != FindingState.Given;
}
