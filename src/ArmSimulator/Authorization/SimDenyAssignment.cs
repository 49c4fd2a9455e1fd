namespace Vnetcni.ArmSimulator.Authorization;

/// <summary>A deny assignment: wins over every role.</summary>
/// <param name="Name">Display name.</param>
/// <param name="Scope">As of a role assignment.</param>
/// <param name="Actions">What is denied.</param>
public sealed record SimDenyAssignment(string Name, string Scope, IReadOnlyList<string> Actions)
{
    /// <summary>What is taken out of the actions.</summary>
    public IReadOnlyList<string> NotActions { get; set; } = [];

    /// <summary>Object ids that it is for; empty for everyone.</summary>
    public IReadOnlyList<string> Principals { get; set; } = [];

    /// <summary>Object ids that it is not for.</summary>
    public IReadOnlyList<string> ExcludePrincipals { get; set; } = [];

    /// <summary>Whether what lies below the scope is free of it.</summary>
    public bool DoNotApplyToChildScopes { get; set; }
}
