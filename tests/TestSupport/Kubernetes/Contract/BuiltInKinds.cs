using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>Events, leases, nodes, pods and namespaces, as far as our code and kubectl use them.</summary>
internal static class BuiltInKinds
{
    public static readonly ContractCases Events = new("Events")
    {
        ["one is kept as it was made"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var made = await EventAsync(server, ns, "Pod", "x", "Normal", "Assigned");
            (await server.GetAsync($"{ContractPaths.Events(ns)}/{made.Name}")).Is(200).Has("/reason", "Assigned").Has("/message", "told").Has("/count", 1).Has("/type", "Normal")
                .Has("/source/component", "vnetcni").Has("/involvedObject/name", "x").Has("/lastTimestamp", "2026-01-01T00:00:00Z").Has("/reportingComponent", "");
        },
        ["they are selected by their object, as kubectl describe does"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var made = await EventAsync(server, ns, "Pod", "x", "Normal", "Assigned");
            await EventAsync(server, ns, "Pod", "y", "Normal", "Assigned");
            await EventAsync(server, ns, "Lease", "x", "Normal", "Assigned");
            var selector = $"involvedObject.name=x,involvedObject.namespace={ns},involvedObject.kind=Pod,involvedObject.uid=uid-x";
            (await server.GetAsync($"{ContractPaths.Events(ns)}?fieldSelector={Uri.EscapeDataString(selector)}")).Is(200).HasNames(made.Name);
        },
        ["they are selected by type and reason"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var warning = await EventAsync(server, ns, "Pod", "x", "Warning", "NoAddress");
            await EventAsync(server, ns, "Pod", "x", "Normal", "Assigned");
            (await server.GetAsync($"{ContractPaths.Events(ns)}?fieldSelector=type%3DWarning")).Is(200).HasNames(warning.Name);
            (await server.GetAsync($"{ContractPaths.Events(ns)}?fieldSelector=type%21%3DNormal%2Creason%3DNoAddress")).Is(200).HasNames(warning.Name);
        },
        ["one of a cluster-wide object lives in default"] = async server =>
        {
            var name = server.NewName();
            var made = await server.MakeAsync(
                ContractPaths.Events("default"), $"'involvedObject':{{'apiVersion':'vnetcni.dev/v1alpha1','kind':'NodeIpPool','name':'{name}','uid':'u'}},'reason':'Grown','message':'m','type':'Normal'");
            var selector = $"involvedObject.kind=NodeIpPool,involvedObject.name={name},involvedObject.namespace=,involvedObject.apiVersion=vnetcni.dev/v1alpha1";
            (await server.GetAsync($"/api/v1/events?fieldSelector={Uri.EscapeDataString(selector)}")).Is(200).HasNames(made.Name);
        },
        ["its namespace must be its object's"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            (await server.PostAsync(ContractPaths.Events(ns), server.Body(ContractPaths.Events(ns), server.NewName(), "'involvedObject':{'kind':'Pod','name':'x','namespace':'elsewhere'}")))
                .IsInvalid("involvedObject.namespace", "does not match event.namespace");
            (await server.PostAsync(ContractPaths.Events(ns), server.Body(ContractPaths.Events(ns), server.NewName(), "'involvedObject':{'kind':'Node','name':'x'}")))
                .IsInvalid("involvedObject.namespace", "does not match event.namespace");
        },
        ["a watch by object shows a new one"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            await using var watch = await server.WatchAsync($"{ContractPaths.Events(ns)}?watch=true&fieldSelector=involvedObject.name%3Dx&timeoutSeconds=30");
            await EventAsync(server, ns, "Pod", "y", "Normal", "Assigned");
            var made = await EventAsync(server, ns, "Pod", "x", "Normal", "Assigned");
            await watch.NextAsync("ADDED", made.Name);
        },
    };

