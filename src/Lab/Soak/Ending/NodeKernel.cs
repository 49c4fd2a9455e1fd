using System.Text.Json.Nodes;

namespace Vnetcni.Lab.Soak.Ending;

/// <summary>What a machine's network namespace holds, in iproute2's and nft's JSON.</summary>
/// <param name="Links"><c>ip -j link</c>.</param>
/// <param name="Routes"><c>ip -j route show table all</c>.</param>
/// <param name="Rules"><c>ip -j rule</c>.</param>
/// <param name="Neighbours"><c>ip -j neigh show nud permanent</c>.</param>
/// <param name="Tables"><c>nft -j list ruleset</c>.</param>
internal sealed record NodeKernel(JsonArray Links, JsonArray Routes, JsonArray Rules, JsonArray Neighbours, JsonObject Tables)
{
    private const string OurTable = "vnetcni";

    /// <summary>
    /// What is there beyond the machine as it was before its agent: everything but one <c>unreachable</c> route for each address
    /// that the NIC holds, and the agent's own nftables table, whose set of pods names those addresses and no others.
    /// </summary>
    /// <param name="before">The machine before its agent ran.</param>
    /// <param name="held">Pod addresses on the NIC, by ARM.</param>
    public IReadOnlyList<string> LeftBehind(NodeKernel before, IReadOnlyCollection<string> held)
    {
        var left = new List<string>();
        var links = before.Links.Select(NameOf).ToHashSet(StringComparer.Ordinal);
        left.AddRange(Links.Where(link => !links.Contains(NameOf(link))).Select(link => $"link {NameOf(link)} ({link!["ifalias"]})"));
        left.AddRange(Beyond("rule", before.Rules, Rules));
        left.AddRange(Beyond("neighbour", before.Neighbours, Neighbours));
        left.AddRange(RoutesBeyond(before, held));
        left.AddRange(TablesBeyond(before, held));
        return left;
    }

    private static string NameOf(JsonNode? link) => link?["ifname"]?.GetValue<string>() ?? "?";

    private static IEnumerable<string> Beyond(string what, JsonArray before, JsonArray now)
    {
        var known = before.Select(item => item!.ToJsonString()).ToHashSet(StringComparer.Ordinal);
        return now.Select(item => item!.ToJsonString()).Where(item => !known.Contains(item)).Select(item => $"{what} {item}");
    }

    private IEnumerable<string> RoutesBeyond(NodeKernel before, IReadOnlyCollection<string> held)
    {
        var missing = held.ToHashSet(StringComparer.Ordinal);
        var known = before.Routes.Select(route => route!.ToJsonString()).ToHashSet(StringComparer.Ordinal);
        var links = before.Links.Select(NameOf).ToHashSet(StringComparer.Ordinal);
        foreach (var route in Routes.Where(route => !known.Contains(route!.ToJsonString())))
        {
            // The kernel's own for the machine's interfaces, such as those of a link-local address that is ready later.
            if (route!["protocol"]?.GetValue<string>() == "kernel" && links.Contains(route["dev"]?.GetValue<string>() ?? string.Empty))
                continue;
            var destination = route["dst"]?.GetValue<string>() ?? "?";
            var ours = route["type"]?.GetValue<string>() == "unreachable";
            if (!ours || !missing.Remove(destination))
                yield return $"route {route.ToJsonString()}";
        }

        foreach (var address in missing)
            yield return $"no unreachable route for {address}, which the NIC holds";
    }

    private IEnumerable<string> TablesBeyond(NodeKernel before, IReadOnlyCollection<string> held)
    {
        var known = TablesOf(before.Tables).ToHashSet(StringComparer.Ordinal);
        foreach (var table in TablesOf(Tables).Where(table => !known.Contains(table) && table != $"ip {OurTable}"))
            yield return $"nftables table {table}";
        var addresses = held.ToHashSet(StringComparer.Ordinal);
        foreach (var set in ItemsOf(Tables, "set").Where(set => set["table"]?.GetValue<string>() == OurTable && set["name"]!.GetValue<string>().Contains("pods", StringComparison.Ordinal)))
        {
            foreach (var element in (set["elem"] as JsonArray ?? []).Select(element => element!.ToJsonString().Trim('"')).Where(element => !addresses.Contains(element)))
                yield return $"{element} in the nftables set {set["name"]}, which the NIC does not hold";
        }
    }

    private static IEnumerable<string> TablesOf(JsonObject ruleset) =>
        ItemsOf(ruleset, "table").Select(table => $"{table["family"]} {table["name"]}");

    private static IEnumerable<JsonNode> ItemsOf(JsonObject ruleset, string kind) =>
        (ruleset["nftables"] as JsonArray ?? []).Select(item => item?[kind]).OfType<JsonObject>();
}
