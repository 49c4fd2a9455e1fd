using System.Globalization;
using System.Text;

namespace Vnetcni.Operator.Preflight;

/// <summary>Tells people what was found and what to do.</summary>
internal static class PreflightReport
{
    /// <summary>All that is needed is given.</summary>
    internal const int Ready = 0;

    /// <summary>A right is missing or denied.</summary>
    internal const int Lacking = 4;

    internal static int ExitCode(IReadOnlyList<Finding> findings) => findings.Any(f => f.IsFailure) ? Lacking : Ready;

    /// <summary>One line per right and scope that is not in order, then the commands that mend it, then a count.</summary>
    /// <param name="findings">What was found.</param>
    /// <param name="notes">What could not be looked at.</param>
    /// <param name="principal">Object id of the identity, or null.</param>
    /// <param name="all">Whether rights that are in order are listed too.</param>
    internal static string Text(IReadOnlyList<Finding> findings, IReadOnlyList<string> notes, string? principal, bool all)
    {
        var text = new StringBuilder();
        foreach (var finding in findings)
        {
            if (all || finding.State != FindingState.Given)
                text.AppendLine(Line(finding));
        }

        foreach (var note in notes)
            text.Append("note     ").AppendLine(note);
        var lacking = findings.Where(f => f.IsFailure && f.State == FindingState.Missing).Select(f => f.Scope).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        if (lacking.Count > 0)
            AppendRemedy(text, lacking, principal);
        if (findings.Any(f => f.State == FindingState.Denied && f.IsFailure))
            text.AppendLine("\nA deny assignment wins over every role: no assignment mends it. Take its owner's way out (AKS: a node resource group that is not locked down), or have the identity excluded.");
        if (findings.Any(f => f.State == FindingState.Unknown && f.IsFailure))
            text.AppendLine("\nWhere rights could not be listed, give the identity Microsoft.Authorization/permissions/read there (the role has it) and run preflight again.");
        text.Append(CultureInfo.InvariantCulture, $"\n{findings.Count} rights looked at, {findings.Count(f => f.State == FindingState.Given)} given, {findings.Count(f => f.IsFailure)} lacking. Nothing was changed.\n");
        return text.ToString();
    }

    private static string Line(Finding finding)
    {
        var word = finding.State switch
        {
            FindingState.Given => "given    ",
            FindingState.Missing => finding.Right.Optional ? "optional " : "MISSING  ",
            FindingState.Denied => "DENIED   ",
            _ => "unknown  ",
        };
        var line = $"{word}{finding.Right.Action}\n         on {finding.Scope}";
        if (finding.State == FindingState.Given)
            return line;
        return finding.Detail is null ? $"{line}\n         without it {finding.Right.Why}" : $"{line}\n         {finding.Detail}";
    }

    private static void AppendRemedy(StringBuilder text, List<string> scopes, string? principal)
    {
        text.AppendLine("\nTo mend it, once per subscription (docs/install/azure-role, put your scopes into assignableScopes):");
        text.AppendLine("  az role definition create --role-definition docs/install/azure-role/role.json");
        text.AppendLine("and on each scope:");
        foreach (var scope in scopes)
        {
            text.Append("  az role assignment create --assignee-object-id ").Append(principal ?? "OBJECT_ID")
                .Append(" --assignee-principal-type ServicePrincipal --role \"").Append(RequiredRights.RoleName)
                .Append("\" --scope ").AppendLine(scope);
        }

        if (principal is null)
            text.AppendLine("  (OBJECT_ID: the object id of the operator's identity, its principalId; its client id does not serve here)");
    }
}
