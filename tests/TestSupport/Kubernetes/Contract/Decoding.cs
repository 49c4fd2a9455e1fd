using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>Bodies with values of another type than their fields.</summary>
internal static class Decoding
{
    public static readonly ContractCases Cases = new("Decoding")
    {
        ["metadata that is no object is 400"] = async server =>
        {
            foreach (var metadata in new[] { "false", "5", "'x'", "[]", "['a']" })
            {
                (await server.PostAsync(Classes, $"{{'apiVersion':'vnetcni.dev/v1alpha1','kind':'NodeIpPoolClass','metadata':{metadata}}}")).IsRefused(400, "BadRequest");
                (await server.PostAsync(Nodes, $"{{'apiVersion':'v1','kind':'Node','metadata':{metadata}}}")).IsRefused(400, "BadRequest");
            }
        },
        ["a version or a kind that is no text is 400"] = async server =>
        {
            foreach (var value in new[] { "false", "5", "[]", "{'a':1}" })
            {
                foreach (var (collection, version, kind) in new[] { (Classes, "vnetcni.dev/v1alpha1", "NodeIpPoolClass"), (Nodes, "v1", "Node") })
                {
                    (await server.PostAsync(collection, $"{{'apiVersion':{value},'kind':'{kind}','metadata':{{'name':'x'}}}}")).IsRefused(400, "BadRequest");
                    (await server.PostAsync(collection, $"{{'apiVersion':'{version}','kind':{value},'metadata':{{'name':'x'}}}}")).IsRefused(400, "BadRequest");
                }
            }
        },
        ["a time in the metadata that is none is 400"] = async server =>
        {
            foreach (var collection in new[] { Classes, Nodes })
                (await server.PostAsync(collection, server.Body(collection, server.NewName(), "", "'creationTimestamp':'x'"))).IsRefused(400, "BadRequest");
        },
        ["a generation that is no whole number is 400"] = async server =>
        {
            foreach (var generation in new[] { "false", "'x'", "1.5", "[]", "{}" })
                (await server.PostAsync(Classes, server.Body(Classes, server.NewName(), "", $"'generation':{generation}"))).IsRefused(400, "BadRequest");
        },
        ["labels that are no texts are 400"] = async server =>
        {
            foreach (var labels in new[] { "5", "[]", "'x'", "{'a':1}", "{'a':true}" })
                (await server.PostAsync(Nodes, $"{{'apiVersion':'v1','kind':'Node','metadata':{{'name':'x','labels':{labels}}}}}")).IsRefused(400, "BadRequest");
        },
        ["an owner whose uid is no text is 400"] = async server =>
            (await server.PostAsync(Classes, server.Body(Classes, server.NewName(), "", "'ownerReferences':[{'apiVersion':'v1','kind':'Node','name':'x','uid':5}]"))).IsRefused(400, "BadRequest"),
        ["a pod's node that is no text is 400"] = async server =>
        {
            var pods = Pods(await server.NamespaceAsync());
            foreach (var node in new[] { "false", "5", "[]", "{}" })
                (await server.PostAsync(pods, server.Body(pods, server.NewName(), $"'spec':{{'nodeName':{node},'containers':[{{'name':'c','image':'i'}}]}}"))).IsRefused(400, "BadRequest", "Pod");
        },
        ["fields of nodes, leases and events are typed"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            foreach (var (collection, fields) in new[]
            {
                (Nodes, "'spec':{'unschedulable':'x'}"), (Nodes, "'spec':{'taints':'x'}"), (Nodes, "'status':{'conditions':{}}"), (Nodes, "'status':{'addresses':['x']}"),
                (Leases(ns), "'spec':{'leaseDurationSeconds':'x'}"), (Leases(ns), "'spec':{'leaseDurationSeconds':1.5}"), (Leases(ns), "'spec':{'renewTime':'x'}"), (Leases(ns), "'spec':5"),
                (Events(ns), "'count':'x'"), (Events(ns), "'involvedObject':'x'"), (Events(ns), "'lastTimestamp':'x'"),
            })
                (await server.PostAsync(collection, server.Body(collection, server.NewName(), fields))).IsRefused(400, "BadRequest");
        },
        ["fields of CRDs are typed, down to the schema's"] = async server =>
        {
            foreach (var (field, value) in new[]
            {
                ("group", "5"), ("scope", "false"), ("names", "[]"), ("versions", "{}"), ("conversion", "'None'"),
                ("versions", "[{'name':'v1','served':'x','storage':true}]"), ("versions", "[{'name':'v1','served':true,'storage':true,'schema':{'openAPIV3Schema':{'type':'object','properties':[]}}}]"),
                ("versions", "[{'name':'v1','served':true,'storage':true,'schema':{'openAPIV3Schema':{'type':'object','properties':{'spec':{'type':5}}}}}]"),
            })
            {
                var body = $"{{'apiVersion':'apiextensions.k8s.io/v1','kind':'CustomResourceDefinition','metadata':{{'name':'x.{server.Prefix}.example'}},'spec':{{'{field}':{value}}}}}";
                (await server.PostAsync(Crds, body)).IsRefused(400, "BadRequest");
            }
        },
        ["a null among objects is an object without fields"] = async server =>
        {
            var pods = Pods(await server.NamespaceAsync());
            (await server.PostAsync(pods, server.Body(pods, server.NewName(), "'spec':{'containers':[null]}"))).IsInvalid("spec.containers[0].name", "Required value");
        },
        ["empty lists and maps of a built-in kind are dropped"] = async server =>
            (await server.MakeAsync(Nodes, "'status':{'conditions':[],'addresses':[],'capacity':{}}", metadata: "'annotations':{},'finalizers':[]"))
                .Lacks("/status/conditions", "/status/addresses", "/status/capacity", "/status/allocatable", "/metadata/annotations", "/metadata/finalizers"),
        ["empty lists and maps of a custom resource are kept"] = async server =>
            (await server.MakeAsync(Classes, "'spec':{'nodeSelector':{'matchLabels':{}}}")).HasJson("/spec/nodeSelector", "{'matchLabels':{}}"),
        ["a new node has a status"] = async server =>
        {
            var node = await server.MakeAsync(Nodes);
            node.Holds(node.At("/status/nodeInfo") is not null, "status.nodeInfo");
            (await server.JsonPatchAsync($"{Nodes}/{node.Name}/status", "[{'op':'add','path':'/status/conditions','value':[{'type':'Ready','status':'True'}]}]"))
                .Is(200).Has("/status/conditions/0/type", "Ready");
        },
        ["a lease always has a spec"] = async server =>
        {
            var leases = Leases(await server.NamespaceAsync());
            var made = await server.MakeAsync(leases, "'spec':{'holderIdentity':'a'}");
            (await server.MergeAsync($"{leases}/{made.Name}", "{'spec':null}")).Is(200).HasJson("/spec", "{}");
        },
        ["a patch that leaves an object that cannot be read is 422"] = async server =>
        {
            var node = await server.MakeAsync(Nodes);
            foreach (var patch in new[] { "{'spec':{'taints':'x'}}", "{'spec':{'unschedulable':5}}", "{'kind':'Pod'}", "{'metadata':{'labels':{'a':5}}}", "{'metadata':{'creationTimestamp':'x'}}" })
                (await server.MergeAsync($"{Nodes}/{node.Name}", patch)).IsRefused(422, "Invalid");
            (await server.JsonPatchAsync($"{Nodes}/{node.Name}", "[{'op':'add','path':'/spec/taints','value':'x'}]")).IsRefused(422, "Invalid");
            (await server.StrategicAsync($"{Nodes}/{node.Name}", "{'spec':{'unschedulable':'x'}}")).IsRefused(422, "Invalid");
            (await server.GetAsync($"{Nodes}/{node.Name}")).Is(200).Has("/metadata/resourceVersion", node.Version);
        },
        ["an apply that cannot be read is refused and makes nothing"] = async server =>
        {
            var pods = Pods(await server.NamespaceAsync());
            var name = server.NewName();
            foreach (var fields in new[] { "'spec':{'containers':'x'}", "'spec':{'nodeName':false,'containers':[{'name':'c','image':'i'}]}", "'spec':5" })
                (await server.ApplyAsync($"{pods}/{name}", ContractServer.ApplyBody(pods, name, fields), "contract-a")).Is(400, 422, 500).Has("/kind", "Status");
            (await server.GetAsync($"{pods}/{name}")).Is(404);
        },
    };
}
