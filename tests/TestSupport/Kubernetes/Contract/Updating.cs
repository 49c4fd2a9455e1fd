using System.Text.Json.Nodes;
using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>PUT, and what a stale or mistaken one meets.</summary>
internal static class Updating
{
    public static readonly ContractCases Cases = new("Updating")
    {
        ["a replace of the newest version takes its place"] = async server =>
        {
            var made = await server.MakeAsync(Classes, "'spec':{'priority':1,'dryRun':true}");
            var put = (await server.PutAsync(Item(Classes, made), With(made, spec => spec["priority"] = 2))).Is(200);
            put.Has("/spec/priority", 2).Has("/spec/dryRun", true).Has("/metadata/uid", made.Uid);
            put.Holds(put.Version != made.Version, "a new version");
            (await server.GetAsync(Item(Classes, made))).Has("", put.Json);
        },
        ["a replace drops what it leaves out"] = async server =>
        {
            var made = await server.MakeAsync(Classes, "'spec':{'nodeSelector':{'matchLabels':{'a':'b'}}}", metadata: "'annotations':{'a':'b'}");
            var put = (await server.PutAsync(Item(Classes, made), server.Body(Classes, made.Name, "'spec':{}", $"'resourceVersion':'{made.Version}'"))).Is(200);
            put.Lacks("/spec/nodeSelector", "/metadata/annotations").Has("/spec/pool/minFree", 8);
        },
        ["a replace of a stale version is 409 Conflict"] = async server =>
        {
            foreach (var collection in new[] { Classes, Nodes })
            {
                var made = await server.MakeAsync(collection);
                (await server.MergeAsync(Item(collection, made), "{'metadata':{'labels':{'x':'y'}}}")).Is(200);
                (await server.PutAsync(Item(collection, made), made.Body)).IsRefused(
                    409, "Conflict", "Operation cannot be fulfilled on ", $"\"{made.Name}\": the object has been modified; please apply your changes to the latest version and try again");
            }
        },
        ["a replace without a version is refused for custom resources"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.PutAsync(Item(Classes, made), server.Body(Classes, made.Name, ""))).IsInvalid("metadata.resourceVersion", "must be specified for an update");
        },
        ["a replace without a version is unconditional for nodes"] = async server =>
        {
            var made = await server.MakeAsync(Nodes);
            (await server.MergeAsync(Item(Nodes, made), "{'metadata':{'labels':{'x':'y'}}}")).Is(200);
            (await server.PutAsync(Item(Nodes, made), server.Body(Nodes, made.Name, "", "'annotations':{'z':'z'}"))).Is(200)
                .Lacks("/metadata/labels/x").Has("/metadata/annotations/z", "z").Has("/metadata/uid", made.Uid);
        },
        ["a replace of what is not there is 404"] = async server =>
        {
            var name = server.NewName();
            (await server.PutAsync($"{Classes}/{name}", server.Body(Classes, name, "", "'resourceVersion':'1'"))).IsRefused(404, "NotFound", $"\"{name}\" not found");
        },
        ["the same again makes no version"] = async server =>
        {
            foreach (var collection in new[] { Classes, Networks })
            {
                var made = await server.MakeAsync(collection);
                (await server.PutAsync(Item(collection, made), made.Body)).Is(200).Has("/metadata/resourceVersion", made.Version);
            }
        },
        ["the name of the body must be that of the path"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.PutAsync(Item(Classes, made), made.Body.Replace($"\"{made.Name}\"", $"\"{made.Name}x\"", StringComparison.Ordinal)))
                .IsRefused(400, "BadRequest", $"the name of the object ({made.Name}x) does not match the name on the URL ({made.Name})");
        },
        ["another uid in the body is a conflict"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.PutAsync(Item(Classes, made), made.Body.Replace(made.Uid, "00000000-0000-4000-8000-000000000000", StringComparison.Ordinal)))
                .IsRefused(409, "Conflict", "Precondition failed: UID in precondition");
        },
        ["what the server sets stays"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            var body = JsonNode.Parse(made.Body)!;
            body["metadata"]!["generation"] = 77;
            body["metadata"]!["labels"]!["x"] = "y";
            (await server.PutAsync(Item(Classes, made), body.ToJsonString())).Is(200)
                .Has("/metadata/generation", 1).Has("/metadata/creationTimestamp", made.Text("/metadata/creationTimestamp")).Has("/metadata/labels/x", "y");
        },
        ["a time of deletion cannot be written"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            var body = JsonNode.Parse(made.Body)!;
            body["metadata"]!["deletionTimestamp"] = "2001-01-01T00:00:00Z";
            (await server.PutAsync(Item(Classes, made), body.ToJsonString())).IsInvalid("metadata.deletionTimestamp", "field is immutable");
        },
        ["of two writers of one version one wins"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            var answers = await Task.WhenAll(Enumerable.Range(1, 5).Select(i => server.PutAsync(Item(Classes, made), With(made, spec => spec["priority"] = i))));
            answers[0].Holds(answers.Count(a => a.Code == 200) == 1 && answers.Count(a => a.Code == 409) == 4, "one 200 and four 409");
            var winner = answers.Single(a => a.Code == 200);
            (await server.GetAsync(Item(Classes, made))).Has("/spec", winner.At("/spec")!);
        },
        ["a dry run changes nothing"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.PutAsync($"{Item(Classes, made)}?dryRun=All", With(made, spec => spec["priority"] = 5))).Is(200).Has("/spec/priority", 5);
            (await server.GetAsync(Item(Classes, made))).Has("", made.Json);
        },
    };

    private static string Item(string collection, ContractAnswer made) => $"{collection}/{made.Name}";

    private static string With(ContractAnswer made, Action<JsonNode> change)
    {
        var body = JsonNode.Parse(made.Body)!;
        change(body["spec"]!);
        return body.ToJsonString();
    }
}
