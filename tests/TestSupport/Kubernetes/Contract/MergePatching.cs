using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>PATCH with a JSON merge patch: https://www.rfc-editor.org/rfc/rfc7386.</summary>
internal static class MergePatching
{
    public static readonly ContractCases Cases = new("Merge patch")
    {
        ["objects are merged, the rest stays"] = async server =>
        {
            var made = await server.MakeAsync(Classes, "'spec':{'priority':1,'pool':{'minFree':3}}");
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'spec':{'pool':{'maxFree':40}}}")).Is(200)
                .Has("/spec/priority", 1).Has("/spec/pool/minFree", 3).Has("/spec/pool/maxFree", 40);
        },
        ["null removes"] = async server =>
        {
            var made = await server.MakeAsync(Classes, "'spec':{'nodeSelector':{'matchLabels':{'a':'b','c':'d'}}}", metadata: "'annotations':{'x':'y','z':'z'}");
            var path = $"{Classes}/{made.Name}";
            (await server.MergeAsync(path, "{'metadata':{'annotations':{'x':null}},'spec':{'nodeSelector':{'matchLabels':{'a':null}}}}")).Is(200)
                .HasJson("/metadata/annotations", "{'z':'z'}").HasJson("/spec/nodeSelector", "{'matchLabels':{'c':'d'}}");
            (await server.MergeAsync(path, "{'spec':{'nodeSelector':null}}")).Is(200).Lacks("/spec/nodeSelector");
        },
        ["null for what is not there changes nothing"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'metadata':{'annotations':null},'spec':{'nodeSelector':{'matchLabels':null}}}")).Is(200)
                .Lacks("/metadata/annotations", "/spec/nodeSelector/matchLabels");
        },
        ["lists are replaced"] = async server =>
        {
            var made = await server.MakeAsync(Classes, "'spec':{'snat':{'excludedCidrs':['10.0.0.0/8','10.1.0.0/16']}}");
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'spec':{'snat':{'excludedCidrs':['10.2.0.0/16']}}}")).Is(200)
                .HasJson("/spec/snat/excludedCidrs", "['10.2.0.0/16']");
        },
        ["a removed field gets its default again"] = async server =>
        {
            var made = await server.MakeAsync(Classes, "'spec':{'priority':9,'pool':{'minFree':3}}");
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'spec':{'priority':null,'pool':null}}")).Is(200).Has("/spec/priority", 0).Has("/spec/pool/minFree", 8);
        },
        ["what is there already makes no version"] = async server =>
        {
            var made = await server.MakeAsync(Classes, "'spec':{'priority':9}");
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'spec':{'priority':9}}")).Is(200).Has("/metadata/resourceVersion", made.Version);
            (await server.MergeAsync($"{Classes}/{made.Name}", "{}")).Is(200).Has("/metadata/resourceVersion", made.Version);
        },
        ["with a version it is conditional"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            var body = $"{{'metadata':{{'resourceVersion':'{made.Version}'}},'spec':{{'priority':PRIORITY}}}}";
            (await server.MergeAsync($"{Classes}/{made.Name}", body.Replace("PRIORITY", "1", StringComparison.Ordinal))).Is(200);
            (await server.MergeAsync($"{Classes}/{made.Name}", body.Replace("PRIORITY", "2", StringComparison.Ordinal)))
                .IsRefused(409, "Conflict", "the object has been modified");
            (await server.GetAsync($"{Classes}/{made.Name}")).Has("/spec/priority", 1);
        },
        ["without a version patches of many writers all arrive"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => server.MergeAsync($"{Classes}/{made.Name}", $"{{'metadata':{{'annotations':{{'w{i}':'x'}}}}}}")));
            foreach (var answer in answers)
                answer.Is(200);
            (await server.GetAsync($"{Classes}/{made.Name}")).HasJson("/metadata/annotations", "{'w0':'x','w1':'x','w2':'x','w3':'x'}");
        },
        ["what is not there is 404"] = async server =>
            (await server.MergeAsync($"{Classes}/{server.NewName()}", "{'spec':{'priority':1}}")).IsRefused(404, "NotFound", "not found"),
        ["the name cannot change"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.MergeAsync($"{Classes}/{made.Name}", $"{{'metadata':{{'name':'{made.Name}x'}}}}"))
                .IsRefused(400, "BadRequest", $"the name of the object ({made.Name}x) does not match the name on the URL ({made.Name})");
        },
        ["the kind cannot change"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            var answer = await server.MergeAsync($"{Classes}/{made.Name}", "{'kind':'NodeIpPool'}");
            answer.Is(400, 422).Has("/kind", "Status");
            (await server.GetAsync($"{Classes}/{made.Name}")).Has("/kind", "NodeIpPoolClass");
        },
        ["the uid cannot change"] = async server =>
        {
            foreach (var collection in new[] { Classes, Nodes })
            {
                var made = await server.MakeAsync(collection);
                (await server.MergeAsync($"{collection}/{made.Name}", "{'metadata':{'uid':'x'}}")).IsInvalid("metadata.uid", "field is immutable");
            }
        },
        ["that takes the version out is refused where every write needs one"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            foreach (var version in new[] { "null", "''", "'0'" })
                (await server.MergeAsync($"{Classes}/{made.Name}", $"{{'metadata':{{'resourceVersion':{version}}}}}")).IsInvalid("metadata.resourceVersion", "must be specified for an update");
            var node = await server.MakeAsync(Nodes);
            (await server.MergeAsync($"{Nodes}/{node.Name}", "{'metadata':{'resourceVersion':null}}")).Is(200);
        },
        ["the result is checked against the schema"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'spec':{'pool':{'minFree':251}}}")).IsInvalid("spec.pool.minFree", "should be less than or equal to 250");
        },
        ["built-in kinds take it too"] = async server =>
        {
            var made = await server.MakeAsync(Nodes, metadata: "'annotations':{'a':'1','b':'2'}");
            (await server.MergeAsync($"{Nodes}/{made.Name}", "{'metadata':{'annotations':{'a':null}},'spec':{'unschedulable':true}}")).Is(200)
                .HasJson("/metadata/annotations", "{'b':'2'}").Has("/spec/unschedulable", true);
        },
    };
}
