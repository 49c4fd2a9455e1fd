using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>What the schemas of crds/ make of a body: refusals, defaults, pruning.</summary>
internal static class Schemas
{
    public static readonly ContractCases Validation = new("Schema")
    {
        ["a number above its maximum, and one below its minimum"] = async server =>
        {
            (await RefusedAsync(server, "'pool':{'minFree':251}")).IsInvalid("spec.pool.minFree", "Invalid value: 251", "should be less than or equal to 250");
            (await RefusedAsync(server, "'pool':{'batchSize':0}")).IsInvalid("spec.pool.batchSize", "Invalid value: 0", "should be greater than or equal to 1");
        },
        ["a value of another type"] = async server =>
        {
            (await RefusedAsync(server, "'priority':'high'")).IsInvalid("spec.priority", "must be of type integer: \"string\"");
            (await RefusedAsync(server, "'dryRun':'yes'")).IsInvalid("spec.dryRun", "must be of type boolean: \"string\"");
            (await RefusedAsync(server, "'snat':{'excludedCidrs':'10.0.0.0/8'}")).IsInvalid("spec.snat.excludedCidrs", "must be of type array: \"string\"");
            (await RefusedAsync(server, "'pool':[]")).IsInvalid("spec.pool", "must be of type object: \"array\"");
        },
        ["a fraction where a whole number is wanted"] = async server =>
            (await RefusedAsync(server, "'dataplane':{'mtu':1500.5}")).IsInvalid("spec.dataplane.mtu", "must be of type integer"),
        ["a value outside an enumeration"] = async server =>
            (await RefusedAsync(server, "'metadataAccess':'Maybe'")).IsInvalid("spec.metadataAccess", "Unsupported value: \"Maybe\": supported values: ", "\"Deny\"", "\"Allow\"")
                .Has("/details/causes/0/reason", "FieldValueNotSupported"),
        ["a text that does not match its pattern"] = async server =>
            (await RefusedAsync(server, "'pool':{'reuseCooldown':'soon'}")).IsInvalid("spec.pool.reuseCooldown", "should match"),
        ["a text that is too long or too short"] = async server =>
        {
            (await RefusedAsync(server, $"'networkInterface':{{'selector':'Named','name':'{new string('n', 81)}'}}")).Is(422)
                .Has("/details/causes/0/field", "spec.networkInterface.name");
            (await RefusedAsync(server, "'pool':{'releaseDelay':''}")).IsInvalid("spec.pool.releaseDelay", "should be at least 2 chars long");
        },
        ["a list that is too long"] = async server =>
        {
            var refused = await RefusedAsync(server, $"'snat':{{'excludedCidrs':[{string.Join(',', Enumerable.Range(0, 65).Select(i => $"'10.{i}.0.0/16'"))}]}}");
            refused.IsInvalid("spec.snat.excludedCidrs", "have at most 64 items");
        },
        ["an element of a list is named by its path"] = async server =>
        {
            var refused = await RefusedAsync(server, "'nodeSelector':{'matchExpressions':[{'key':'a','operator':'Exists'},{'key':'b','operator':'Perhaps'}]}");
            refused.IsRefused(422, "Invalid", "Unsupported value: \"Perhaps\"");
            IsPath(refused, "spec.nodeSelector.matchExpressions[1].operator");
        },
        ["a required field that is missing"] = async server =>
        {
            (await server.PostAsync(Networks, server.Body(Networks, server.NewName(), "'spec':{}"))).IsInvalid("spec.resourceId", "spec.resourceId: Required value")
                .Has("/details/causes/0/reason", "FieldValueRequired").Has("/details/kind", "VirtualNetwork").Has("/details/group", "vnetcni.dev");
            (await server.PostAsync(Networks, server.Body(Networks, server.NewName(), "'other':{}"))).IsInvalid("spec", "spec: Required value");
        },
        ["every fault is told at once"] = async server =>
        {
            var refused = await RefusedAsync(server, "'priority':'high','metadataAccess':'Maybe','pool':{'minFree':251}");
            refused.IsInvalid("spec.priority").IsInvalid("spec.metadataAccess").IsInvalid("spec.pool.minFree");
            refused.Holds(refused.Text("/message").StartsWith("NodeIpPoolClass.vnetcni.dev \"", StringComparison.Ordinal), "the message starts with the kind and the name");
        },
        ["a status is checked by format too"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            var refused = await server.MergeAsync(
                $"{Classes}/{made.Name}/status", "{'status':{'conditions':[{'type':'Ready','status':'True','lastTransitionTime':'yesterday'}]}}");
            refused.IsRefused(422, "Invalid", "must be of type date-time");
            IsPath(refused, "status.conditions[0].lastTransitionTime");
        },
        ["a map's values are checked"] = async server =>
            (await RefusedAsync(server, $"'nodeSelector':{{'matchLabels':{{'a':'{new string('v', 64)}'}}}}")).Is(422).Has("/details/causes/0/field", "spec.nodeSelector.matchLabels.a"),
        ["a replace and a patch are checked as a creation is"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.PutAsync($"{Classes}/{made.Name}", server.Body(Classes, made.Name, "'spec':{'priority':'high'}", $"'resourceVersion':'{made.Version}'"))).IsInvalid("spec.priority");
            (await server.JsonPatchAsync($"{Classes}/{made.Name}", "[{'op':'add','path':'/spec/priority','value':'high'}]")).IsInvalid("spec.priority");
            (await server.GetAsync($"{Classes}/{made.Name}")).Has("", made.Json);
        },
    };

    public static readonly ContractCases Defaulting = new("Defaults")
    {
        ["missing fields get them, at every depth"] = async server =>
            (await server.MakeAsync(Classes, "'spec':{'pool':{'minFree':3}}"))
                .HasJson("/spec/pool", "{'minFree':3,'maxFree':24,'batchSize':16,'maxAddresses':250,'reuseCooldown':'30s','releaseDelay':'3m','warmUp':0}")
                .HasJson("/spec/dataplane", "{'mode':'Transparent','mtu':0,'addTimeout':'1m'}").Has("/spec/metadataAccess", "Deny").HasJson("/spec/snat", "{'mode':'Auto'}"),
        ["given values stay, also false, 0 and empty lists"] = async server =>
            (await server.MakeAsync(Classes, "'spec':{'dryRun':false,'pool':{'minFree':0},'snat':{'excludedCidrs':[]}}"))
                .Has("/spec/dryRun", false).Has("/spec/pool/minFree", 0).HasJson("/spec/snat/excludedCidrs", "[]"),
        ["null takes the default"] = async server =>
            (await server.MakeAsync(Classes, "'spec':{'priority':null,'pool':null,'snat':{'mode':null}}"))
                .Has("/spec/priority", 0).Has("/spec/pool/minFree", 8).Has("/spec/snat/mode", "Auto"),
        ["null without a default is dropped"] = async server =>
            (await server.MakeAsync(Classes, "'spec':{'nodeSelector':null,'networkInterface':{'name':null}}")).Lacks("/spec/nodeSelector").HasJson("/spec/networkInterface", "{'selector':'Primary'}"),
        ["fields without a default stay away"] = async server =>
            (await server.MakeAsync(Pools)).Lacks("/spec/className", "/spec/networkInterface/name", "/spec/snat/excludedCidrs"),
        ["a replace gets them as a creation does"] = async server =>
        {
            var made = await server.MakeAsync(Networks, $"'spec':{{'resourceId':'{ContractServer.NetworkId("x")}','podAddressLimit':5}}");
            (await server.PutAsync(
                $"{Networks}/{made.Name}", server.Body(Networks, made.Name, $"'spec':{{'resourceId':'{ContractServer.NetworkId("x")}'}}", $"'resourceVersion':'{made.Version}'"))).Is(200)
                .Has("/spec/podAddressLimit", 16000).Has("/spec/reservedForOthers", 0);
        },
    };

    public static readonly ContractCases Pruning = new("Pruning")
    {
        ["unknown fields of the spec are dropped, at every depth"] = async server =>
            (await server.MakeAsync(Classes, "'spec':{'nope':1,'pool':{'nope':{'deeper':1},'minFree':3},'nodeSelector':{'matchExpressions':[{'key':'a','operator':'Exists','nope':1}]}}"))
                .Lacks("/spec/nope", "/spec/pool/nope").Has("/spec/pool/minFree", 3).HasJson("/spec/nodeSelector/matchExpressions", "[{'key':'a','operator':'Exists'}]"),
        ["unknown fields beside the spec are dropped"] = async server =>
            (await server.MakeAsync(Classes, "'spec':{},'nope':{'a':1}")).Lacks("/nope"),
        ["unknown fields of metadata are dropped"] = async server =>
            (await server.MakeAsync(Classes, metadata: "'nope':'a'")).Lacks("/metadata/nope"),
        ["unknown fields of a status are dropped"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.MergeAsync($"{Classes}/{made.Name}/status", "{'status':{'nodes':1,'nope':2}}")).Is(200).HasJson("/status", "{'nodes':1}");
        },
        ["a patch of unknown fields alone changes nothing"] = async server =>
        {
            var made = await server.MakeAsync(Classes);
            (await server.MergeAsync($"{Classes}/{made.Name}", "{'spec':{'nope':1}}")).Is(200).Has("/metadata/resourceVersion", made.Version).Has("/metadata/generation", 1);
        },
        ["free maps keep their keys"] = async server =>
            (await server.MakeAsync(Classes, "'spec':{'nodeSelector':{'matchLabels':{'any.example/key':'v'}}}")).HasJson("/spec/nodeSelector/matchLabels", "{'any.example/key':'v'}"),
        ["built-in kinds drop them too"] = async server =>
            (await server.MakeAsync(Nodes, "'spec':{'nope':1,'podCIDR':'10.9.0.0/24'}")).Lacks("/spec/nope").Has("/spec/podCIDR", "10.9.0.0/24"),
    };

    // Older servers leave the indices out.
    private static void IsPath(ContractAnswer refused, string path)
    {
        var field = (string?)refused.At("/details/causes/0/field");
        refused.Holds(field == path || field == System.Text.RegularExpressions.Regex.Replace(path, "\\[[0-9]\\]", ""), $"a cause with the field {path}");
    }

    private static Task<ContractAnswer> RefusedAsync(ContractServer server, string spec) =>
        server.PostAsync(Classes, server.Body(Classes, server.NewName(), $"'spec':{{{spec}}}"));
}
