using System.Text.Json.Nodes;
using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;
using static Vnetcni.TestSupport.Kubernetes.Contract.ContractServer;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>metadata.managedFields: who wrote what.</summary>
internal static class FieldManagers
{
    public static readonly ContractCases Cases = new("Field managers")
    {
        ["an apply is recorded with its fields"] = async server =>
        {
            var name = server.NewName();
            var made = (await server.ApplyAsync($"{Classes}/{name}", ApplyBody(Classes, name, "'spec':{'priority':1,'pool':{'minFree':2}}"), "contract-a")).Is(201);
            var entry = Entry(made, "contract-a", "Apply");
            made.Holds((string?)entry["apiVersion"] == "vnetcni.dev/v1alpha1" && (string?)entry["fieldsType"] == "FieldsV1" && entry["time"] is not null, "version, type and time");
            made.Holds(JsonNode.DeepEquals(entry["fieldsV1"], JsonNode.Parse("{\"f:spec\":{\"f:pool\":{\"f:minFree\":{}},\"f:priority\":{}}}")), "exactly the applied fields");
        },
        ["a list by key is recorded by its keys"] = async server =>
        {
            var pool = await server.MakeAsync(Pools);
            var after = (await server.ApplyAsync(
                $"{Pools}/{pool.Name}/status", ApplyBody(Pools, pool.Name, "'status':{'conditions':[{'type':'Ready','status':'True'}]}"), "contract-a")).Is(200);
            var fields = Entry(after, "contract-a", "Apply")["fieldsV1"]!;
            after.Holds(
                JsonNode.DeepEquals(fields["f:status"], JsonNode.Parse("{\"f:conditions\":{\"k:{\\\"type\\\":\\\"Ready\\\"}\":{\".\":{},\"f:status\":{},\"f:type\":{}}}}")),
                "the element by its key, with its fields");
        },
        ["an update is recorded under its user agent where no manager is given"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            Entry(made, UserAgent.Split('/')[0], "Update");
        },
        ["an update is recorded under the manager that is given"] = async server =>
        {
            var made = (await server.PostAsync($"{Classes}?fieldManager=contract-maker", server.Body(Classes, server.NewName(), ""))).Is(201);
            Entry(made, "contract-maker", "Update");
            var patched = (await server.MergeAsync($"{Classes}/{made.Name}?fieldManager=contract-patcher", "{'spec':{'priority':1}}")).Is(200);
            var fields = Entry(patched, "contract-patcher", "Update")["fieldsV1"]!;
            patched.Holds(JsonNode.DeepEquals(fields, JsonNode.Parse("{\"f:spec\":{\"f:priority\":{}}}")), "exactly the patched field");
        },
        ["a field taken by force leaves its old manager"] = async server =>
        {
            var name = server.NewName();
            (await server.ApplyAsync($"{Classes}/{name}", ApplyBody(Classes, name, "'spec':{'priority':1,'dryRun':true}"), "contract-a")).Is(201);
            var after = (await server.ApplyAsync($"{Classes}/{name}", ApplyBody(Classes, name, "'spec':{'priority':2}"), "contract-b", force: true)).Is(200);
            after.Holds(JsonNode.DeepEquals(Entry(after, "contract-a", "Apply")["fieldsV1"], JsonNode.Parse("{\"f:spec\":{\"f:dryRun\":{}}}")), "a has dryRun alone");
            after.Holds(JsonNode.DeepEquals(Entry(after, "contract-b", "Apply")["fieldsV1"], JsonNode.Parse("{\"f:spec\":{\"f:priority\":{}}}")), "b has priority");
        },
        ["a manager that applies nothing any more is not listed"] = async server =>
        {
            var name = server.NewName();
            (await server.ApplyAsync($"{Classes}/{name}", ApplyBody(Classes, name, "'spec':{'priority':1}"), "contract-a")).Is(201);
            (await server.ApplyAsync($"{Classes}/{name}", ApplyBody(Classes, name, "'spec':{'dryRun':true}"), "contract-b")).Is(200);
            var after = (await server.ApplyAsync($"{Classes}/{name}", ApplyBody(Classes, name, ""), "contract-b")).Is(200);
            after.Holds(after.At("/metadata/managedFields")!.AsArray().All(e => (string?)e!["manager"] != "contract-b"), "contract-b is gone");
        },
        ["a write that leaves managedFields out keeps them"] = async server =>
        {
            var name = server.NewName();
            var made = (await server.ApplyAsync($"{Classes}/{name}", ApplyBody(Classes, name, "'spec':{'priority':1}"), "contract-a")).Is(201);
            var body = JsonNode.Parse(made.Body)!;
            body["metadata"]!.AsObject().Remove("managedFields");
            body["spec"]!["dryRun"] = true;
            var after = (await server.PutAsync($"{Classes}/{name}?fieldManager=contract-put", body.ToJsonString())).Is(200);
            Entry(after, "contract-a", "Apply");
            Entry(after, "contract-put", "Update");
        },
        ["an owner can be read from the entry: kubectl's update of a status"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            var after = (await server.MergeAsync($"{Classes}/{made.Name}/status?fieldManager=contract-status", "{'status':{'nodes':1}}")).Is(200);
            var fields = Entry(after, "contract-status", "Update")["fieldsV1"]!;
            after.Holds(fields["f:status"]?["f:nodes"] is not null && fields["f:spec"] is null, "the status field and nothing of the spec");
        },
        ["managedFields are cleared by a list of one empty entry, and nothing is recorded then"] = async server =>
        {
            var made = await server.MakeAsync(Classes, "'spec':{'priority':1}");
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'metadata':{'managedFields':[{}]}}")).Is(200).Lacks("/metadata/managedFields");
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'spec':{'priority':2}}")).Is(200).Has("/spec/priority", 2).Lacks("/metadata/managedFields");
        },
        ["what nobody owned is before-first-apply's from the first apply on"] = async server =>
        {
            var made = await server.MakeAsync(Classes, "'spec':{'priority':1}");
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'metadata':{'managedFields':[{}]}}")).Is(200);
            var path = $"{Classes}/{made.Name}";
            (await server.ApplyAsync(path, ApplyBody(Classes, made.Name, "'spec':{'priority':2}"), "contract-a")).IsRefused(409, "Conflict", "before-first-apply", ".spec.priority");
            var after = (await server.ApplyAsync(path, ApplyBody(Classes, made.Name, "'spec':{'nodeSelector':{'matchLabels':{'a':'b'}}}"), "contract-a")).Is(200);
            after.Holds(Entry(after, "contract-a", "Apply")["fieldsV1"]?["f:spec"]?["f:nodeSelector"] is not null, "the applied field");
            after.Holds(Entry(after, "before-first-apply", "Update")["fieldsV1"]?["f:spec"]?["f:priority"] is not null, "the priority of before");
        },
        ["members that are never missing are nobody's"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var pod = Entry(await server.MakeAsync(Pods(ns)), UserAgent.Split('/')[0], "Update")["fieldsV1"]!;
            if (pod["f:spec"]!["f:containers"]!["."] is not null)
                throw new KubeContractException($"spec.containers itself is owned: {pod.ToJsonString()}");
            var made = await server.MakeAsync(ContractPaths.Events(ns), $"'involvedObject':{{'kind':'Pod','name':'x','namespace':'{ns}'}},'reason':'r','message':'m','type':'Normal'");
            var fields = Entry(made, UserAgent.Split('/')[0], "Update")["fieldsV1"]!;
            made.Holds(fields["f:reportingComponent"] is null && fields["f:source"] is null && fields["f:involvedObject"]!["."] is null, "none of them is owned");
        },
    };

    private static JsonNode Entry(ContractAnswer answer, string manager, string operation) =>
        (answer.At("/metadata/managedFields") as JsonArray ?? []).FirstOrDefault(e => (string?)e!["manager"] == manager && (string?)e["operation"] == operation)
        ?? throw answer.Broken($"an entry of {manager} ({operation}) in managedFields", "none");
}
