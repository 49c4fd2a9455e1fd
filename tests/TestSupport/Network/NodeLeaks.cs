using System.Text.Json;

namespace Vnetcni.TestSupport.Network;

/// <summary>
/// What pods leave behind on a node: the one look that tests of the data plane take at their end. It asks <c>ip</c>, <c>nft</c> and
/// <c>/proc</c>, not our own code, and compares links, addresses, routes, neighbours, rules and tables with what there was when it
/// was made; and it looks at the ledger, at open namespaces and at files.
/// </summary>
/// <param name="node">The node's namespace, without pods yet.</param>
public sealed class NodeLeaks(TestNetns node)
{
    private const string OurProtocol = "118";
    private const string OurAlias = "vnetcni:";
    private const string Nft = "/usr/sbin/nft";
    private const string Namespaces = "/run/netns";

    private readonly HashSet<string> _links = [.. Links(node).Select(link => Text(link, "ifname"))];
    private readonly HashSet<string> _addresses = [.. Addresses(node).Select(found => found.Text)];
    private readonly HashSet<string> _routes = [.. Routes(node).Select(found => found.Text)];
    private readonly HashSet<string> _tables = [.. Tables(node)];
    private readonly string _rules = node.Ip("-4 rule show");

    /// <summary>One line for each thing of ours, by its mark, that a node without pods must not have; empty when all is right.</summary>
    /// <remarks>For nodes on which a test has put things of others, too.</remarks>
    public IReadOnlyList<string> FindOurs()
    {
        List<string> faults = [];
        faults.AddRange(Links(node).Where(link => Text(link, "ifalias").StartsWith(OurAlias, StringComparison.Ordinal)).Select(Describe));
        faults.AddRange(Routes(node).Where(route => route is { IsOurs: true, IsUnreachable: false }).Select(route => $"route {route.Text}"));
        faults.AddRange(Neighbours(node).Where(neighbour => Text(neighbour, "protocol") == OurProtocol).Select(neighbour => $"neighbour {Text(neighbour, "dst")} on {Text(neighbour, "dev")}"));
        faults.AddRange(RuleFaults());
        return faults;
    }

    /// <summary>The same for a node on which these pods are attached: one line each for what nobody stands for, and for what is missing.</summary>
    public IReadOnlyList<string> Find(NodePods pods)
    {
        ArgumentNullException.ThrowIfNull(pods);
        List<string> faults = [];
        faults.AddRange(LinkFaults(pods));
        faults.AddRange(Difference("address", _addresses, [.. Addresses(node).Where(found => !pods.IsForeign(found.Device)).Select(found => found.Text)]));
        faults.AddRange(RouteFaults(pods));
        faults.AddRange(NeighbourFaults(pods));
        faults.AddRange(RuleFaults());
        faults.AddRange(Tables(node).Where(table => !_tables.Contains(table) && !pods.Tables.Contains(table)).Select(table => $"nft table {table}"));
        faults.AddRange(LedgerFaults(pods));
        faults.AddRange(NamespaceFaults(pods));
        faults.AddRange(FileFaults(pods));
        return faults;
    }

    /// <summary>
    /// What is left on the machine itself of a test that made named namespaces: those that begin with the prefix, and links that
    /// it had there; one line each.
    /// </summary>
    public static IReadOnlyList<string> FindOnMachine(string prefix, params string[] links) =>
    [
        .. Directory.Exists(Namespaces) ? Directory.EnumerateFiles(Namespaces, $"{prefix}*").Select(file => $"namespace {Path.GetFileName(file)}") : [],
        .. links.Where(link => Directory.Exists($"/sys/class/net/{link}")).Select(link => $"link {link} on the machine"),
    ];

    private IEnumerable<string> LinkFaults(NodePods pods)
    {
        string[] wanted = [.. pods.Attached, .. pods.StandIns];
        List<string> seen = [];
        var links = Links(node);
        foreach (var link in links.Where(link => !_links.Contains(Text(link, "ifname")) && !pods.IsForeign(Text(link, "ifname"))))
        {
            if (wanted.Contains(Text(link, "ifalias")))
                seen.Add(Text(link, "ifalias"));
            else
                yield return Describe(link);
        }

        foreach (var alias in wanted.Except(seen))
            yield return $"no link of {alias}";
        foreach (var group in seen.GroupBy(alias => alias).Where(group => group.Count() > 1))
            yield return $"{group.Count()} links of {group.Key}";
        foreach (var gone in _links.Except(links.Select(link => Text(link, "ifname"))))
            yield return $"link {gone} is gone";
    }

