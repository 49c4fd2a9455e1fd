using System.Text.Json.Nodes;
using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>
/// PATCH with a strategic merge patch, which kubectl sends for built-in kinds:
/// https://github.com/kubernetes/community/blob/main/contributors/devel/sig-api-machinery/strategic-merge-patch.md.
/// </summary>
internal static class StrategicPatching
{
    private const string Time = "'lastHeartbeatTime':'2026-01-01T00:00:00Z','lastTransitionTime':'2026-01-01T00:00:00Z'";

    public static readonly ContractCases Cases = new("Strategic merge patch")
    {
        ["maps are merged and null removes"] = async server =>
        {
            var made = await server.MakeAsync(Nodes, metadata: "'annotations':{'a':'1','b':'2'}");
            (await server.StrategicAsync($"{Nodes}/{made.Name}", "{'metadata':{'annotations':{'a':null,'c':'3'}}}")).Is(200)
                .HasJson("/metadata/annotations", "{'b':'2','c':'3'}").Has("/metadata/labels/contract", server.Prefix);
        },
        ["a node's conditions are merged by type"] = async server =>
        {
            var made = await server.MakeAsync(Nodes);
            var path = $"{Nodes}/{made.Name}/status";
            (await server.StrategicAsync(path, $"{{'status':{{'conditions':[{{'type':'Ready','status':'True','reason':'a',{Time}}},{{'type':'Other','status':'True',{Time}}}]}}}}")).Is(200);
            var after = (await server.StrategicAsync(path, "{'status':{'conditions':[{'type':'Ready','status':'False'}]}}")).Is(200);
            after.Holds(Conditions(after) == "Other=True Ready=False", "the one is changed, the other stays");
            after.Holds(after.Body.Contains("\"reason\":\"a\"", StringComparison.Ordinal), "fields of the element that the patch leaves out stay");
        },
        ["$patch: delete removes an element by its key"] = async server =>
        {
            var made = await server.MakeAsync(Nodes);
            var path = $"{Nodes}/{made.Name}/status";
            (await server.StrategicAsync(path, $"{{'status':{{'conditions':[{{'type':'Ready','status':'True',{Time}}},{{'type':'Other','status':'True',{Time}}}]}}}}")).Is(200);
            var after = (await server.StrategicAsync(path, "{'status':{'conditions':[{'type':'Ready','$patch':'delete'}]}}")).Is(200);
            after.Holds(Conditions(after) == "Other=True", "one condition is left");
        },
        ["a node's addresses are merged by type"] = async server =>
        {
            var made = await server.MakeAsync(Nodes);
            var path = $"{Nodes}/{made.Name}/status";
            (await server.StrategicAsync(path, "{'status':{'addresses':[{'type':'InternalIP','address':'10.0.0.4'},{'type':'Hostname','address':'a'}]}}")).Is(200);
            var after = (await server.StrategicAsync(
                path, "{'status':{'$setElementOrder/addresses':[{'type':'InternalIP'},{'type':'Hostname'}],'addresses':[{'type':'InternalIP','address':'10.0.0.5'}]}}")).Is(200);
            after.HasJson("/status/addresses", "[{'type':'InternalIP','address':'10.0.0.5'},{'type':'Hostname','address':'a'}]");
        },
        ["a node's taints are replaced as a whole"] = async server =>
        {
            var made = await server.MakeAsync(Nodes, "'spec':{'taints':[{'key':'a','effect':'NoSchedule'},{'key':'b','effect':'NoSchedule'}]}");
            (await server.StrategicAsync($"{Nodes}/{made.Name}", "{'spec':{'taints':[{'key':'c','value':'d','effect':'NoExecute'}]}}")).Is(200)
                .HasJson("/spec/taints", "[{'key':'c','value':'d','effect':'NoExecute'}]");
        },
        ["finalizers are merged as a set, and taken out by $deleteFromPrimitiveList"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var made = await server.MakeAsync(Leases(ns), metadata: "'finalizers':['vnetcni.dev/a']");
            var path = $"{Leases(ns)}/{made.Name}";
            var both = (await server.StrategicAsync(path, "{'metadata':{'finalizers':['vnetcni.dev/b']}}")).Is(200);
            both.Holds(Finalizers(both) == "vnetcni.dev/a vnetcni.dev/b", "both finalizers");
            var one = (await server.StrategicAsync(path, "{'metadata':{'$deleteFromPrimitiveList/finalizers':['vnetcni.dev/a']}}")).Is(200);
            one.Holds(Finalizers(one) == "vnetcni.dev/b", "one finalizer");
            (await server.StrategicAsync(path, "{'metadata':{'$deleteFromPrimitiveList/finalizers':['vnetcni.dev/b']}}")).Is(200).Lacks("/metadata/finalizers");
        },
        ["$patch: replace replaces a map"] = async server =>
        {
            var made = await server.MakeAsync(Nodes, metadata: "'annotations':{'a':'1','b':'2'}");
            (await server.StrategicAsync($"{Nodes}/{made.Name}", "{'metadata':{'annotations':{'$patch':'replace','c':'3'}}}")).Is(200)
                .HasJson("/metadata/annotations", "{'c':'3'}");
        },
        ["with a version it is conditional"] = async server =>
        {
            var made = await server.MakeAsync(Nodes);
            (await server.StrategicAsync($"{Nodes}/{made.Name}", "{'metadata':{'resourceVersion':'1','annotations':{'a':'b'}}}")).IsRefused(409, "Conflict", "the object has been modified");
        },
        ["an event's count is patched as client-go does it"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var made = await server.MakeAsync(
                Events(ns), $"'involvedObject':{{'kind':'Pod','name':'x','namespace':'{ns}'}},'reason':'r','message':'m','type':'Normal','count':1,'lastTimestamp':'2026-01-01T00:00:00Z'");
            (await server.StrategicAsync($"{Events(ns)}/{made.Name}", "{'count':2,'lastTimestamp':'2026-01-01T00:00:05Z'}")).Is(200)
                .Has("/count", 2).Has("/lastTimestamp", "2026-01-01T00:00:05Z").Has("/reason", "r");
        },
        ["custom resources do not take it"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.StrategicAsync($"{Classes}/{made.Name}", "{'spec':{'priority':1}}")).IsRefused(
                415, "UnsupportedMediaType", "accepted media types include", "application/json-patch+json", "application/merge-patch+json", "application/apply-patch+yaml");
        },
    };

    private static string Conditions(ContractAnswer answer) => string.Join(
        ' ', answer.At("/status/conditions")!.AsArray().Select(c => $"{(string?)c!["type"]}={(string?)c["status"]}").Order(StringComparer.Ordinal));

    private static string Finalizers(ContractAnswer answer) =>
        string.Join(' ', (answer.At("/metadata/finalizers") as JsonArray ?? []).Select(f => (string)f!).Order(StringComparer.Ordinal));
}
