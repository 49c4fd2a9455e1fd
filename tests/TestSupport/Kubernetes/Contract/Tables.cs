using System.Text.Json.Nodes;
using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>Tables, which kubectl get prints: https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables.</summary>
internal static class Tables
{
    /// <summary>What kubectl accepts.</summary>
    public const string Accept =
        "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";

    public static readonly ContractCases Cases = new("Tables")
    {
        ["our columns, with their types and priorities"] = async server =>
        {
            var table = await TableAsync(server, $"{Pools}?{server.Mine}");
            Columns(table, "Name:0 Ready:0 Reason:0 Used:0 Free:0 Held:0 Max:0 Age:0 Target:1 Waiting:1 Subnet:1 NIC:1 Zone:1 Synced:1 Message:1");
            table.Has("/columnDefinitions/0/format", "name").Has("/columnDefinitions/3/type", "integer").Has("/columnDefinitions/7/type", "date")
                .Has("/columnDefinitions/1/description", "False only while pods wait, or on a fault.");
            Columns(await TableAsync(server, $"{Networks}?{server.Mine}"), "Name:0 Used:0 Limit:0 Free:0 Subnets:0 Ready:0 Age:0 Others:1 Reserved:1 Runway:1 Message:1");
        },
        ["cells come from the object by their paths"] = async server =>
        {
            var pool = await server.MakeAsync(Pools);
            (await server.MergeAsync(
                $"{Pools}/{pool.Name}/status",
                "{'status':{'held':50,'zone':'1','usage':{'inUse':42,'free':8,'desired':64},'networkInterfaces':[{'name':'nic0','subnet':{'name':'pods'}}],"
                + "'conditions':[{'type':'Stalled','status':'True','reason':'no'},{'type':'Ready','status':'True','reason':'InSync','message':'All is well'}]}}")).Is(200);
            var cells = (await TableAsync(server, $"{Pools}?{server.Mine}")).At("/rows/0/cells")!.AsArray();
            var shown = string.Join('|', cells.Select((cell, i) => i == 7 ? "age" : cell?.ToJsonString() ?? "null"));
            var wanted = $"\"{pool.Name}\"|\"True\"|\"InSync\"|42|8|50|250|age|64|null|\"pods\"|\"nic0\"|\"1\"|null|\"All is well\"";
            if (shown != wanted)
                throw new KubeContractException($"expected the cells {wanted}, got {shown}");
        },
        ["a date is shown as an age"] = async server =>
        {
            await server.MakeAsync(Classes);
            var table = await TableAsync(server, $"{Classes}?{server.Mine}");
            var age = table.Text("/rows/0/cells/6");
            table.Holds(age.EndsWith('s') && age.Length <= 3 && char.IsAsciiDigit(age[0]), "some seconds");
        },
        ["what is not there is null, not zero"] = async server =>
        {
            await server.MakeAsync(Pools);
            (await TableAsync(server, $"{Pools}?{server.Mine}")).Lacks("/rows/0/cells/1", "/rows/0/cells/3", "/rows/0/cells/10", "/rows/0/cells/14").Has("/rows/0/cells/6", 250);
        },
        ["a row has its object's metadata"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            var table = await TableAsync(server, $"{Classes}?{server.Mine}");
            table.Has("/rows/0/object/kind", "PartialObjectMetadata").Has("/rows/0/object/apiVersion", "meta.k8s.io/v1").Has("/rows/0/object/metadata/uid", made.Uid)
                .Has("/rows/0/object/metadata/labels/contract", server.Prefix).Lacks("/rows/0/object/spec");
        },
        ["includeObject chooses nothing or the whole object"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await TableAsync(server, $"{Classes}?{server.Mine}&includeObject=None")).Lacks("/rows/0/object").Has("/rows/0/cells/0", made.Name);
            (await TableAsync(server, $"{Classes}?{server.Mine}&includeObject=Metadata")).Has("/rows/0/object/kind", "PartialObjectMetadata");
            (await TableAsync(server, $"{Classes}?{server.Mine}&includeObject=Object")).Has("/rows/0/object/kind", "NodeIpPoolClass").Has("/rows/0/object/spec/pool/minFree", 8);
        },
        ["one object is a table of one row"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            var table = await TableAsync(server, $"{Classes}/{made.Name}");
            table.Holds(table.At("/rows")!.AsArray().Count == 1, "one row").Has("/rows/0/cells/0", made.Name).Has("/metadata/resourceVersion", made.Version);
        },
        ["an empty list has columns and no rows"] = async server =>
        {
            var table = await TableAsync(server, $"{Classes}?{server.Mine}");
            table.HasJson("/rows", "[]").Text("/metadata/resourceVersion");
            table.Holds(table.At("/columnDefinitions")!.AsArray().Count == 14, "14 columns");
        },
        ["what is not there is a Status, not a table"] = async server =>
            (await server.GetAsync($"{Classes}/{server.NewName()}", Accept)).IsRefused(404, "NotFound"),
        ["a watch sends tables of one row, the columns with the first"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            await using var watch = await server.WatchAsync($"{Classes}?watch=true&{server.Mine}&timeoutSeconds=30", Accept);
            var first = await watch.NextAsync("ADDED");
            first.Has("/object/kind", "Table").Has("/object/rows/0/cells/0", made.Name).Has("/object/columnDefinitions/0/name", "Name").Has("/object/rows/0/object/metadata/uid", made.Uid);
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'spec':{'priority':1}}")).Is(200);
            (await watch.NextAsync("MODIFIED")).Has("/object/kind", "Table").Has("/object/rows/0/cells/0", made.Name).Has("/object/rows/0/cells/7", 1);
        },
        ["nodes"] = async server =>
        {
            var node = await server.MakeAsync(Nodes, metadata: "'annotations':{'a':'b'}");
            const string Time = "'lastHeartbeatTime':'2026-01-01T00:00:00Z','lastTransitionTime':'2026-01-01T00:00:00Z'";
            (await server.StrategicAsync(
                $"{Nodes}/{node.Name}/status",
                $"{{'status':{{'addresses':[{{'type':'InternalIP','address':'10.0.0.4'}}],'nodeInfo':{{'kubeletVersion':'v1.30.1'}},'conditions':[{{'type':'Ready','status':'True',{Time}}}]}}}}")).Is(200);
            var table = await TableAsync(server, $"{Nodes}?{server.Mine}");
            Columns(table, "Name:0 Status:0 Roles:0 Age:0 Version:0 Internal-IP:1 External-IP:1 OS-Image:1 Kernel-Version:1 Container-Runtime:1");
            table.Has("/rows/0/cells/0", node.Name).Has("/rows/0/cells/1", "Ready").Has("/rows/0/cells/2", "<none>").Has("/rows/0/cells/4", "v1.30.1").Has("/rows/0/cells/5", "10.0.0.4")
                .Has("/rows/0/cells/6", "<none>");
        },
        ["nodes that are cordoned, not ready or silent"] = async server =>
        {
            var node = await server.MakeAsync(Nodes, "'spec':{'unschedulable':true}");
            (await TableAsync(server, $"{Nodes}/{node.Name}")).Has("/rows/0/cells/1", "Unknown,SchedulingDisabled");
            (await server.StrategicAsync(
                $"{Nodes}/{node.Name}/status",
                "{'status':{'conditions':[{'type':'Ready','status':'False','lastHeartbeatTime':'2026-01-01T00:00:00Z','lastTransitionTime':'2026-01-01T00:00:00Z'}]}}")).Is(200);
            (await TableAsync(server, $"{Nodes}/{node.Name}")).Has("/rows/0/cells/1", "NotReady,SchedulingDisabled");
        },
        ["pods"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            var node = server.NewName();
            var pod = await server.MakeAsync(Pods(ns), $"'spec':{{'nodeName':'{node}','containers':[{{'name':'c','image':'i'}},{{'name':'d','image':'i'}}]}}");
            var table = await TableAsync(server, $"{Pods(ns)}");
            Columns(table, "Name:0 Ready:0 Status:0 Restarts:0 Age:0 IP:1 Node:1 Nominated Node:1 Readiness Gates:1");
            table.Has("/rows/0/cells/0", pod.Name).Has("/rows/0/cells/1", "0/2").Has("/rows/0/cells/2", "Pending").Has("/rows/0/cells/5", "<none>").Has("/rows/0/cells/6", node);
            (await server.StrategicAsync(
                $"{Pods(ns)}/{pod.Name}/status", "{'status':{'phase':'Running','podIP':'10.0.0.9','podIPs':[{'ip':'10.0.0.9'}],'containerStatuses':[{'name':'c','image':'i','imageID':'','ready':true,'restartCount':2,'state':{'running':{}}}]}}")).Is(200);
            var running = await TableAsync(server, $"{Pods(ns)}");
            running.Has("/rows/0/cells/1", "1/2").Has("/rows/0/cells/2", "Running").Has("/rows/0/cells/5", "10.0.0.9");
            running.Holds(running.At("/rows/0/cells/3")!.ToString() == "2", "two restarts");
        },
        ["namespaces"] = async server =>
        {
            var table = await TableAsync(server, $"{Namespaces}/default");
            Columns(table, "Name:0 Status:0 Age:0");
            table.Has("/rows/0/cells/0", "default").Has("/rows/0/cells/1", "Active");
        },
        ["events"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            await server.MakeAsync(
                Events(ns),
                $"'involvedObject':{{'kind':'Pod','name':'web-1','namespace':'{ns}'}},'reason':'SubnetExhausted','message':'No address is left','type':'Warning','count':3,"
                + "'source':{'component':'vnetcni'},'firstTimestamp':'2026-01-01T00:00:00Z','lastTimestamp':'2026-01-01T00:00:00Z'");
            var table = await TableAsync(server, $"{Events(ns)}");
            Columns(table, "Last Seen:0 Type:0 Reason:0 Object:0 Subobject:1 Source:1 Message:0 First Seen:1 Count:1 Name:1");
            table.Has("/rows/0/cells/1", "Warning").Has("/rows/0/cells/2", "SubnetExhausted").Has("/rows/0/cells/3", "pod/web-1").Has("/rows/0/cells/5", "vnetcni").Has("/rows/0/cells/6", "No address is left");
            table.Holds(table.At("/rows/0/cells/8")!.ToString() == "3", "the count");
        },
        ["leases and CRDs"] = async server =>
        {
            var ns = await server.NamespaceAsync();
            await server.MakeAsync(Leases(ns), "'spec':{'holderIdentity':'me'}");
            var leases = await TableAsync(server, $"{Leases(ns)}");
            Columns(leases, "Name:0 Holder:0 Age:0");
            leases.Has("/rows/0/cells/1", "me");
            var crds = await TableAsync(server, $"{Crds}/nodeippools.vnetcni.dev");
            Columns(crds, "Name:0 Created At:0");
        },
    };

    private static async Task<ContractAnswer> TableAsync(ContractServer server, string path) =>
        (await server.GetAsync(path, Accept)).Is(200).Has("/kind", "Table").Has("/apiVersion", "meta.k8s.io/v1");

    private static void Columns(ContractAnswer table, string wanted)
    {
        var found = string.Join(' ', ((JsonArray)table.At("/columnDefinitions")!).Select(c => $"{c!["name"]}:{c["priority"]}"));
        table.Holds(found == wanted, $"the columns {wanted} (found: {found})");
    }
}
