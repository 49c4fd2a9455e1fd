using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>metadata.generation of custom resources: what observedGeneration is compared with.</summary>
internal static class Generations
{
    public static readonly ContractCases Cases = new("Generation")
    {
        ["it starts at 1"] = async server => (await server.MakeAsync(Classes)).Has("/metadata/generation", 1),
        ["a change of the spec raises it by one"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'spec':{'priority':1}}")).Has("/metadata/generation", 2);
            (await server.ApplyAsync($"{Classes}/{made.Name}", ContractServer.ApplyBody(Classes, made.Name, "'spec':{'priority':2}"), "a", force: true)).Is(200)
                .Has("/metadata/generation", 3);
        },
        ["a change of labels or annotations does not"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'metadata':{'labels':{'x':'y'},'annotations':{'x':'y'},'finalizers':['vnetcni.dev/x']}}")).Is(200)
                .Has("/metadata/generation", 1);
        },
        ["a change of the status does not"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.MergeAsync($"{Classes}/{made.Name}/status", "{'status':{'nodes':1}}")).Is(200).Has("/metadata/generation", 1);
        },
        ["a write that changes nothing does not"] = async server =>
        {
            var made = await server.MakeAsync(Classes, "'spec':{'priority':1}");
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'spec':{'priority':1}}")).Is(200).Has("/metadata/generation", 1);
        },
        ["the mark of deletion raises it"] = async server =>
        {
            var made = await server.MakeAsync(Classes, metadata: "'finalizers':['vnetcni.dev/hold']");
            (await server.DeleteAsync($"{Classes}/{made.Name}")).Is(200).Has("/metadata/generation", 2);
        },
    };
}
