namespace Vnetcni.ArmSimulator.Authorization;

/// <summary>A role given on a scope: to everyone, or to one principal. As soon as one is seeded, what none gives is refused.</summary>
/// <param name="Scope">A subscription, resource group or resource id; what lies below inherits it.</param>
/// <param name="Actions">Actions with <c>*</c> for any characters.</param>
public sealed record SimRoleAssignment(string Scope, IReadOnlyList<string> Actions)
{
    /// <summary>What is taken out of the actions.</summary>
    public IReadOnlyList<string> NotActions { get; set; } = [];

    /// <summary>Object id, or null for everyone.</summary>
    public string? Principal { get; set; }
}