    private IEnumerable<string> RouteFaults(NodePods pods)
    {
        var routes = Routes(node);
        var toPods = routes.Where(route => route is { IsOurs: true, IsUnreachable: false }).ToArray();
        if (toPods.Length != pods.Attached.Count)
            yield return $"{toPods.Length} routes to {pods.Attached.Count} pods: {string.Join(", ", toPods.Select(route => route.Text))}";
        var unreachable = routes.Count(route => route is { IsOurs: true, IsUnreachable: true });
        if (pods.UnreachableRoutes is { } wanted && unreachable != wanted)
            yield return $"{unreachable} unreachable routes instead of {wanted}";
        var others = routes.Where(route => !route.IsOurs && !pods.IsForeign(route.Device)).Select(route => route.Text);
        foreach (var fault in Difference("route", [.. _routes], [.. others, .. _routes.Where(text => text.Contains($"proto {OurProtocol}", StringComparison.Ordinal))]))
            yield return fault;
    }

    private IEnumerable<string> NeighbourFaults(NodePods pods)
    {
        var permanent = Neighbours(node).Where(neighbour => !_links.Contains(Text(neighbour, "dev")) && !pods.IsForeign(Text(neighbour, "dev"))).ToArray();
        var notes = permanent.Count(neighbour => Text(neighbour, "protocol") == OurProtocol);
        if (notes != pods.StandIns.Count || permanent.Length - notes != pods.Attached.Count)
        {
            yield return $"{permanent.Length} permanent neighbours, {notes} of them of stand-ins, for {pods.Attached.Count} pods and {pods.StandIns.Count} stand-ins: "
                + string.Join(", ", permanent.Select(neighbour => $"{Text(neighbour, "dst")} on {Text(neighbour, "dev")}"));
        }
    }

    private IEnumerable<string> RuleFaults()
    {
        var now = node.Ip("-4 rule show");
        return now == _rules ? [] : [$"rules: {now.Replace("\n", "; ", StringComparison.Ordinal)}"];
    }

    private static IEnumerable<string> LedgerFaults(NodePods pods)
    {
        if (pods.Ledger is not { } ledger)
            yield break;
        var assigned = ledger.Count(record => record.EndsWith("=Assigned", StringComparison.Ordinal));
        if (assigned != pods.Attached.Count + pods.StandIns.Count || ledger.Any(record => !record.EndsWith("=Free", StringComparison.Ordinal) && !record.EndsWith("=Assigned", StringComparison.Ordinal)))
            yield return $"the ledger of {pods.Attached.Count + pods.StandIns.Count} pods: {string.Join(' ', ledger)}";
    }

    private IEnumerable<string> NamespaceFaults(NodePods pods)
    {
        if (pods.Agent is not { } agent)
            yield break;
        var own = node.Run(() => new FileInfo("/proc/thread-self/ns/net").LinkTarget);
        foreach (var descriptor in Directory.EnumerateFileSystemEntries($"/proc/{agent}/fd"))
        {
            // One may be closed while we look.
            if (new FileInfo(descriptor).LinkTarget is { } target && target.StartsWith("net:[", StringComparison.Ordinal) && target != own)
                yield return $"the agent holds the namespace {target} open";
        }
    }

    private static IEnumerable<string> FileFaults(NodePods pods)
    {
        if (pods.RunFolder is not { } folder || !Directory.Exists(folder))
            return [];
        return Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".tmp", StringComparison.Ordinal) || Path.GetFileName(Path.GetDirectoryName(file)) == "spool")
            .Select(file => $"file {file}");
    }

    private static IEnumerable<string> Difference(string what, HashSet<string> before, HashSet<string> now) =>
        now.Except(before).Select(text => $"{what} {text}").Concat(before.Except(now).Select(text => $"{what} {text} is gone"));

    private static IReadOnlyList<JsonElement> Links(TestNetns node) => node.IpJson("link show");

    private static IReadOnlyList<JsonElement> Neighbours(TestNetns node) => node.IpJson("-4 neighbour show nud permanent");

    private static IEnumerable<(string Text, string Device)> Addresses(TestNetns node) =>
        from link in node.IpJson("-4 address show")
        from address in link.GetProperty("addr_info").EnumerateArray()
        select ($"{Text(address, "local")}/{address.GetProperty("prefixlen").GetInt32()} on {Text(link, "ifname")}", Text(link, "ifname"));

    private static FoundRoute[] Routes(TestNetns node) => [.. node.IpJson("-4 route show table all").Select(route => new FoundRoute(
        $"{Text(route, "type")} {Text(route, "dst")} dev {Text(route, "dev")} via {Text(route, "gateway")} table {Text(route, "table")} proto {Text(route, "protocol")}",
        Text(route, "dev"),
        Text(route, "protocol") == OurProtocol,
        Text(route, "type") == "unreachable"))];

    private static string[] Tables(TestNetns node)
    {
        if (!File.Exists(Nft))
            return [];
        var (exitCode, output) = node.Execute(Nft, "list tables");
        return exitCode == 0 ? [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line["table ".Length..])] : [];
    }

    private static string Describe(JsonElement link) => $"link {Text(link, "ifname")} with alias '{Text(link, "ifalias")}'";

    private static string Text(JsonElement item, string key) => item.TryGetProperty(key, out var value) ? value.ToString() : "";

    private readonly record struct FoundRoute(string Text, string Device, bool IsOurs, bool IsUnreachable);
}
