using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Vnetcni.Lab.ApiServer.Schemas;

namespace Vnetcni.Lab.ApiServer.Fields;

/// <summary>The elements of paths.</summary>
internal static class PathNames
{
    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    };

    public static string Field(string name) => "f:" + name;

    /// <summary>How an item of a list that is a map or a set is called; null where its keys are missing.</summary>
    public static string? Item(SchemaNode list, JsonNode? item)
    {
        if (list.List == ListKind.Set)
            return "v:" + (item?.ToJsonString(Plain) ?? "null");
        if (item is not JsonObject value)
            return null;
        var keys = new JsonObject();
        foreach (var key in list.MapKeys.Order(StringComparer.Ordinal))
        {
            if ((value[key] ?? list.Items?.Properties.GetValueOrDefault(key)?.Default) is { } found)
                keys[key] = found.DeepClone();
        }

        return keys.Count == 0 ? null : "k:" + keys.ToJsonString(Plain);
    }

    /// <summary>A path as messages write it: <c>.status.conditions[type="Ready"].status</c>.</summary>
    public static string Text(IEnumerable<string> path) => string.Concat(path.Select(Text));

    private static string Text(string element) => element[0] switch
    {
        'k' when JsonNode.Parse(element[2..]) is JsonObject keys =>
            $"[{string.Join(',', keys.Select(k => $"{k.Key}={k.Value?.ToJsonString(Plain)}"))}]",
        'v' => $"[={element[2..]}]",
        'i' => $"[{element[2..]}]",
        _ => "." + element[2..],
    };
}
