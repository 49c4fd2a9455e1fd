using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>Objects that wait for somebody before they go.</summary>
internal static class FinalizerCases
{
    private const string Hold = "'finalizers':['vnetcni.dev/hold']";

    public static readonly ContractCases Cases = new("Finalizers")
    {
        ["a finalizer holds a deleted object"] = async server =>
        {
            var made = await server.MakeAsync(Classes, metadata: Hold);
            var answer = (await server.DeleteAsync($"{Classes}/{made.Name}")).Is(200).Has("/kind", "NodeIpPoolClass").Has("/metadata/name", made.Name);
            answer.Text("/metadata/deletionTimestamp");
            (await server.GetAsync($"{Classes}/{made.Name}")).Is(200).Has("/metadata/deletionTimestamp", answer.At("/metadata/deletionTimestamp")!)
                .Has("/metadata/deletionGracePeriodSeconds", 0);
        },
        ["the object goes with its last finalizer"] = async server =>
        {
            var made = await server.MakeAsync(Classes, metadata: "'finalizers':['vnetcni.dev/one','vnetcni.dev/two']");
            var path = $"{Classes}/{made.Name}";
            (await server.DeleteAsync(path)).Is(200);
            (await server.MergeAsync(path, "{'metadata':{'finalizers':['vnetcni.dev/two']}}")).Is(200).HasJson("/metadata/finalizers", "['vnetcni.dev/two']");
            (await server.MergeAsync(path, "{'metadata':{'finalizers':null}}")).Is(200);
            (await server.GetAsync(path)).Is(404);
        },
        ["removed by a replace, the object goes too"] = async server =>
        {
            var made = await server.MakeAsync(Classes, metadata: Hold);
            var path = $"{Classes}/{made.Name}";
            var held = (await server.DeleteAsync(path)).Is(200);
            (await server.PutAsync(path, held.Body.Replace("\"finalizers\":[\"vnetcni.dev/hold\"],", "", StringComparison.Ordinal))).Is(200);
            (await server.GetAsync(path)).Is(404);
        },
        ["without a deletion, removing them deletes nothing"] = async server =>
        {
            var made = await server.MakeAsync(Classes, metadata: Hold);
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'metadata':{'finalizers':[]}}")).Is(200);
            (await server.GetAsync($"{Classes}/{made.Name}")).Is(200).Lacks("/metadata/deletionTimestamp", "/metadata/finalizers");
        },
        ["a second deletion changes nothing"] = async server =>
        {
            var made = await server.MakeAsync(Classes, metadata: Hold);
            var first = (await server.DeleteAsync($"{Classes}/{made.Name}")).Is(200);
            (await server.DeleteAsync($"{Classes}/{made.Name}")).Is(200);
            (await server.GetAsync($"{Classes}/{made.Name}")).Has("/metadata/resourceVersion", first.Version);
        },
        ["no new ones while it is being deleted"] = async server =>
        {
            var made = await server.MakeAsync(Classes, metadata: Hold);
            (await server.DeleteAsync($"{Classes}/{made.Name}")).Is(200);
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'metadata':{'finalizers':['vnetcni.dev/hold','vnetcni.dev/late']}}"))
                .IsInvalid("metadata.finalizers", "no new finalizers can be added if the object is being deleted", "vnetcni.dev/late");
        },
        ["an object that is being deleted can still be changed"] = async server =>
        {
            var made = await server.MakeAsync(Classes, metadata: Hold);
            (await server.DeleteAsync($"{Classes}/{made.Name}")).Is(200);
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'spec':{'priority':4}}")).Is(200).Has("/spec/priority", 4).Text("/metadata/deletionTimestamp");
            (await server.MergeAsync($"{Classes}/{made.Name}/status", "{'status':{'nodes':4}}")).Is(200).Has("/status/nodes", 4);
        },
        ["a deletion cannot be taken back"] = async server =>
        {
            var made = await server.MakeAsync(Classes, metadata: Hold);
            (await server.DeleteAsync($"{Classes}/{made.Name}")).Is(200);
            await server.MergeAsync($"{Classes}/{made.Name}", "{'metadata':{'deletionTimestamp':null}}");
            (await server.GetAsync($"{Classes}/{made.Name}")).Is(200).Text("/metadata/deletionTimestamp");
        },
        ["its name is taken until it is gone"] = async server =>
        {
            var made = await server.MakeAsync(Classes, metadata: Hold);
            (await server.DeleteAsync($"{Classes}/{made.Name}")).Is(200);
            (await server.PostAsync(Classes, server.Body(Classes, made.Name, ""))).IsRefused(409, "AlreadyExists");
        },
        ["a finalizer without a domain is refused"] = async server =>
            (await server.PostAsync(Classes, server.Body(Classes, server.NewName(), "", "'finalizers':['not a name']")))
                .IsInvalid("metadata.finalizers", "name part must consist of alphanumeric characters"),
        ["a finalizer of a built-in kind is a known one or has a domain"] = async server =>
        {
            (await server.PostAsync(Nodes, server.Body(Nodes, server.NewName(), "", "'finalizers':['a']"))).IsInvalid("metadata.finalizers[0]", "nor is it fully qualified");
            var node = await server.MakeAsync(Nodes);
            (await server.MergeAsync($"{Nodes}/{node.Name}", "{'metadata':{'finalizers':['a.example/b']}}")).Is(200);
        },
        ["nodes have them too"] = async server =>
        {
            var made = await server.MakeAsync(Nodes, metadata: Hold);
            (await server.DeleteAsync($"{Nodes}/{made.Name}")).Is(200).Text("/metadata/deletionTimestamp");
            (await server.MergeAsync($"{Nodes}/{made.Name}", "{'metadata':{'finalizers':null}}")).Is(200);
            (await server.GetAsync($"{Nodes}/{made.Name}")).Is(404);
        },
    };
}
