using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>Label and field selectors, and pages.</summary>
internal static class Selecting
{
    public static readonly ContractCases Labels = new("Label selectors")
    {
        ["equality, with one or two signs"] = async server =>
        {
            var (a, _) = await TwoAsync(server);
            await SelectsAsync(server, "tier=a", a);
            await SelectsAsync(server, "tier==a", a);
        },
        ["inequality also takes what has no such label"] = async server =>
        {
            var (a, b) = await TwoAsync(server);
            var bare = (await server.MakeAsync(Classes)).Name;
            await SelectsAsync(server, "tier!=a", b, bare);
            await SelectsAsync(server, "tier!=none", a, b, bare);
        },
        ["sets: in and notin"] = async server =>
        {
            var (a, b) = await TwoAsync(server);
            var bare = (await server.MakeAsync(Classes)).Name;
            await SelectsAsync(server, "tier in (a,c)", a);
            await SelectsAsync(server, "tier in (a, b)", a, b);
            await SelectsAsync(server, "tier notin (a)", b, bare);
        },
        ["existence and absence"] = async server =>
        {
            var (a, b) = await TwoAsync(server);
            var bare = (await server.MakeAsync(Classes)).Name;
            await SelectsAsync(server, "tier", a, b);
            await SelectsAsync(server, "!tier", bare);
        },
        ["all requirements must hold"] = async server =>
        {
            var (a, b) = await TwoAsync(server);
            await SelectsAsync(server, "tier,tier!=b,only-a=x", a);
            await SelectsAsync(server, "tier=a,tier=b");
            await SelectsAsync(server, "tier notin (x,y),!only-a", b);
        },
        ["keys with a domain, and empty values"] = async server =>
        {
            var name = (await server.MakeAsync(Classes)).Name;
            (await server.MergeAsync($"{Classes}/{name}", "{'metadata':{'labels':{'vnetcni.dev/role':''}}}")).Is(200);
            await SelectsAsync(server, "vnetcni.dev/role=", name);
            await SelectsAsync(server, "vnetcni.dev/role", name);
        },
        ["nodes are selected the same way"] = async server =>
        {
            var node = await server.MakeAsync(Nodes);
            (await server.GetAsync($"{Nodes}?{server.Mine}")).Is(200).HasNames(node.Name);
            var others = (await server.GetAsync($"{Nodes}?labelSelector=contract%21%3D{server.Prefix}")).Is(200);
            others.Holds(!others.Names.Contains(node.Name, StringComparer.Ordinal), "all nodes but this one");
        },
        ["what is no selector is refused"] = async server =>
        {
            foreach (var selector in new[] { "a b", "a in b", "=x", "a=(x)", "a=not,a value" })
                (await server.GetAsync($"{Classes}?labelSelector={Uri.EscapeDataString(selector)}")).IsRefused(400, "BadRequest");
            (await server.GetAsync($"{Classes}?labelSelector=a+b")).IsRefused(400, "BadRequest", "unable to parse requirement");
        },
    };

