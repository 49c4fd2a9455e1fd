using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;

namespace Vnetcni.ArmSimulator.Core;

/// <summary>LIST answers in pages. The skip token is the last key sent, so that a page is right after changes too.</summary>
internal static class Paging
{
    private const string Token = "$skipToken";

    public static Reply Page<T>(Call call, IEnumerable<KeyValuePair<string, T>> sorted, int size, Func<T, JsonNode> render)
    {
        var after = Read(call.Route.Query.GetValueOrDefault(Token));
        var values = new JsonArray();
        string? last = null;
        var more = false;
        foreach (var (key, item) in sorted)
        {
            if (after is not null && string.CompareOrdinal(key, after) <= 0)
                continue;
            if (values.Count == size)
            {
                more = true;
                break;
            }

            values.Push(render(item));
            last = key;
        }

        var body = new JsonObject { ["value"] = values };
        if (more)
        {
            body["nextLink"] = $"{call.BaseUri}{call.Route.Path}?api-version={Uri.EscapeDataString(call.ApiVersion)}"
                + $"&{Token}={Base64Url.EncodeToString(Encoding.UTF8.GetBytes(last!))}";
        }

        return Reply.Ok(body);
    }

    private static string? Read(string? token)
    {
        if (token is null)
            return null;
        try
        {
            return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token));
        }
        catch (FormatException)
        {
            throw new ArmError(400, "InvalidSkipToken", "The provided $skipToken is invalid.");
        }
    }
}
