using System.Text.Json.Nodes;
using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>DELETE: preconditions, propagation, finalizers.</summary>
internal static class Deleting
{
    public static readonly ContractCases Cases = new("Deleting")
    {
        ["a deleted object is gone, the answer is a Status"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.DeleteAsync($"{Classes}/{made.Name}")).Is(200)
                .Has("/kind", "Status").Has("/status", "Success").Has("/details/name", made.Name).Has("/details/group", "vnetcni.dev").Has("/details/kind", "nodeippoolclasses").Has("/details/uid", made.Uid);
            (await server.GetAsync($"{Classes}/{made.Name}")).IsRefused(404, "NotFound");
        },
        ["what is not there is 404"] = async server =>
        {
            var name = server.NewName();
            (await server.DeleteAsync($"{Classes}/{name}")).IsRefused(404, "NotFound", $"nodeippoolclasses.vnetcni.dev \"{name}\" not found");
        },
        ["another uid is a conflict"] = async server =>
        {
            foreach (var collection in new[] { Classes, Nodes })
            {
                var made = await server.MakeAsync(collection);
                (await server.DeleteAsync($"{collection}/{made.Name}", "{'preconditions':{'uid':'00000000-0000-4000-8000-000000000000'}}")).IsRefused(
                    409, "Conflict", "the UID in the precondition (00000000-0000-4000-8000-000000000000) does not match the UID in record", made.Uid);
                (await server.GetAsync($"{collection}/{made.Name}")).Is(200);
            }
        },
        ["another version is a conflict"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'spec':{'priority':1}}")).Is(200);
            (await server.DeleteAsync($"{Classes}/{made.Name}", $"{{'preconditions':{{'resourceVersion':'{made.Version}'}}}}")).IsRefused(
                409, "Conflict", $"the ResourceVersion in the precondition ({made.Version}) does not match the ResourceVersion in record");
            (await server.GetAsync($"{Classes}/{made.Name}")).Is(200);
        },
        ["preconditions that hold let it through"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.DeleteAsync($"{Classes}/{made.Name}", $"{{'preconditions':{{'uid':'{made.Uid}','resourceVersion':'{made.Version}'}}}}")).Is(200);
            (await server.GetAsync($"{Classes}/{made.Name}")).Is(404);
        },
        ["kubectl's options are taken"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.DeleteAsync($"{Classes}/{made.Name}", "{'kind':'DeleteOptions','apiVersion':'v1','propagationPolicy':'Background','gracePeriodSeconds':0}")).Is(200);
            (await server.GetAsync($"{Classes}/{made.Name}")).Is(404);
        },
        ["options are taken from the query too"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.DeleteAsync($"{Classes}/{made.Name}?propagationPolicy=Background&gracePeriodSeconds=0")).Is(200);
            (await server.GetAsync($"{Classes}/{made.Name}")).Is(404);
        },
        ["an unknown propagation policy is refused"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.DeleteAsync($"{Classes}/{made.Name}", "{'propagationPolicy':'Sideways'}")).IsInvalid("propagationPolicy", "Unsupported value: \"Sideways\"");
        },
        ["options that cannot be read delete nothing"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            foreach (var options in new[]
            {
                "{'gracePeriodSeconds':'x'}", "{'gracePeriodSeconds':1.5}", "{'propagationPolicy':5}", "{'orphanDependents':'x'}", "{'preconditions':5}",
                "{'preconditions':{'uid':5}}", "{'dryRun':'All'}", "{'kind':'Foo'}", "[]", "5", "x",
            })
                (await server.DeleteAsync($"{Classes}/{made.Name}", options)).Is(400, 422, 500).Has("/kind", "Status");
            (await server.GetAsync($"{Classes}/{made.Name}")).Is(200).Lacks("/metadata/deletionTimestamp");
        },
        ["both ways to say what becomes of the dependents are refused together"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.DeleteAsync($"{Classes}/{made.Name}", "{'orphanDependents':true,'propagationPolicy':'Background'}")).IsRefused(422, "Invalid", "propagationPolicy");
            (await server.GetAsync($"{Classes}/{made.Name}")).Is(200);
        },
        ["a dry run deletes nothing"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.DeleteAsync($"{Classes}/{made.Name}", "{'dryRun':['All']}")).Is(200);
            (await server.GetAsync($"{Classes}/{made.Name}")).Is(200).Lacks("/metadata/deletionTimestamp");
        },
        ["a foreground deletion waits with a finalizer until the collector has been there"] = async server =>
        {
            var made = await server.MakeAsync(Classes, metadata: "'finalizers':['vnetcni.dev/hold']");
            var answer = (await server.DeleteAsync($"{Classes}/{made.Name}", "{'propagationPolicy':'Foreground'}")).Is(200);
            answer.Text("/metadata/deletionTimestamp");
            answer.Holds(Finalizers(answer).Contains("foregroundDeletion", StringComparer.Ordinal), "the finalizer foregroundDeletion");
            answer.Holds(Finalizers(answer).Contains("vnetcni.dev/hold", StringComparer.Ordinal), "its own finalizer");
        },
        ["an orphaning deletion waits with a finalizer until the collector has been there"] = async server =>
        {
            var made = await server.MakeAsync(Classes, metadata: "'finalizers':['vnetcni.dev/hold']");
            var answer = (await server.DeleteAsync($"{Classes}/{made.Name}", "{'propagationPolicy':'Orphan'}")).Is(200);
            answer.Text("/metadata/deletionTimestamp");
            answer.Holds(Finalizers(answer).Contains("orphan", StringComparer.Ordinal), "the finalizer orphan");
        },
        ["an owner reference needs a uid, a kind and a name"] = async server =>
        {
            (await server.PostAsync(Classes, server.Body(Classes, server.NewName(), "", "'ownerReferences':[{'apiVersion':'v1','kind':'Node','name':'x','uid':''}]")))
                .IsInvalid("metadata.ownerReferences.uid", "uid must not be empty");
            (await server.PostAsync(Classes, server.Body(Classes, server.NewName(), "", "'ownerReferences':[{'apiVersion':'v1','kind':'Node','name':'','uid':'x'}]")))
                .IsInvalid("metadata.ownerReferences.name", "name must not be empty");
        },
        ["of two owners only one controls"] = async server =>
            (await server.PostAsync(Classes, server.Body(
                Classes,
                server.NewName(),
                "",
                "'ownerReferences':[{'apiVersion':'v1','kind':'Node','name':'x','uid':'1','controller':true},{'apiVersion':'v1','kind':'Node','name':'y','uid':'2','controller':true}]")))
                .IsInvalid("metadata.ownerReferences", "Only one reference can have Controller set to true"),
    };

    private static List<string> Finalizers(ContractAnswer answer) => [.. (answer.At("/metadata/finalizers") as JsonArray ?? []).Select(f => (string)f!)];
}
