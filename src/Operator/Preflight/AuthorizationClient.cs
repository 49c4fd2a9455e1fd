using System.Text.Json;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Errors;

namespace Vnetcni.Operator.Preflight;

/// <summary>
/// What ARM says about the caller's rights. Sources: https://learn.microsoft.com/rest/api/authorization/permissions and
/// https://learn.microsoft.com/rest/api/authorization/deny-assignments/list-for-scope
/// </summary>
/// <param name="arm">ARM.</param>
internal sealed class AuthorizationClient(IArm arm)
{
    private const string ApiVersion = "2022-04-01";
    private const int MaxPages = 100;

    /// <summary>What the caller may do on a resource group or resource, inherited rights included. Throws as <see cref="IArm.SendAsync"/> does.</summary>
    internal Task<ArmResult<IReadOnlyList<ActionSet>>> GetPermissionsAsync(string scope, CancellationToken cancellationToken) =>
        ListAsync($"{scope}/providers/Microsoft.Authorization/permissions?api-version={ApiVersion}", ReadActions, cancellationToken);

    /// <summary>Deny assignments on a scope and above it.</summary>
    internal Task<ArmResult<IReadOnlyList<DenyAssignment>>> GetDenyAssignmentsAsync(string scope, CancellationToken cancellationToken) =>
        ListAsync($"{scope}/providers/Microsoft.Authorization/denyAssignments?api-version={ApiVersion}&$filter=atScope()", ReadDeny, cancellationToken);

    /// <summary>All items of all pages, or the error.</summary>
    internal async Task<ArmResult<IReadOnlyList<T>>> ListAsync<T>(string path, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        var items = new List<T>();
        var next = path;
        for (var page = 0; next is not null; page++)
        {
            if (page == MaxPages)
                throw new ArmAnswerException($"{path} has more than {MaxPages} pages");
            using var response = await arm.SendAsync(new ArmRequest("GET", next), cancellationToken);
            if (!response.IsSuccess)
                return new ArmResult<IReadOnlyList<T>>(null, ArmErrors.Of(response));
            next = ReadPage(path, response.Body, read, items);
        }

        return new ArmResult<IReadOnlyList<T>>(items, null);
    }

    private static string? ReadPage<T>(string path, ReadOnlyMemory<byte> body, Func<JsonElement, T> read, List<T> items)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("value", out var value) || value.ValueKind != JsonValueKind.Array)
                throw new ArmAnswerException($"the answer to {path} is no list");
            foreach (var item in value.EnumerateArray())
                items.Add(read(item));
            return Text(json.RootElement, "nextLink") is { Length: > 0 } link ? link : null;
        }
        catch (JsonException e)
        {
            throw new ArmAnswerException($"the answer to {path} is not JSON: {e.Message}", e);
        }
    }

    private static ActionSet ReadActions(JsonElement item) => new(Texts(item, "actions"), Texts(item, "notActions"));

    private static DenyAssignment ReadDeny(JsonElement item)
    {
        var properties = Member(item, "properties");
        return new DenyAssignment(
            Text(properties, "denyAssignmentName") ?? Text(item, "name") ?? "without a name",
            Text(properties, "scope") ?? string.Empty,
            Member(properties, "doNotApplyToChildScopes").ValueKind != JsonValueKind.True,
            [.. Elements(properties, "permissions").Select(ReadActions)],
            [.. Elements(properties, "principals").Select(p => Text(p, "id") ?? string.Empty)],
            [.. Elements(properties, "excludePrincipals").Select(p => Text(p, "id") ?? string.Empty)]);
    }

    private static JsonElement Member(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var member) ? member : default;

    private static string? Text(JsonElement of, string name) => Member(of, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static JsonElement.ArrayEnumerator Elements(JsonElement of, string name) =>
        Member(of, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : default;

    private static string[] Texts(JsonElement of, string name) =>
        [.. Elements(of, name).Where(static e => e.ValueKind == JsonValueKind.String).Select(static e => e.GetString()!)];
}
