using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Faults;

namespace Vnetcni.ArmSimulator.Authorization;

/// <summary>Who may do what. Without role assignments everyone may do everything.</summary>
internal sealed class AccessTable
{
    private readonly List<SimRoleAssignment> _roles = [];
    private readonly List<SimDenyAssignment> _denies = [];

    public bool IsOpen => _roles.Count == 0 && _denies.Count == 0;

    public IReadOnlyList<SimDenyAssignment> Denies => _denies;

    public void Add(SimRoleAssignment role) => _roles.Add(role);

    public void Add(SimDenyAssignment deny) => _denies.Add(deny);

    /// <summary>Roles that reach a scope for a principal.</summary>
    public IEnumerable<SimRoleAssignment> RolesOn(string scope, string principal) =>
        _roles.Where(r => (r.Principal is null || Is(r.Principal, principal)) && Reaches(r.Scope, scope));

    public bool Allows(string action, string scope, string principal) =>
        (_roles.Count == 0 || RolesOn(scope, principal).Any(r => Covers(r.Actions, r.NotActions, action)))
        && Denying(action, scope, principal) is null;

    public SimDenyAssignment? Denying(string action, string scope, string principal) => _denies.FirstOrDefault(d =>
        (d.Principals.Count == 0 || d.Principals.Any(p => Is(p, principal)))
        && !d.ExcludePrincipals.Any(p => Is(p, principal))
        && (d.DoNotApplyToChildScopes ? Is(d.Scope, scope) : Reaches(d.Scope, scope))
        && Covers(d.Actions, d.NotActions, action));

    /// <summary>Refuses what is not allowed, as Azure words it.</summary>
    public void Require(string action, string scope, string principal)
    {
        if (IsOpen || Allows(action, scope, principal))
            return;
        throw Denying(action, scope, principal) is { } deny
            ? ArmErrors.DeniedByAssignment(principal, action, scope, deny.Name)
            : ArmErrors.Forbidden(principal, action, scope);
    }

    /// <summary>A write that names another resource needs a right on that too.</summary>
    public void RequireLinked(string write, string scope, string action, string linked, string principal)
    {
        if (!IsOpen && !Allows(action, linked, principal))
            throw ArmErrors.LinkedForbidden(principal, write, scope, action, linked);
    }

    private static bool Covers(IReadOnlyList<string> actions, IReadOnlyList<string> notActions, string action) =>
        actions.Any(p => Glob.Matches(p, action)) && !notActions.Any(p => Glob.Matches(p, action));

    public static bool Reaches(string above, string scope) =>
        (scope.TrimEnd('/') + "/").StartsWith(above.TrimEnd('/') + "/", StringComparison.OrdinalIgnoreCase);

    private static bool Is(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
