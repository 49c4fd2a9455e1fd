namespace Vnetcni.Operator.Preflight;

/// <summary>
/// A deny assignment: it wins over every role. AKS puts one on a node resource group that is locked down.
/// Source: https://learn.microsoft.com/azure/role-based-access-control/deny-assignments
/// </summary>
/// <param name="Name">As people see it.</param>
/// <param name="Scope">Where it stands.</param>
/// <param name="ForChildren">Whether it goes for what lies below the scope too.</param>
/// <param name="Denied">What it denies.</param>
/// <param name="Principals">Object ids that it is for.</param>
/// <param name="Excluded">Object ids that it is not for.</param>
internal sealed record DenyAssignment(
    string Name, string Scope, bool ForChildren, IReadOnlyList<ActionSet> Denied, IReadOnlyList<string> Principals, IReadOnlyList<string> Excluded)
{
    /// <summary>Azure's id for everybody.</summary>
    internal const string Everyone = "00000000-0000-0000-0000-000000000000";

    /// <summary>
    /// Whether it takes the action from the principal on the scope. Groups cannot be looked into: one that names neither everybody nor the
    /// principal does not count. With an unknown principal one for everybody counts, exceptions or not.
    /// </summary>
    internal bool Denies(string action, string scope, string? principal)
    {
        var applies = Principals.Any(p => Is(p, Everyone) || (principal is not null && Is(p, principal)))
            && !(principal is not null && Excluded.Any(p => Is(p, principal)));
        var reaches = ForChildren ? $"{scope}/".StartsWith(Scope.TrimEnd('/') + "/", StringComparison.OrdinalIgnoreCase) : Is(scope, Scope);
        return applies && reaches && Denied.Any(set => set.Covers(action));
    }

    private static bool Is(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
}
