using Vnetcni.Lab.ApiServer.Fields;
using Vnetcni.Lab.ApiServer.Status;

namespace Vnetcni.Lab.ApiServer.Writes;

/// <summary>The 409 of an apply that would change fields of others.</summary>
internal static class ApplyConflicts
{
    public static ApiStatusException Of(IReadOnlyList<(ManagerEntry Owner, FieldSet Fields)> conflicts)
    {
        var byManager = conflicts.Select(c => (Who: Who(c.Owner), Fields: c.Fields.Paths().Select(PathNames.Text).ToList()))
            .OrderBy(c => c.Who, StringComparer.Ordinal).ToList();
        var count = byManager.Sum(c => c.Fields.Count);
        var message = count == 1
            ? $"Apply failed with 1 conflict: conflict with {byManager[0].Who}: {byManager[0].Fields[0]}"
            : $"Apply failed with {count} conflicts: {string.Join('\n', byManager.Select(Text))}";
        return new ApiStatusException(new ApiStatus
        {
            Code = 409,
            Reason = "Conflict",
            Message = message,
            Causes = [.. byManager.SelectMany(c => c.Fields.Select(f => new StatusCause("FieldManagerConflict", $"conflict with {c.Who}", f)))],
        });
    }

    private static string Text((string Who, List<string> Fields) conflict) =>
        $"conflicts with {conflict.Who}:\n{string.Join('\n', conflict.Fields.Select(f => "- " + f))}";

    private static string Who(ManagerEntry owner) =>
        FieldError.Quote(owner.Manager)
        + (owner.Subresource.Length > 0 ? $" with subresource \"{owner.Subresource}\"" : string.Empty)
        + (owner.IsApply ? string.Empty : $" using {owner.ApiVersion}");
}
