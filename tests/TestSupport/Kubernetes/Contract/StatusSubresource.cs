using System.Text.Json.Nodes;
using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>The status is written by its own path alone.</summary>
internal static class StatusSubresource
{
    public static readonly ContractCases Cases = new("Status")
    {
        ["a new custom resource has none, whatever the body says"] = async server =>
            (await server.MakeAsync(Classes, "'spec':{},'status':{'nodes':5}")).Lacks("/status"),
        ["a write of the object leaves it"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            var path = $"{Classes}/{made.Name}";
            (await server.MergeAsync($"{path}/status", "{'status':{'nodes':1}}")).Is(200).Has("/status/nodes", 1);
            (await server.MergeAsync(path, "{'status':{'nodes':2},'spec':{'priority':3}}")).Is(200).Has("/status/nodes", 1).Has("/spec/priority", 3);
            var read = await server.GetAsync(path);
            var body = JsonNode.Parse(read.Body)!.AsObject();
            body.Remove("status");
            (await server.PutAsync(path, body.ToJsonString())).Is(200).Has("/status/nodes", 1);
        },
        ["a write of the status leaves spec, labels and finalizers"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.MergeAsync(
                $"{Classes}/{made.Name}/status", "{'metadata':{'labels':{'x':'y'},'finalizers':['vnetcni.dev/x']},'spec':{'priority':3},'status':{'nodes':1}}")).Is(200)
                .Has("/spec/priority", 0).Lacks("/metadata/labels/x", "/metadata/finalizers").Has("/status/nodes", 1);
        },
        ["a replace of the status takes the whole of it"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            var path = $"{Classes}/{made.Name}/status";
            var first = (await server.MergeAsync(path, "{'status':{'nodes':1,'used':2}}")).Is(200);
            var body = JsonNode.Parse(first.Body)!;
            body["status"] = new JsonObject { ["held"] = 3 };
            (await server.PutAsync(path, body.ToJsonString())).Is(200).HasJson("/status", "{'held':3}");
        },
        ["a stale replace of the status conflicts"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'spec':{'priority':1}}")).Is(200);
            (await server.PutAsync($"{Classes}/{made.Name}/status", made.Body)).IsRefused(409, "Conflict", "the object has been modified");
        },
        ["a conditional apply of the status conflicts when another was faster"] = async server =>
        {
            var pool = await server.MakeAsync(Pools);
            var path = $"{Pools}/{pool.Name}/status";
            string Body(string version, int desired) =>
                $"{{'apiVersion':'vnetcni.dev/v1alpha1','kind':'NodeIpPool','metadata':{{'name':'{pool.Name}','resourceVersion':'{version}'}},'status':{{'usage':{{'desired':{desired}}}}}}}";
            var first = (await server.ApplyAsync(path, Body(pool.Version, 1), "agent", force: true)).Is(200);
            (await server.ApplyAsync(path, Body(pool.Version, 2), "agent", force: true)).IsRefused(409, "Conflict", "the object has been modified");
            (await server.ApplyAsync(path, Body(first.Version, 3), "agent", force: true)).Is(200).Has("/status/usage/desired", 3);
        },
        ["a status is checked against the schema"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.MergeAsync($"{Classes}/{made.Name}/status", "{'status':{'nodes':-1}}")).IsInvalid("status.nodes", "should be greater than or equal to 0");
        },
        ["the status of what is not there is 404"] = async server =>
        {
            var name = server.NewName();
            (await server.MergeAsync($"{Classes}/{name}/status", "{'status':{'nodes':1}}")).IsRefused(404, "NotFound");
            (await server.ApplyAsync($"{Classes}/{name}/status", ContractServer.ApplyBody(Classes, name, "'status':{'nodes':1}"), "a")).IsRefused(404, "NotFound");
            (await server.GetAsync($"{Classes}/{name}")).Is(404);
        },
        ["a node's status is apart from its spec"] = async server =>
        {
            var made = await server.MakeAsync(Nodes);
            (await server.StrategicAsync($"{Nodes}/{made.Name}/status", "{'spec':{'unschedulable':true},'status':{'phase':'Running'}}")).Is(200)
                .Lacks("/spec/unschedulable").Has("/status/phase", "Running");
            (await server.StrategicAsync($"{Nodes}/{made.Name}", "{'status':{'phase':'Pending'}}")).Is(200).Has("/status/phase", "Running");
        },
        ["a write of the status makes a version"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            var after = (await server.MergeAsync($"{Classes}/{made.Name}/status", "{'status':{'nodes':1}}")).Is(200);
            after.Holds(after.Version != made.Version, "a new version");
            (await server.MergeAsync($"{Classes}/{made.Name}/status", "{'status':{'nodes':1}}")).Is(200).Has("/metadata/resourceVersion", after.Version);
        },
    };
}
