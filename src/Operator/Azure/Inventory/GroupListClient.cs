using System.Text.Json;
using Vnetcni.Operator.Azure.Errors;
using Vnetcni.Operator.Azure.Json;
using Vnetcni.Operator.Azure.Resources;

namespace Vnetcni.Operator.Azure.Inventory;

/// <summary>
/// Lists all resources of one type in a resource group, page by page; of each only what <paramref name="read"/> takes is kept.
/// Sources: https://learn.microsoft.com/rest/api/compute/virtual-machines/list,
/// https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces/list
/// </summary>
/// <param name="arm">ARM.</param>
/// <param name="type">Full type.</param>
/// <param name="apiVersion">api-version.</param>
/// <param name="read">Reads one resource: its id, and what is kept. Throws <see cref="ArmAnswerException"/>.</param>
internal sealed class GroupListClient<T>(IArm arm, string type, string apiVersion, GroupListClient<T>.Reader read)
    where T : class
{
    private const int MaxPages = 10_000;

    internal delegate (string Id, T Value) Reader(ReadOnlyMemory<byte> utf8);

    /// <summary>
    /// All of them, or an error, never a part. Throws as <see cref="IArm.SendAsync"/> does, and <see cref="ArmAnswerException"/>.
    /// </summary>
    /// <param name="near">Any resource of the group.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ArmResult<GroupListing<T>>> ListAsync(ResourceId near, CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, T>(StringComparer.OrdinalIgnoreCase);
        string? next = $"/subscriptions/{near.SubscriptionId}/resourceGroups/{near.ResourceGroup}/providers/{type}?api-version={apiVersion}";
        var pages = 0;
        for (; next is not null; pages++)
        {
            if (pages == MaxPages)
                throw new ArmAnswerException($"a list of {type} has more than {MaxPages} pages");
            using var response = await arm.SendAsync(new ArmRequest("GET", next), cancellationToken);
            if (!response.IsSuccess)
                return new ArmResult<GroupListing<T>>(null, ArmErrors.Of(response));
            next = ReadPage(response.Body, all);
        }

        return new ArmResult<GroupListing<T>>(new GroupListing<T>(all, pages), null);
    }

    private string? ReadPage(ReadOnlyMemory<byte> utf8, Dictionary<string, T> all)
    {
        var what = $"a list of {type}";
        string? next = null;
        try
        {
            var reader = JsonObjects.Open(utf8.Span, what);
            while (JsonObjects.NextProperty(ref reader))
            {
                if (reader.ValueTextEquals("nextLink"u8))
                    next = JsonObjects.Text(ref reader, what);
                else if (reader.ValueTextEquals("value"u8) && JsonObjects.Enter(ref reader, JsonTokenType.StartArray, what))
                    while (JsonObjects.NextElement(ref reader))
                    {
                        var from = (int)reader.TokenStartIndex;
                        reader.Skip();
                        var (id, value) = read(utf8[from..(int)reader.BytesConsumed]);
                        all[id] = value;
                    }
                else if (reader.TokenType == JsonTokenType.PropertyName)
                    JsonObjects.SkipValue(ref reader);
            }
        }
        catch (Exception e) when (JsonObjects.IsMalformed(e))
        {
            throw JsonObjects.NotJson(what, e);
        }

        return string.IsNullOrEmpty(next) ? null : next;
    }
}

/// <summary>A complete listing.</summary>
/// <param name="Items">What was kept of each resource, by its id without case.</param>
/// <param name="Pages">Calls that it took.</param>
internal sealed record GroupListing<T>(IReadOnlyDictionary<string, T> Items, int Pages)
    where T : class;
