using System.Globalization;
using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>GET of one object and of collections.</summary>
internal static class Reading
{
    public static readonly ContractCases Cases = new("Reading")
    {
        ["an object is found as it was made"] = async server =>
        {
            var made = await server.MakeAsync(Classes, "'spec':{'priority':7}");
            var read = (await server.GetAsync($"{Classes}/{made.Name}")).Is(200);
            read.Has("", made.Json);
            read.Has("/apiVersion", "vnetcni.dev/v1alpha1").Has("/kind", "NodeIpPoolClass");
        },
        ["answers are application/json"] = async server =>
        {
            foreach (var path in new[] { Nodes, Classes, "/api/v1/namespaces/default", "/version", "/apis" })
            {
                var answer = (await server.GetAsync(path)).Is(200);
                answer.Holds(answer.ContentType == "application/json", "application/json");
            }
        },
        ["an object that is not there is a 404 Status with its kind and name"] = async server =>
        {
            var name = server.NewName();
            (await server.GetAsync($"{Pools}/{name}")).IsRefused(404, "NotFound", $"nodeippools.vnetcni.dev \"{name}\" not found")
                .Has("/details/name", name).Has("/details/group", "vnetcni.dev").Has("/details/kind", "nodeippools");
            (await server.GetAsync($"{Nodes}/{name}")).IsRefused(404, "NotFound", $"nodes \"{name}\" not found").Has("/details/kind", "nodes");
        },
        ["a list names its kind and has a version"] = async server =>
        {
            await server.MakeAsync(Classes);
            var list = (await server.GetAsync(Classes)).Is(200).Has("/kind", "NodeIpPoolClassList").Has("/apiVersion", "vnetcni.dev/v1alpha1");
            list.Holds(Number(list.Version) > 0, "a list's version is a number");
            (await server.GetAsync(Nodes)).Is(200).Has("/kind", "NodeList").Has("/apiVersion", "v1");
        },
        ["the objects of a list of custom resources name their kind"] = async server =>
        {
            await server.MakeAsync(Classes);
            (await server.GetAsync($"{Classes}?{server.Mine}")).Is(200).Has("/items/0/kind", "NodeIpPoolClass").Has("/items/0/apiVersion", "vnetcni.dev/v1alpha1");
        },
        ["the objects of a list of a built-in kind do not name their kind"] = async server =>
        {
            await server.MakeAsync(Nodes);
            foreach (var query in new[] { "", "&pretty=true" })
            {
                var list = (await server.GetAsync($"{Nodes}?{server.Mine}{query}")).Is(200).Has("/kind", "NodeList");
                list.Holds(list.Items.Count == 1 && list.Items[0]["kind"] is null && list.Items[0]["apiVersion"] is null, "one object without kind and apiVersion");
            }
        },
        ["an object is read at any version that was, and at none to come"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            foreach (var version in new[] { "0", made.Version })
                (await server.GetAsync($"{Classes}/{made.Name}?resourceVersion={version}")).Is(200);
            (await server.GetAsync($"{Classes}/{made.Name}?resourceVersion=999999999")).IsRefused(504, "Timeout", "Too large resource version");
            (await server.GetAsync($"{Classes}/{made.Name}?resourceVersion=x")).Is(400, 500).Has("/kind", "Status");
        },
        ["of a parameter given twice the first counts"] = async server =>
        {
            await server.MakeAsync(Classes);
            await server.MakeAsync(Classes);
            var list = (await server.GetAsync($"{Classes}?{server.Mine}&limit=1&limit=2")).Is(200);
            list.Holds(list.Items.Count == 1, "one object");
        },
        ["a timeout that is no number is refused"] = async server =>
            (await server.GetAsync($"{Classes}?timeoutSeconds=x")).Is(400),
        ["an empty list has an empty array"] = async server =>
            (await server.GetAsync($"{Classes}?{server.Mine}")).Is(200).HasJson("/items", "[]"),
        ["a list shows every object made before it"] = async server =>
        {
            var (a, b) = (await server.MakeAsync(Classes), await server.MakeAsync(Classes));
            (await server.GetAsync($"{Classes}?{server.Mine}")).Is(200).HasNames(a.Name, b.Name);
        },
        ["a list is ordered by namespace and name"] = async server =>
        {
            foreach (var end in new[] { "c", "a", "b" })
                await server.MakeAsync(Classes, name: $"{server.Prefix}-{end}");
            var list = (await server.GetAsync($"{Classes}?{server.Mine}")).Is(200);
            list.Holds(list.Names.SequenceEqual(list.Names.Order(StringComparer.Ordinal)), "names in order");
        },
        ["a list's version is not older than its objects"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            var list = (await server.GetAsync($"{Classes}?{server.Mine}")).Is(200);
            list.Holds(Number(list.Version) >= Number(made.Version), "the list is of a later version");
        },
        ["a list from any version (resourceVersion=0) is served"] = async server =>
            (await server.GetAsync($"{Classes}?resourceVersion=0")).Is(200).Has("/kind", "NodeIpPoolClassList"),
        ["namespaced objects are listed by namespace and over all"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var pod = await server.MakeAsync(Pods(ns));
            var elsewhere = (await server.GetAsync($"{Pods("default")}?{server.Mine}")).Is(200);
            elsewhere.HasNames();
            (await server.GetAsync($"{Pods(ns)}")).Is(200).HasNames(pod.Name);
            (await server.GetAsync($"/api/v1/pods?{server.Mine}")).Is(200).HasNames(pod.Name).Has("/items/0/metadata/namespace", ns);
        },
        ["versions grow with every write, over all kinds"] = async server =>
        {
            var first = await server.MakeAsync(Classes);
            var second = await server.MakeAsync(Nodes);
            var third = (await server.MergeAsync($"{Classes}/{first.Name}", "{'spec':{'priority':3}}")).Is(200);
            second.Holds(Number(first.Version) < Number(second.Version), "the second write is newer");
            third.Holds(Number(second.Version) < Number(third.Version), "the third write is newer");
        },
        ["the status can be read by its own path"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.GetAsync($"{Classes}/{made.Name}/status")).Is(200).Has("", made.Json);
        },
        ["pretty answers are the same object"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.GetAsync($"{Classes}/{made.Name}?pretty=true")).Is(200).Has("", made.Json);
        },
    };

    private static long Number(string version) => long.Parse(version, CultureInfo.InvariantCulture);
}
