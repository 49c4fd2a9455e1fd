using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>PATCH with a JSON patch: https://www.rfc-editor.org/rfc/rfc6902.</summary>
internal static class JsonPatching
{
    public static readonly ContractCases Cases = new("JSON patch")
    {
        ["add, replace and remove"] = async server =>
        {
            var made = await server.MakeAsync(Classes, "'spec':{'priority':1,'nodeSelector':{'matchLabels':{'a':'b'}}}");
            (await server.JsonPatchAsync(
                $"{Classes}/{made.Name}",
                "[{'op':'add','path':'/spec/dryRun','value':true},{'op':'replace','path':'/spec/priority','value':2},{'op':'remove','path':'/spec/nodeSelector'}]")).Is(200)
                .Has("/spec/dryRun", true).Has("/spec/priority", 2).Lacks("/spec/nodeSelector");
        },
        ["elements of lists, by index and at the end"] = async server =>
        {
            var made = await server.MakeAsync(Classes, "'spec':{'snat':{'excludedCidrs':['10.1.0.0/16','10.3.0.0/16']}}");
            (await server.JsonPatchAsync(
                $"{Classes}/{made.Name}",
                "[{'op':'add','path':'/spec/snat/excludedCidrs/1','value':'10.2.0.0/16'},{'op':'add','path':'/spec/snat/excludedCidrs/-','value':'10.4.0.0/16'},{'op':'remove','path':'/spec/snat/excludedCidrs/0'}]"))
                .Is(200).HasJson("/spec/snat/excludedCidrs", "['10.2.0.0/16','10.3.0.0/16','10.4.0.0/16']");
        },
        ["slashes in keys are ~1"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.JsonPatchAsync($"{Classes}/{made.Name}", "[{'op':'add','path':'/metadata/labels/vnetcni.dev~1x','value':'y'}]")).Is(200)
                .Has("/metadata/labels/vnetcni.dev~1x", "y").Has("/metadata/labels/contract", server.Prefix);
        },
        ["a test that holds lets the rest through, one that does not refuses all"] = async server =>
        {
            var made = await server.MakeAsync(Classes, "'spec':{'priority':1}");
            var path = $"{Classes}/{made.Name}";
            (await server.JsonPatchAsync(path, "[{'op':'test','path':'/spec/priority','value':1},{'op':'replace','path':'/spec/priority','value':2}]")).Is(200).Has("/spec/priority", 2);
            (await server.JsonPatchAsync(path, "[{'op':'replace','path':'/spec/dryRun','value':true},{'op':'test','path':'/spec/priority','value':1}]")).IsRefused(422, "Invalid");
            (await server.GetAsync(path)).Has("/spec/dryRun", false);
        },
        ["a path that is not there is refused"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.JsonPatchAsync($"{Classes}/{made.Name}", "[{'op':'remove','path':'/spec/nope'}]")).IsRefused(422, "Invalid");
            (await server.JsonPatchAsync($"{Classes}/{made.Name}", "[{'op':'add','path':'/spec/nope/deeper','value':1}]")).IsRefused(422, "Invalid");
        },
        ["a body that is no list of operations is refused"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.JsonPatchAsync($"{Classes}/{made.Name}", "{'op':'remove','path':'/spec'}")).IsRefused(400, "BadRequest");
        },
        ["the status path takes it"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.JsonPatchAsync($"{Classes}/{made.Name}/status", "[{'op':'add','path':'/status','value':{'nodes':3}}]")).Is(200).HasJson("/status", "{'nodes':3}");
        },
        ["copies beyond all bounds are refused"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            var copies = string.Join(',', Enumerable.Range(0, 40).Select(i => $"{{'op':'copy','from':'/x','path':'/x/{i}'}}"));
            (await server.JsonPatchAsync($"{Classes}/{made.Name}", $"[{{'op':'add','path':'/x','value':{{'a':'{new string('y', 1000)}'}}}},{copies}]")).Is(413, 422).Has("/kind", "Status");
        },
    };
}