    public static readonly ContractCases Fields = new("Field selectors")
    {
        ["metadata.name, equal and not"] = async server =>
        {
            var (a, b) = await TwoAsync(server);
            (await server.GetAsync($"{Classes}?{server.Mine}&fieldSelector=metadata.name%3D{a}")).Is(200).HasNames(a);
            (await server.GetAsync($"{Classes}?{server.Mine}&fieldSelector=metadata.name%3D%3D{a}")).Is(200).HasNames(a);
            (await server.GetAsync($"{Classes}?{server.Mine}&fieldSelector=metadata.name%21%3D{a}")).Is(200).HasNames(b);
        },
        ["without a label selector, as kubectl wait asks"] = async server =>
        {
            var (a, _) = await TwoAsync(server);
            (await server.GetAsync($"{Classes}?fieldSelector=metadata.name%3D{a}")).Is(200).HasNames(a);
            (await server.GetAsync($"{Classes}?fieldSelector=metadata.name%3D{server.NewName()}")).Is(200).HasNames();
        },
        ["metadata.namespace"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var pod = await server.MakeAsync(Pods(ns));
            (await server.GetAsync($"/api/v1/pods?fieldSelector=metadata.namespace%3D{ns}")).Is(200).HasNames(pod.Name);
        },
        ["metadata.namespace of what has none is refused"] = async server =>
            (await server.GetAsync($"{Classes}?fieldSelector=metadata.namespace%3Dx")).IsRefused(400, "BadRequest", "field label not supported: metadata.namespace"),
        ["several must all hold"] = async server =>
        {
            var (a, b) = await TwoAsync(server);
            (await server.GetAsync($"{Classes}?fieldSelector=metadata.name%3D{a}%2Cmetadata.name%21%3D{b}")).Is(200).HasNames(a);
            (await server.GetAsync($"{Classes}?fieldSelector=metadata.name%3D{a}%2Cmetadata.name%3D{b}")).Is(200).HasNames();
        },
        ["spec.nodeName and status.phase of pods"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var (node, bare) = (server.NewName(), await server.MakeAsync(Pods(ns)));
            var bound = await server.MakeAsync(Pods(ns), $"'spec':{{'nodeName':'{node}','containers':[{{'name':'c','image':'registry.invalid/none'}}]}}");
            (await server.GetAsync($"/api/v1/pods?fieldSelector=spec.nodeName%3D{node}")).Is(200).HasNames(bound.Name);
            (await server.GetAsync($"{Pods(ns)}?fieldSelector=spec.nodeName%21%3D{node}")).Is(200).HasNames(bare.Name);
            (await server.MergeAsync($"{Pods(ns)}/{bound.Name}/status", "{'status':{'phase':'Failed'}}")).Is(200);
            (await server.GetAsync($"{Pods(ns)}?fieldSelector=spec.nodeName%3D{node}%2Cstatus.phase%21%3DFailed%2Cstatus.phase%21%3DSucceeded")).Is(200).HasNames();
            (await server.GetAsync($"{Pods(ns)}?fieldSelector=status.phase%3DFailed")).Is(200).HasNames(bound.Name);
        },
        ["spec.unschedulable of nodes"] = async server =>
        {
            var (a, b) = (await server.MakeAsync(Nodes, "'spec':{'unschedulable':true}"), await server.MakeAsync(Nodes));
            (await server.GetAsync($"{Nodes}?{server.Mine}&fieldSelector=spec.unschedulable%3Dtrue")).Is(200).HasNames(a.Name);
            (await server.GetAsync($"{Nodes}?{server.Mine}&fieldSelector=spec.unschedulable%3Dfalse")).Is(200).HasNames(b.Name);
        },
        ["a field that cannot be selected is refused"] = async server =>
        {
            foreach (var collection in new[] { Classes, Nodes, "/api/v1/pods" })
                (await server.GetAsync($"{collection}?fieldSelector=spec.nope%3Dx")).IsRefused(400, "BadRequest", "spec.nope");
        },
        ["what is no selector is refused"] = async server =>
            (await server.GetAsync($"{Classes}?fieldSelector=nothing")).IsRefused(400, "BadRequest", "invalid selector: 'nothing'"),
    };

