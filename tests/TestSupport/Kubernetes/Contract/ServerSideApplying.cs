using System.Text.Json.Nodes;
using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;
using static Vnetcni.TestSupport.Kubernetes.Contract.ContractServer;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>Server-side apply: https://kubernetes.io/docs/reference/using-api/server-side-apply/.</summary>
internal static class ServerSideApplying
{
    public static readonly ContractCases Cases = new("Server-side apply")
    {
        ["it makes what is not there, and finds it again"] = async server =>
        {
            var name = server.NewName();
            var first = await AppliedAsync(server, name, "'spec':{'priority':1}", "a", 201);
            (await AppliedAsync(server, name, "'spec':{'priority':1}", "a")).Has("/metadata/uid", first.Uid).Has("/metadata/resourceVersion", first.Version);
        },
        ["what is made by it has defaults, which nobody owns"] = async server =>
        {
            var name = server.NewName();
            (await AppliedAsync(server, name, "'spec':{'priority':1}", "a", 201)).Has("/spec/pool/minFree", 8);
            (await AppliedAsync(server, name, "'spec':{'pool':{'minFree':9}}", "b")).Has("/spec/pool/minFree", 9).Has("/spec/priority", 1);
        },
        ["another's field with another value is a conflict that names both"] = async server =>
        {
            var name = server.NewName();
            await AppliedAsync(server, name, "'spec':{'priority':1,'dryRun':true}", "first-manager", 201);
            var refused = await ApplyAsync(server, name, "'spec':{'priority':2,'dryRun':true}", "second-manager");
            refused.IsRefused(409, "Conflict", "Apply failed with 1 conflict", "first-manager", ".spec.priority");
            refused.Has("/details/causes/0/reason", "FieldManagerConflict").Has("/details/causes/0/field", ".spec.priority");
            refused.Holds(refused.Causes.Count == 1, "one cause");
            (await server.GetAsync($"{Classes}/{name}")).Has("/spec/priority", 1);
        },
        ["every conflict is told"] = async server =>
        {
            var name = server.NewName();
            await AppliedAsync(server, name, "'spec':{'priority':1,'pool':{'minFree':1}}", "a", 201);
            var refused = await ApplyAsync(server, name, "'spec':{'priority':2,'pool':{'minFree':2}}", "b");
            refused.IsRefused(409, "Conflict", "Apply failed with 2 conflicts");
            var fields = refused.Causes.Select(cause => (string?)cause["field"]).Order(StringComparer.Ordinal);
            refused.Holds(string.Join(' ', fields) == ".spec.pool.minFree .spec.priority", "both fields");
        },
        ["the same value is shared, and stays while one of the two applies it"] = async server =>
        {
            var name = server.NewName();
            await AppliedAsync(server, name, "'spec':{'priority':1}", "a", 201);
            await AppliedAsync(server, name, "'spec':{'priority':1}", "b");
            (await AppliedAsync(server, name, "'spec':{}", "a")).Has("/spec/priority", 1);
            (await AppliedAsync(server, name, "'spec':{}", "b")).Has("/spec/priority", 0);
        },
        ["force takes the field over"] = async server =>
        {
            var name = server.NewName();
            await AppliedAsync(server, name, "'spec':{'priority':1}", "a", 201);
            (await server.ApplyAsync($"{Classes}/{name}", ApplyBody(Classes, name, "'spec':{'priority':2}"), "b", force: true)).Is(200).Has("/spec/priority", 2);
            (await ApplyAsync(server, name, "'spec':{'priority':1}", "a")).IsRefused(409, "Conflict", "\"b\"");
        },
        ["what a manager no longer applies is removed"] = async server =>
        {
            var name = server.NewName();
            await AppliedAsync(server, name, "'spec':{'nodeSelector':{'matchLabels':{'a':'b'}},'dryRun':true}", "a", 201);
            (await AppliedAsync(server, name, "'spec':{'dryRun':true}", "a")).Lacks("/spec/nodeSelector").Has("/spec/dryRun", true);
        },
        ["labels are owned one by one"] = async server =>
        {
            var name = server.NewName();
            await ApplyMetadataAsync(server, name, "'labels':{'one':'a','two':'a'}", "a");
            await ApplyMetadataAsync(server, name, "'labels':{'three':'b'}", "b");
            (await ApplyMetadataAsync(server, name, "'labels':{'one':'a'}", "a")).HasJson("/metadata/labels", "{'one':'a','three':'b'}");
        },
        ["finalizers are owned one by one"] = async server =>
        {
            var name = server.NewName();
            await ApplyMetadataAsync(server, name, "'finalizers':['vnetcni.dev/a']", "a");
            await ApplyMetadataAsync(server, name, "'finalizers':['vnetcni.dev/b']", "b");
            var both = (await server.GetAsync($"{Classes}/{name}")).At("/metadata/finalizers")!.AsArray().Select(f => (string)f!).Order(StringComparer.Ordinal);
            if (string.Join(' ', both) != "vnetcni.dev/a vnetcni.dev/b")
                throw new KubeContractException($"expected both finalizers, got {string.Join(' ', both)}");
            (await ApplyMetadataAsync(server, name, "'labels':{'x':'y'}", "a")).HasJson("/metadata/finalizers", "['vnetcni.dev/b']");
        },
        ["an atomic list is one field"] = async server =>
        {
            var name = server.NewName();
            await AppliedAsync(server, name, "'spec':{'snat':{'excludedCidrs':['10.1.0.0/16','10.2.0.0/16']}}", "a", 201);
            (await ApplyAsync(server, name, "'spec':{'snat':{'excludedCidrs':['10.3.0.0/16']}}", "b")).IsRefused(409, "Conflict", ".spec.snat.excludedCidrs");
            (await AppliedAsync(server, name, "'spec':{'snat':{'excludedCidrs':['10.2.0.0/16']}}", "a")).HasJson("/spec/snat/excludedCidrs", "['10.2.0.0/16']");
        },
        ["an atomic map is one field"] = async server =>
        {
            var pool = await server.MakeAsync(Pools);
            var path = $"{Pools}/{pool.Name}/status";
            (await server.ApplyAsync(path, ApplyBody(Pools, pool.Name, "'status':{'usage':{'desired':5,'inUse':3}}"), "agent")).Is(200);
            (await server.ApplyAsync(path, ApplyBody(Pools, pool.Name, "'status':{'usage':{'desired':6}}"), "agent")).Is(200).HasJson("/status/usage", "{'desired':6}");
            (await server.ApplyAsync(path, ApplyBody(Pools, pool.Name, "'status':{'usage':{'inUse':1}}"), "other")).IsRefused(409, "Conflict", ".status.usage");
        },
        ["two managers write two parts of one status"] = async server =>
        {
            var pool = await server.MakeAsync(Pools);
            var path = $"{Pools}/{pool.Name}/status";
            (await server.ApplyAsync(path, ApplyBody(Pools, pool.Name, "'status':{'usage':{'desired':5}}"), "agent", force: true)).Is(200);
            (await server.ApplyAsync(path, ApplyBody(Pools, pool.Name, "'status':{'held':16,'zone':'1'}"), "operator", force: true)).Is(200).Has("/status/usage/desired", 5);
            (await server.ApplyAsync(path, ApplyBody(Pools, pool.Name, "'status':{'held':32}"), "operator", force: true)).Is(200)
                .HasJson("/status", "{'usage':{'desired':5},'held':32}");
        },
        ["conditions are a map by type: each manager has its own"] = async server =>
        {
            var pool = await server.MakeAsync(Pools);
            var path = $"{Pools}/{pool.Name}/status";
            static string Conditions(params string[] types) =>
                $"'status':{{'conditions':[{string.Join(',', types.Select(t => $"{{'type':'{t.Split('=')[0]}','status':'{t.Split('=')[1]}'}}"))}]}}";
            (await server.ApplyAsync(path, ApplyBody(Pools, pool.Name, Conditions("Ready=True", "Stalled=True")), "a")).Is(200);
            (await server.ApplyAsync(path, ApplyBody(Pools, pool.Name, Conditions("Drifted=True")), "b")).Is(200);
            var after = (await server.ApplyAsync(path, ApplyBody(Pools, pool.Name, Conditions("Ready=False")), "a")).Is(200);
            var left = after.At("/status/conditions")!.AsArray().Select(c => $"{(string?)c!["type"]}={(string?)c["status"]}").Order(StringComparer.Ordinal);
            after.Holds(string.Join(' ', left) == "Drifted=True Ready=False", "Ready changed, Stalled removed, Drifted kept");
            (await server.ApplyAsync(path, ApplyBody(Pools, pool.Name, Conditions("Ready=True")), "b"))
                .IsRefused(409, "Conflict", ".status.conditions[type=\"Ready\"].status");
        },
        ["with a version it is conditional"] = async server =>
        {
            var name = server.NewName();
            var first = await AppliedAsync(server, name, "'spec':{'priority':1}", "a", 201);
            string Body(int priority) =>
                $"{{'apiVersion':'vnetcni.dev/v1alpha1','kind':'NodeIpPoolClass','metadata':{{'name':'{name}','resourceVersion':'{first.Version}'}},'spec':{{'priority':{priority}}}}}";
            (await server.ApplyAsync($"{Classes}/{name}", Body(2), "a", force: true)).Is(200);
            (await server.ApplyAsync($"{Classes}/{name}", Body(3), "a", force: true)).IsRefused(409, "Conflict", "the object has been modified");
        },
        ["an update takes a field from its applier"] = async server =>
        {
            var name = server.NewName();
            await AppliedAsync(server, name, "'spec':{'priority':1}", "a", 201);
            (await server.MergeAsync($"{Classes}/{name}?fieldManager=by-hand", "{'spec':{'priority':2}}")).Is(200);
            (await ApplyAsync(server, name, "'spec':{'priority':1}", "a")).IsRefused(409, "Conflict", "by-hand", ".spec.priority");
        },
        ["a manager must be named"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.SendAsync(HttpMethod.Patch, $"{Classes}/{made.Name}", ApplyBody(Classes, made.Name, ""), "application/apply-patch+yaml"))
                .IsInvalid("fieldManager", "is required for apply patch");
        },
        ["force is for apply alone"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.MergeAsync($"{Classes}/{made.Name}?force=true", "{'spec':{'priority':1}}")).IsInvalid("force", "may not be specified for non-apply patch");
        },
        ["the body must name the kind, and its version"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.ApplyAsync($"{Classes}/{made.Name}", $"{{'metadata':{{'name':'{made.Name}'}}}}", "a")).Is(400).Has("/kind", "Status");
            (await server.ApplyAsync($"{Classes}/{made.Name}", ApplyBody(Nodes, made.Name, ""), "a")).Is(400).Has("/kind", "Status");
        },
        ["the name of the body must be that of the path"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.ApplyAsync($"{Classes}/{made.Name}", ApplyBody(Classes, made.Name + "x", ""), "a"))
                .IsRefused(400, "BadRequest", $"the name of the object ({made.Name}x) does not match the name on the URL ({made.Name})");
        },
        ["managedFields cannot be applied"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            var body = ApplyBody(Classes, made.Name, "").Replace(
                $"'name':'{made.Name}'", $"'name':'{made.Name}','managedFields':[{{'manager':'x','operation':'Apply','apiVersion':'vnetcni.dev/v1alpha1'}}]", StringComparison.Ordinal);
            (await server.ApplyAsync($"{Classes}/{made.Name}", body, "a")).IsRefused(400, "BadRequest", "metadata.managedFields must be nil");
        },
        ["the result is checked against the schema"] = async server =>
        {
            var name = server.NewName();
            (await ApplyAsync(server, name, "'spec':{'pool':{'minFree':-1}}", "a")).IsInvalid("spec.pool.minFree", "should be greater than or equal to 0");
            (await server.GetAsync($"{Classes}/{name}")).Is(404);
        },
        ["a field that the schema does not know is refused"] = async server =>
        {
            // 500 on older servers.
            var refused = await ApplyAsync(server, server.NewName(), "'spec':{'nope':1}", "a");
            refused.Is(400, 422, 500).Has("/kind", "Status").Holds(refused.Text("/message").Contains(".spec.nope: field not declared in schema", StringComparison.Ordinal), "the field is named");
        },
        ["a dry run changes nothing"] = async server =>
        {
            var name = server.NewName();
            (await server.SendAsync(HttpMethod.Patch, $"{Classes}/{name}?fieldManager=a&dryRun=All", ApplyBody(Classes, name, "'spec':{}"), "application/apply-patch+yaml")).Is(201);
            (await server.GetAsync($"{Classes}/{name}")).Is(404);
        },
        ["nodes take it: labels, taints and conditions"] = async server =>
        {
            var made = await server.MakeAsync(Nodes);
            (await server.ApplyAsync($"{Nodes}/{made.Name}", ApplyBody(Nodes, made.Name, "").Replace("'metadata':{", "'metadata':{'labels':{'x':'y'},", StringComparison.Ordinal), "a")).Is(200)
                .Has("/metadata/labels/x", "y").Has("/metadata/labels/contract", server.Prefix);
            var path = $"{Nodes}/{made.Name}/status";
            const string Time = "'lastHeartbeatTime':'2026-01-01T00:00:00Z','lastTransitionTime':'2026-01-01T00:00:00Z'";
            (await server.ApplyAsync(path, ApplyBody(Nodes, made.Name, $"'status':{{'conditions':[{{'type':'A','status':'True',{Time}}}]}}"), "a")).Is(200);
            var both = (await server.ApplyAsync(path, ApplyBody(Nodes, made.Name, $"'status':{{'conditions':[{{'type':'B','status':'True',{Time}}}]}}"), "b")).Is(200);
            both.Holds(((JsonArray)both.At("/status/conditions")!).Count(c => (string?)c!["type"] is "A" or "B") == 2, "both conditions");
        },
    };

    private static Task<ContractAnswer> ApplyAsync(ContractServer server, string name, string fields, string manager) =>
        server.ApplyAsync($"{Classes}/{name}", ApplyBody(Classes, name, fields), manager);

    private static async Task<ContractAnswer> AppliedAsync(ContractServer server, string name, string fields, string manager, int code = 200) =>
        (await ApplyAsync(server, name, fields, manager)).Is(code);

    private static async Task<ContractAnswer> ApplyMetadataAsync(ContractServer server, string name, string metadata, string manager) =>
        (await server.ApplyAsync(
            $"{Classes}/{name}",
            $"{{'apiVersion':'vnetcni.dev/v1alpha1','kind':'NodeIpPoolClass','metadata':{{'name':'{name}',{metadata}}},'spec':{{}}}}",
            manager)).Is(200, 201);
}