    public static readonly ContractCases Leases = new("Leases")
    {
        ["one is kept to the microsecond"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var made = await server.MakeAsync(
                ContractPaths.Leases(ns), "'spec':{'holderIdentity':'a','leaseDurationSeconds':15,'acquireTime':'2026-01-01T00:00:00.123456Z','renewTime':'2026-01-01T00:00:01.000000Z','leaseTransitions':0}");
            (await server.GetAsync($"{ContractPaths.Leases(ns)}/{made.Name}")).Is(200)
                .HasJson("/spec", "{'holderIdentity':'a','leaseDurationSeconds':15,'acquireTime':'2026-01-01T00:00:00.123456Z','renewTime':'2026-01-01T00:00:01.000000Z','leaseTransitions':0}");
        },
        ["of two that take it one wins"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var made = await server.MakeAsync(ContractPaths.Leases(ns), "'spec':{'holderIdentity':'','leaseDurationSeconds':15}");
            string Take(string who) => made.Body.Replace("\"holderIdentity\":\"\"", $"\"holderIdentity\":\"{who}\"", StringComparison.Ordinal);
            (await server.PutAsync($"{ContractPaths.Leases(ns)}/{made.Name}", Take("a"))).Is(200).Has("/spec/holderIdentity", "a");
            (await server.PutAsync($"{ContractPaths.Leases(ns)}/{made.Name}", Take("b"))).IsRefused(409, "Conflict", $"leases.coordination.k8s.io \"{made.Name}\"", "the object has been modified");
        },
        ["of two that make it one wins"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var name = server.NewName();
            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.PostAsync(ContractPaths.Leases(ns), server.Body(ContractPaths.Leases(ns), name, ""))));
            answers[0].Holds(answers.Count(a => a.Code == 201) == 1 && answers.Count(a => a.Code == 409) == 3, "one 201 and three 409");
            answers.First(a => a.Code == 409).IsRefused(409, "AlreadyExists");
        },
        ["a duration of nothing is refused"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            (await server.PostAsync(ContractPaths.Leases(ns), server.Body(ContractPaths.Leases(ns), server.NewName(), "'spec':{'leaseDurationSeconds':0}")))
                .IsInvalid("spec.leaseDurationSeconds", "must be greater than 0");
        },
        ["a write without a version is refused"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var made = await server.MakeAsync(ContractPaths.Leases(ns));
            (await server.PutAsync($"{ContractPaths.Leases(ns)}/{made.Name}", server.Body(ContractPaths.Leases(ns), made.Name, "")))
                .IsInvalid("metadata.resourceVersion", "must be specified for an update");
        },
        ["kube-system is there for them"] = async server =>
        {
            (await server.GetAsync($"{Namespaces}/kube-system")).Is(200);
            (await server.GetAsync(ContractPaths.Leases("kube-system"))).Is(200).Has("/kind", "LeaseList");
        },
    };

    public static readonly ContractCases Nodes = new("Nodes")
    {
        ["one is made without a kubelet"] = async server =>
            (await server.MakeAsync(ContractPaths.Nodes, "'spec':{'providerID':'azure:///subscriptions/x'}")).Has("/spec/providerID", "azure:///subscriptions/x").Has("/kind", "Node"),
        ["its status may be given with it"] = async server =>
            (await server.MakeAsync(ContractPaths.Nodes, "'status':{'addresses':[{'type':'InternalIP','address':'10.0.0.4'}],'nodeInfo':{'bootID':'b'}}"))
                .HasJson("/status/addresses", "[{'type':'InternalIP','address':'10.0.0.4'}]").Has("/status/nodeInfo/bootID", "b"),
        ["its providerID is set once"] = async server =>
        {
            var made = await server.MakeAsync(ContractPaths.Nodes);
            (await server.MergeAsync($"{ContractPaths.Nodes}/{made.Name}", "{'spec':{'providerID':'azure://a'}}")).Is(200).Has("/spec/providerID", "azure://a");
            (await server.MergeAsync($"{ContractPaths.Nodes}/{made.Name}", "{'spec':{'providerID':'azure://b'}}"))
                .IsInvalid("spec.providerID", "node updates may not change providerID except from \"\" to valid");
        },
        ["cordon and taints, as kubectl writes them"] = async server =>
        {
            var made = await server.MakeAsync(ContractPaths.Nodes);
            (await server.StrategicAsync($"{ContractPaths.Nodes}/{made.Name}", "{'spec':{'unschedulable':true}}")).Is(200).Has("/spec/unschedulable", true);
            (await server.StrategicAsync($"{ContractPaths.Nodes}/{made.Name}", "{'spec':{'unschedulable':null}}")).Is(200).Lacks("/spec/unschedulable");
            (await server.StrategicAsync($"{ContractPaths.Nodes}/{made.Name}", "{'spec':{'taints':[{'key':'a','value':'b','effect':'NoSchedule'}]}}")).Is(200)
                .HasJson("/spec/taints", "[{'key':'a','value':'b','effect':'NoSchedule'}]");
        },
        ["a deletion is at once"] = async server =>
        {
            var made = await server.MakeAsync(ContractPaths.Nodes);
            (await server.DeleteAsync($"{ContractPaths.Nodes}/{made.Name}")).Is(200).Has("/kind", "Status").Has("/details/kind", "nodes").Has("/details/uid", made.Uid);
            (await server.GetAsync($"{ContractPaths.Nodes}/{made.Name}")).Is(404);
        },
    };

    public static readonly ContractCases Pods = new("Pods")
    {
        ["a new one is Pending, with the defaults that people see"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            (await server.MakeAsync(ContractPaths.Pods(ns))).Has("/status/phase", "Pending").Has("/spec/restartPolicy", "Always").Has("/spec/terminationGracePeriodSeconds", 30)
                .Has("/spec/dnsPolicy", "ClusterFirst").Has("/status/qosClass", "BestEffort").Has("/metadata/namespace", ns).Lacks("/spec/nodeName");
        },
        ["a new one has no status of its own making"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            (await server.MakeAsync(ContractPaths.Pods(ns), "'spec':{'containers':[{'name':'c','image':'registry.invalid/none'}]},'status':{'phase':'Running','podIP':'10.0.0.1'}"))
                .Has("/status/phase", "Pending").Lacks("/status/podIP");
        },
        ["one without containers is refused"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            (await server.PostAsync(ContractPaths.Pods(ns), server.Body(ContractPaths.Pods(ns), server.NewName(), "'spec':{}"))).IsInvalid("spec.containers", "Required value");
        },
        ["an unbound one is deleted at once"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var made = await server.MakeAsync(ContractPaths.Pods(ns), metadata: "'annotations':{'a':'b'}");
            (await server.DeleteAsync($"{ContractPaths.Pods(ns)}/{made.Name}")).Is(200);
            (await server.GetAsync($"{ContractPaths.Pods(ns)}/{made.Name}")).Is(404);
        },
        ["a bound one is deleted gracefully"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var made = await server.MakeAsync(ContractPaths.Pods(ns), Bound(server.NewName()));
            var path = $"{ContractPaths.Pods(ns)}/{made.Name}";
            var marked = (await server.DeleteAsync(path)).Is(200).Has("/kind", "Pod").Has("/metadata/deletionGracePeriodSeconds", 30);
            var span = DateTimeOffset.Parse(marked.Text("/metadata/deletionTimestamp"), null) - DateTimeOffset.Parse(made.Text("/metadata/creationTimestamp"), null);
            marked.Holds(span.TotalSeconds is >= 29 and <= 60, "the time of deletion is 30 s ahead");
            (await server.GetAsync(path)).Is(200).Has("/metadata/deletionTimestamp", marked.At("/metadata/deletionTimestamp")!);
            (await server.DeleteAsync(path, "{'gracePeriodSeconds':0}")).Is(200);
            (await server.GetAsync(path)).Is(404);
        },
        ["the time to end may be chosen, and shortened"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var path = $"{ContractPaths.Pods(ns)}/{(await server.MakeAsync(ContractPaths.Pods(ns), Bound(server.NewName()))).Name}";
            (await server.DeleteAsync(path, "{'gracePeriodSeconds':20}")).Is(200).Has("/metadata/deletionGracePeriodSeconds", 20);
            (await server.DeleteAsync(path, "{'gracePeriodSeconds':10}")).Is(200).Has("/metadata/deletionGracePeriodSeconds", 10);
            (await server.DeleteAsync(path, "{'gracePeriodSeconds':25}")).Is(200).Has("/metadata/deletionGracePeriodSeconds", 10);
        },
        ["one that has ended is deleted at once"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var path = $"{ContractPaths.Pods(ns)}/{(await server.MakeAsync(ContractPaths.Pods(ns), Bound(server.NewName()))).Name}";
            (await server.MergeAsync($"{path}/status", "{'status':{'phase':'Succeeded'}}")).Is(200);
            (await server.DeleteAsync(path)).Is(200);
            (await server.GetAsync(path)).Is(404);
        },
        ["its status has a path of its own"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var made = await server.MakeAsync(ContractPaths.Pods(ns), Bound(server.NewName()));
            var path = $"{ContractPaths.Pods(ns)}/{made.Name}";
            (await server.StrategicAsync($"{path}/status", "{'status':{'phase':'Running','podIP':'10.0.0.7','podIPs':[{'ip':'10.0.0.7'}]},'spec':{'priority':7}}")).Is(200)
                .Has("/status/phase", "Running").Has("/status/podIP", "10.0.0.7");
            (await server.MergeAsync(path, "{'status':{'phase':'Failed'}}")).Is(200).Has("/status/phase", "Running");
        },
        ["it stays on its node"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var made = await server.MakeAsync(ContractPaths.Pods(ns), Bound(server.NewName()));
            (await server.MergeAsync($"{ContractPaths.Pods(ns)}/{made.Name}", "{'spec':{'nodeName':'elsewhere'}}")).IsInvalid("spec", "pod updates may not change fields other than");
        },
        ["labels and annotations may change"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var made = await server.MakeAsync(ContractPaths.Pods(ns));
            (await server.StrategicAsync($"{ContractPaths.Pods(ns)}/{made.Name}", "{'metadata':{'labels':{'x':'y'},'annotations':{'x':'y'}}}")).Is(200)
                .Has("/metadata/labels/x", "y").Has("/metadata/annotations/x", "y");
        },
    };

    public static readonly ContractCases NamespaceCases = new("Namespaces")
    {
        ["default and kube-system are there"] = async server =>
        {
            (await server.GetAsync($"{Namespaces}/default")).Is(200).Has("/status/phase", "Active");
            (await server.GetAsync($"{Namespaces}/kube-system")).Is(200).Has("/status/phase", "Active");
        },
        ["a new one is Active and held by the finalizer kubernetes"] = async server =>
            (await server.MakeAsync(Namespaces)).Has("/status/phase", "Active").HasJson("/spec/finalizers", "['kubernetes']"),
        ["a name is one DNS label"] = async server =>
            (await server.PostAsync(Namespaces, server.Body(Namespaces, $"{server.Prefix}.dots", ""))).IsInvalid("metadata.name", "must consist of lower case alphanumeric characters or '-'"),
        ["a deleted one is terminating"] = async server =>
        {
            var made = await server.MakeAsync(Namespaces);
            (await server.DeleteAsync($"{Namespaces}/{made.Name}")).Is(200, 202);
            var after = await server.GetAsync($"{Namespaces}/{made.Name}");
            if (after.Is(200, 404).Code == 200)
                after.Has("/status/phase", "Terminating").Text("/metadata/deletionTimestamp");
        },
    };

    private static string Bound(string node) => $"'spec':{{'nodeName':'{node}','containers':[{{'name':'c','image':'registry.invalid/none'}}]}}";

    private static Task<ContractAnswer> EventAsync(ContractServer server, string ns, string kind, string name, string type, string reason) => server.MakeAsync(
        ContractPaths.Events(ns),
        $"'involvedObject':{{'kind':'{kind}','name':'{name}','namespace':'{ns}','uid':'uid-{name}'}},'reason':'{reason}','message':'told','type':'{type}','count':1,"
        + "'source':{'component':'vnetcni'},'firstTimestamp':'2026-01-01T00:00:00Z','lastTimestamp':'2026-01-01T00:00:00Z'");
}
