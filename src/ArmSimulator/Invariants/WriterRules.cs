using System.Text.Json.Nodes;
using Vnetcni.ArmSimulator.Core;

namespace Vnetcni.ArmSimulator.Invariants;

/// <summary>
/// What a client that owns some ipConfigurations of a NIC must leave as it was: the primary, the configurations of others,
/// and every property, known to it or not. Only what the client owns may get new members: one more pool, tag or public address on anything
/// else is a change of it.
/// </summary>
internal static class WriterRules
{
    // By their whole path: a tag may be called etag.
    private static readonly HashSet<string> Moving = new(["/etag", "/provisioningState", "/properties/provisioningState"], StringComparer.Ordinal);

    public static List<(string Invariant, string Message)> Check(JsonObject before, JsonObject after, string ownedPrefix)
    {
        var breaches = new List<(string Invariant, string Message)>();
        var lost = new List<string>();
        Lost(before, after, "", lost, "ipConfigurations");
        foreach (var path in lost)
            breaches.Add(("PropertyLost", $"{path} was changed or dropped."));
        var gained = new List<string>();
        Gained(before, after, "", gained, "ipConfigurations");
        foreach (var path in gained)
            breaches.Add(("PropertyAdded", $"{path} was added."));

        var now = new Dictionary<string, JsonNode>(StringComparer.OrdinalIgnoreCase);
        foreach (var node in after["properties"].Array("ipConfigurations") ?? [])
            now[node.String("name") ?? ""] = node!;
        foreach (var old in before["properties"].Array("ipConfigurations") ?? [])
        {
            CheckConfiguration(old!, now, ownedPrefix, breaches);
            now.Remove(old.String("name") ?? "");
        }

        foreach (var (name, _) in now)
        {
            if (!name.StartsWith(ownedPrefix, StringComparison.OrdinalIgnoreCase))
                breaches.Add(("ForeignTouched", $"ipConfiguration {name} was added; a client adds those of its own name only."));
        }

        return breaches;
    }

    private static void CheckConfiguration(
        JsonNode old, Dictionary<string, JsonNode> now, string ownedPrefix, List<(string Invariant, string Message)> breaches)
    {
        var name = old.String("name") ?? "";
        var primary = old.Object("properties").Bool("primary") ?? false;
        var owned = !primary && name.StartsWith(ownedPrefix, StringComparison.OrdinalIgnoreCase);
        if (!now.TryGetValue(name, out var current))
        {
            if (!owned)
                breaches.Add(("ForeignTouched", $"ipConfiguration {name} was removed; its owner is another tool."));
            return;
        }

        if (!owned)
        {
            var gained = new List<string>();
            Gained(old, current, "", gained, except: null);
            foreach (var path in gained)
                breaches.Add(("ForeignTouched", $"{path} of ipConfiguration {name} was added."));
        }

        var lost = new List<string>();
        Lost(old, current, "", lost, except: null);
        foreach (var path in lost)
        {
            // An owner may turn its own Dynamic address into a Static one and move it.
            if (!owned)
                breaches.Add(("ForeignTouched", $"{path} of ipConfiguration {name} was changed or dropped."));
            else if (path is not ("/properties/privateIPAddress" or "/properties/privateIPAllocationMethod"))
                breaches.Add(("PropertyLost", $"{path} of ipConfiguration {name} was changed or dropped."));
        }
    }

    private static void Lost(JsonNode? before, JsonNode? after, string path, List<string> lost, string? except)
    {
        if (before is JsonArray many && after is JsonArray others && many.Count == others.Count)
        {
            for (var i = 0; i < many.Count; i++)
                Lost(many[i], others[i], $"{path}/{i}", lost, except);
            return;
        }

        if (before is not JsonObject old || after is not JsonObject current)
        {
            if (!JsonNode.DeepEquals(before, after) && !SameId(before, after))
                lost.Add(path);
            return;
        }

        foreach (var (name, value) in old)
        {
            if (Moving.Contains($"{path}/{name}") || (name == except && path == "/properties"))
                continue;
            if (!current.TryGetPropertyValue(name, out var there))
                lost.Add($"{path}/{name}");
            else
                Lost(value, there, $"{path}/{name}", lost, except);
        }
    }

    private static void Gained(JsonNode? before, JsonNode? after, string path, List<string> gained, string? except)
    {
        if (before is not JsonObject old || after is not JsonObject current)
            return;
        foreach (var (name, value) in current)
        {
            if (Moving.Contains($"{path}/{name}") || (name == except && path == "/properties"))
                continue;
            if (!old.TryGetPropertyValue(name, out var there))
                gained.Add($"{path}/{name}");
            else
                Gained(there, value, $"{path}/{name}", gained, except);
        }
    }

    // Azure gives ids in any case, and takes back what it gave.
    private static bool SameId(JsonNode? a, JsonNode? b) =>
        a is JsonValue x && b is JsonValue y
        && x.TryGetValue<string>(out var left) && y.TryGetValue<string>(out var right)
        && left.StartsWith("/subscriptions/", StringComparison.OrdinalIgnoreCase)
        && string.Equals(left, right, StringComparison.OrdinalIgnoreCase);
}
