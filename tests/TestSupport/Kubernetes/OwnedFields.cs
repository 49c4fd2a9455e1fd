using System.Text.Json.Nodes;

namespace Vnetcni.TestSupport.Kubernetes;

/// <summary>The leaves of a manager's entry in managedFields, as slash-joined paths.</summary>
internal static class OwnedFields
{
    public static IReadOnlyCollection<string> Of(JsonObject? value, string manager, string subresource)
    {
        var result = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var entry in (value?["metadata"]?["managedFields"] as JsonArray ?? []).OfType<JsonObject>())
        {
            if ((string?)entry["manager"] == manager && (string?)entry["operation"] == "Apply" && ((string?)entry["subresource"] ?? "") == subresource)
                Walk(entry["fieldsV1"]!.AsObject(), string.Empty, result);
        }

        return result;
    }

    private static void Walk(JsonObject fields, string path, SortedSet<string> result)
    {
        foreach (var (element, child) in fields.Where(f => f.Key != "."))
        {
            var at = $"{path}/{Name(element)}";
            if (child is JsonObject { Count: > 0 } inner)
                Walk(inner, at, result);
            else
                result.Add(at);
        }
    }

    private static string Name(string element) => element[0] switch
    {
        'k' => $"[{string.Join(',', JsonNode.Parse(element[2..])!.AsObject().Select(k => $"{k.Key}={k.Value}"))}]",
        'v' => $"[={JsonNode.Parse(element[2..])}]",
        _ => element[2..],
    };
}
