using System.Globalization;
using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>Watches: what happens after a version, in order, to the end that the client or the server sets.</summary>
internal static class Watching
{
    public static readonly ContractCases Cases = new("Watching")
    {
        ["from a list's version it shows every later change in order"] = async server =>
        {
            await using var watch = await FromNowAsync(server, Classes);
            var made = await server.MakeAsync(Classes);
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'spec':{'priority':1}}")).Is(200);
            (await server.DeleteAsync($"{Classes}/{made.Name}")).Is(200);
            (await watch.NextAsync("ADDED", made.Name)).Has("/object", made.Json);
            (await watch.NextAsync("MODIFIED", made.Name)).Has("/object/spec/priority", 1);
            await watch.NextAsync("DELETED", made.Name);
        },
        ["changes before the watch began are shown, if after its version"] = async server =>
        {
            var version = (await server.GetAsync(Classes)).Is(200).Version;
            var made = await server.MakeAsync(Classes);
            (await server.DeleteAsync($"{Classes}/{made.Name}")).Is(200);
            await using var watch = await server.WatchAsync($"{Classes}?watch=true&{server.Mine}&resourceVersion={version}&timeoutSeconds=30");
            await watch.NextAsync("ADDED", made.Name);
            await watch.NextAsync("DELETED", made.Name);
        },
        ["from an object's version it starts after it"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            await using var watch = await server.WatchAsync($"{Classes}?watch=true&{server.Mine}&resourceVersion={made.Version}&timeoutSeconds=30");
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'spec':{'priority':1}}")).Is(200);
            await watch.NextAsync("MODIFIED", made.Name);
        },
        ["without a version it starts with what is there"] = async server =>
        {
            var (a, b) = (await server.MakeAsync(Classes), await server.MakeAsync(Classes));
            await using var watch = await server.WatchAsync($"{Classes}?watch=true&{server.Mine}&timeoutSeconds=30");
            var first = await watch.NextAsync("ADDED");
            var second = await watch.NextAsync("ADDED");
            second.Holds(new[] { first, second }.Select(e => e.Text("/object/metadata/name")).Order(StringComparer.Ordinal).SequenceEqual([a.Name, b.Name]), "both objects");
            (await server.MergeAsync($"{Classes}/{a.Name}", "{'spec':{'priority':1}}")).Is(200);
            await watch.NextAsync("MODIFIED", a.Name);
        },
        ["from version 0 it starts with what is there"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            await using var watch = await server.WatchAsync($"{Classes}?watch=true&{server.Mine}&resourceVersion=0&timeoutSeconds=30");
            await watch.NextAsync("ADDED", made.Name);
        },
        ["it ends when its time is up"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            // A busy machine needs its time for the first event.
            await using var watch = await server.WatchAsync($"{Classes}?watch=true&{server.Mine}&timeoutSeconds=4");
            var seen = string.Join(", ", await watch.RestAsync());
            if (seen != $"ADDED {made.Name}")
                throw new KubeContractException($"expected one event and a clean end, got {seen}");
        },
        ["watch=1 is a watch"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            await using var watch = await server.WatchAsync($"{Classes}?watch=1&{server.Mine}&timeoutSeconds=30");
            await watch.NextAsync("ADDED", made.Name);
        },
        ["a deletion shows the last state with a later version"] = async server =>
        {
            var made = await server.MakeAsync(Classes, "'spec':{'priority':5}");
            await using var watch = await FromNowAsync(server, Classes);
            (await server.DeleteAsync($"{Classes}/{made.Name}")).Is(200);
            var gone = (await watch.NextAsync("DELETED", made.Name)).Has("/object/spec/priority", 5).Has("/object/metadata/uid", made.Uid);
            gone.Holds(Version(gone) > long.Parse(made.Version, CultureInfo.InvariantCulture), "the version of the deletion");
        },
        ["an object that waits for its finalizers is modified, then deleted"] = async server =>
        {
            var made = await server.MakeAsync(Classes, metadata: "'finalizers':['vnetcni.dev/hold']");
            await using var watch = await FromNowAsync(server, Classes);
            (await server.DeleteAsync($"{Classes}/{made.Name}")).Is(200);
            (await watch.NextAsync("MODIFIED", made.Name)).Text("/object/metadata/deletionTimestamp");
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'metadata':{'finalizers':null}}")).Is(200);
            var next = await watch.NextAsync("DELETED", made.Name);
            next.Text("/object/metadata/deletionTimestamp");
        },
        ["leaving a selection is a deletion, entering it an addition"] = async server =>
        {
            await using var watch = await FromNowAsync(server, Classes);
            var made = await server.MakeAsync(Classes);
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'metadata':{'labels':{'contract':'other'}}}")).Is(200);
            (await server.MergeAsync($"{Classes}/{made.Name}", $"{{'metadata':{{'labels':{{'contract':'{server.Prefix}'}}}}}}")).Is(200);
            await watch.NextAsync("ADDED", made.Name);
            await watch.NextAsync("DELETED", made.Name);
            await watch.NextAsync("ADDED", made.Name);
        },
        ["one object by its name, as kubectl wait does"] = async server =>
        {
            var (a, b) = (await server.MakeAsync(Classes), await server.MakeAsync(Classes));
            var list = (await server.GetAsync($"{Classes}?fieldSelector=metadata.name%3D{a.Name}")).Is(200);
            await using var watch = await server.WatchAsync($"{Classes}?fieldSelector=metadata.name%3D{a.Name}&resourceVersion={list.Version}&watch=true&timeoutSeconds=30");
            (await server.MergeAsync($"{Classes}/{b.Name}", "{'spec':{'priority':1}}")).Is(200);
            (await server.MergeAsync($"{Classes}/{a.Name}/status", "{'status':{'conditions':[{'type':'Ready','status':'True'}]}}")).Is(200);
            (await watch.NextAsync("MODIFIED", a.Name)).Has("/object/status/conditions/0/type", "Ready");
        },
        ["pods by their node: binding brings one in"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var (node, version) = (server.NewName(), (await server.GetAsync("/api/v1/pods")).Is(200).Version);
            await using var watch = await server.WatchAsync($"/api/v1/pods?watch=true&fieldSelector=spec.nodeName%3D{node}&resourceVersion={version}&timeoutSeconds=30");
            await server.MakeAsync(Pods(ns));
            var bound = await server.MakeAsync(Pods(ns), $"'spec':{{'nodeName':'{node}','containers':[{{'name':'c','image':'registry.invalid/none'}}]}}");
            await watch.NextAsync("ADDED", bound.Name);
            (await server.DeleteAsync($"{Pods(ns)}/{bound.Name}", "{'gracePeriodSeconds':0}")).Is(200);
            ContractAnswer next;
            do
                next = await watch.NextAsync() ?? throw new KubeContractException("the watch ended before the deletion");
            while ((string?)next.At("/type") == "MODIFIED");
            next.Has("/type", "DELETED").Has("/object/metadata/name", bound.Name);
        },
        ["a namespace's objects alone"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            await using var watch = await server.WatchAsync($"{Leases(ns)}?watch=true&timeoutSeconds=30");
            (await server.PostAsync(Leases("default"), server.Body(Leases("default"), server.NewName(), ""))).Is(201);
            var mine = await server.MakeAsync(Leases(ns));
            await watch.NextAsync("ADDED", mine.Name);
        },
        ["a write that changes nothing shows nothing"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            await using var watch = await FromNowAsync(server, Classes);
            (await server.MergeAsync($"{Classes}/{made.Name}", "{}")).Is(200);
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'spec':{'priority':1}}")).Is(200);
            (await watch.NextAsync("MODIFIED", made.Name)).Has("/object/spec/priority", 1);
        },
        ["many watchers see the same"] = async server =>
        {
            await using var one = await FromNowAsync(server, Networks);
            await using var two = await FromNowAsync(server, Networks);
            var made = await server.MakeAsync(Networks);
            var first = await one.NextAsync("ADDED", made.Name);
            (await two.NextAsync("ADDED", made.Name)).Has("", first.Json);
        },
        ["bookmarks may be asked for; they carry kind and version alone"] = async server =>
        {
            var version = (await server.GetAsync(Classes)).Is(200).Version;
            var made = await server.MakeAsync(Classes);
            await using var watch = await server.WatchAsync($"{Classes}?watch=true&allowWatchBookmarks=true&{server.Mine}&resourceVersion={version}&timeoutSeconds=4");
            var seen = new List<string>();
            while (await watch.NextAsync() is { } next)
            {
                seen.Add(next.Text("/type"));
                if (next.Text("/type") == "BOOKMARK")
                    next.Has("/object/kind", "NodeIpPoolClass").Lacks("/object/metadata/name").Text("/object/metadata/resourceVersion");
                else
                    next.Has("/type", "ADDED").Has("/object/metadata/name", made.Name);
            }

            if (seen.Count(type => type == "ADDED") != 1)
                throw new KubeContractException($"expected one ADDED, got {string.Join(' ', seen)}");
        },
        ["a version that is none is refused"] = async server =>
        {
            // 500 on older servers.
            await using var watch = await server.WatchAsync($"{Classes}?watch=true&resourceVersion=nonsense&timeoutSeconds=1");
            (await watch.RefusalAsync()).Is(400, 500).Has("/kind", "Status").Has("/status", "Failure");
        },
        ["versions of one watch never go back"] = async server =>
        {
            await using var watch = await FromNowAsync(server, Classes);
            var names = new List<string>();
            for (var i = 0; i < 4; i++)
                names.Add((await server.MakeAsync(Classes)).Name);
            await Task.WhenAll(names.Select(name => server.MergeAsync($"{Classes}/{name}", "{'spec':{'priority':1}}")));
            var last = 0L;
            for (var i = 0; i < 8; i++)
            {
                var next = await watch.NextAsync() ?? throw new KubeContractException("the watch ended early");
                next.Holds(Version(next) > last, $"a version above {last}");
                last = Version(next);
            }
        },
    };

    private static async Task<ContractWatch> FromNowAsync(ContractServer server, string collection)
    {
        var version = (await server.GetAsync($"{collection}?limit=1")).Is(200).Version;
        return await server.WatchAsync($"{collection}?watch=true&{server.Mine}&resourceVersion={version}&timeoutSeconds=30");
    }

    private static long Version(ContractAnswer e) => long.Parse(e.Text("/object/metadata/resourceVersion"), CultureInfo.InvariantCulture);
}