    public static readonly ContractCases Pages = new("Pages")
    {
        ["a limit ends a list, and continue goes on"] = async server =>
        {
            var all = await ManyAsync(server, 5);
            var names = new List<string>();
            var sizes = new List<int>();
            for (var next = ""; ;)
            {
                var page = (await server.GetAsync($"{Classes}?{server.Mine}&limit=2{(next.Length == 0 ? "" : $"&continue={Uri.EscapeDataString(next)}")}")).Is(200);
                names.AddRange(page.Names);
                sizes.Add(page.Items.Count);
                next = (string?)page.At("/metadata/continue") ?? "";
                if (next.Length == 0)
                    break;
            }

            if (string.Join(' ', sizes) != "2 2 1" || !names.SequenceEqual(all, StringComparer.Ordinal))
                throw new KubeContractException($"expected pages of 2, 2 and 1 with all names in order, got {string.Join(' ', sizes)}: {string.Join(' ', names)}");
        },
        ["all pages are of one moment"] = async server =>
        {
            await ManyAsync(server, 3);
            var first = (await server.GetAsync($"{Classes}?{server.Mine}&limit=1")).Is(200);
            var late = await server.MakeAsync(Classes);
            (await server.DeleteAsync($"{Classes}/{server.Prefix}-c")).Is(200);
            var rest = (await server.GetAsync($"{Classes}?{server.Mine}&limit=10&continue={Uri.EscapeDataString(first.Text("/metadata/continue"))}")).Is(200);
            rest.HasNames($"{server.Prefix}-b", $"{server.Prefix}-c").Has("/metadata/resourceVersion", first.Version);
            rest.Holds(!rest.Names.Contains(late.Name, StringComparer.Ordinal), "nothing that came later");
        },
        ["a page with room left has no continue"] = async server =>
        {
            await ManyAsync(server, 2);
            foreach (var limit in new[] { 500, 0 })
            {
                var page = (await server.GetAsync($"{Classes}?{server.Mine}&limit={limit}")).Is(200);
                page.Holds(page.Items.Count == 2 && string.IsNullOrEmpty((string?)page.At("/metadata/continue")), "two objects and no continue");
            }
        },
        ["what is left is counted where nothing is selected"] = async server =>
        {
            await ManyAsync(server, 3);
            var page = (await server.GetAsync($"{Classes}?limit=1")).Is(200);
            page.Holds(page.Number("/metadata/remainingItemCount") >= 2, "at least the two others");
        },
        ["a continue that is none is refused"] = async server =>
            (await server.GetAsync($"{Classes}?limit=1&continue=nonsense")).IsRefused(400, "BadRequest", "continue key is not valid"),
        ["a limit that is no number is refused"] = async server =>
            (await server.GetAsync($"{Classes}?limit=few")).IsRefused(400, "BadRequest", "few"),
        ["tables come in pages too, as kubectl asks"] = async server =>
        {
            await ManyAsync(server, 3);
            var page = (await server.GetAsync($"{Classes}?{server.Mine}&limit=2", Tables.Accept)).Is(200).Has("/kind", "Table");
            page.Holds(page.At("/rows")!.AsArray().Count == 2, "two rows");
            var rest = (await server.GetAsync($"{Classes}?{server.Mine}&limit=2&continue={Uri.EscapeDataString(page.Text("/metadata/continue"))}", Tables.Accept)).Is(200);
            rest.Holds(rest.At("/rows")!.AsArray().Count == 1, "one row");
        },
    };

    private static async Task<(string A, string B)> TwoAsync(ContractServer server)
    {
        var (a, b) = (await server.MakeAsync(Classes), await server.MakeAsync(Classes));
        (await server.MergeAsync($"{Classes}/{a.Name}", "{'metadata':{'labels':{'tier':'a','only-a':'x'}}}")).Is(200);
        (await server.MergeAsync($"{Classes}/{b.Name}", "{'metadata':{'labels':{'tier':'b'}}}")).Is(200);
        return (a.Name, b.Name);
    }

    private static async Task<List<string>> ManyAsync(ContractServer server, int count)
    {
        var names = Enumerable.Range(0, count).Select(i => $"{server.Prefix}-{(char)('a' + i)}").ToList();
        foreach (var name in names)
            await server.MakeAsync(Classes, name: name);
        return names;
    }

    private static async Task SelectsAsync(ContractServer server, string selector, params string[] names) =>
        (await server.GetAsync($"{Classes}?labelSelector={Uri.EscapeDataString($"contract={server.Prefix},{selector}")}")).Is(200).HasNames(names);
}
