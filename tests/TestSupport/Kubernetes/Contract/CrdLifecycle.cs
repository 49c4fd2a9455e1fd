using System.Text.Json.Nodes;
using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>CustomResourceDefinitions come and go.</summary>
internal static class CrdLifecycle
{
    public static readonly ContractCases Cases = new("CRDs")
    {
        ["a new one is established and its objects are served"] = async server =>
        {
            var (group, path) = await ThingsAsync(server);
            var crd = (await server.GetAsync($"{Crds}/things.{group}")).Is(200);
            crd.Holds(Condition(crd, "NamesAccepted") == "True", "NamesAccepted").Has("/status/acceptedNames/kind", "Thing").HasJson("/status/storedVersions", "['v1']");
            (await server.PostAsync(path, Thing(group, "one", "'spec':{'size':1}"))).Is(201).Has("/spec/colour", "red").Has("/metadata/generation", 1);
            (await server.GetAsync(path)).Is(200).Has("/kind", "ThingList").HasNames("one");
        },
        ["its names get their defaults"] = async server =>
        {
            var (group, _) = await ThingsAsync(server);
            (await server.GetAsync($"{Crds}/things.{group}")).Is(200).Has("/spec/names/singular", "thing").Has("/spec/names/listKind", "ThingList");
        },
        ["discovery lists it"] = async server =>
        {
            var (group, _) = await ThingsAsync(server);
            await server.EventuallyAsync(() => server.GetAsync("/apis"), a => a.Is(200).At("/groups")!.AsArray().Any(g => (string?)g!["name"] == group), "the group is in /apis");
            await server.EventuallyAsync(
                () => server.GetAsync($"/apis/{group}/v1"), a => a.Code == 200 && a.At("/resources")!.AsArray().Any(r => (string?)r!["name"] == "things"), "the resource is listed");
        },
        ["without a status subresource the status is a field like any other"] = async server =>
        {
            var (group, path) = await ThingsAsync(server);
            (await server.PostAsync(path, Thing(group, "one", "'spec':{},'status':{'ready':true}"))).Is(201).Has("/status/ready", true);
            (await server.MergeAsync($"{path}/one", "{'status':{'ready':false}}")).Is(200).Has("/status/ready", false).Has("/metadata/generation", 2);
            (await server.MergeAsync($"{path}/one/status", "{'status':{'ready':true}}")).Is(404);
        },
        ["without columns the table shows name and age"] = async server =>
        {
            var (group, path) = await ThingsAsync(server);
            (await server.PostAsync(path, Thing(group, "one", "'spec':{}"))).Is(201);
            var table = (await server.GetAsync(path, Tables.Accept)).Is(200).Has("/kind", "Table").Has("/columnDefinitions/0/name", "Name").Has("/columnDefinitions/1/name", "Age");
            table.Holds(table.At("/columnDefinitions")!.AsArray().Count == 2, "two columns").Has("/rows/0/cells/0", "one");
        },
        ["a changed schema is enforced"] = async server =>
        {
            var (group, path) = await ThingsAsync(server);
            (await server.PostAsync(path, Thing(group, "one", "'spec':{'size':100}"))).Is(201);
            (await server.JsonPatchAsync(
                $"{Crds}/things.{group}", "[{'op':'add','path':'/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/maximum','value':5}]")).Is(200);
            await server.EventuallyAsync(() => server.SendAsync(HttpMethod.Post, $"{path}?dryRun=All", Thing(group, "two", "'spec':{'size':6}")), a => a.Code == 422, "the new maximum is enforced");
            (await server.GetAsync($"{path}/one")).Is(200).Has("/spec/size", 100);
        },
        ["a deletion takes its objects along"] = async server =>
        {
            var (group, path) = await ThingsAsync(server);
            (await server.PostAsync(path, Thing(group, "one", "'spec':{}"))).Is(201);
            (await server.DeleteAsync($"{Crds}/things.{group}")).Is(200);
            await server.EventuallyAsync(() => server.GetAsync($"{Crds}/things.{group}"), a => a.Code == 404, "the CRD is gone");
            await server.EventuallyAsync(() => server.GetAsync($"{path}/one"), a => a.Code == 404, "its path is gone");
            await server.EventuallyAsync(() => server.GetAsync("/apis"), a => a.Is(200).At("/groups")!.AsArray().All(g => (string?)g!["name"] != group), "its group is gone from /apis");
        },
        ["made anew it has none of the old objects"] = async server =>
        {
            var (group, path) = await ThingsAsync(server);
            (await server.PostAsync(path, Thing(group, "one", "'spec':{}"))).Is(201);
            (await server.DeleteAsync($"{Crds}/things.{group}")).Is(200);
            await server.EventuallyAsync(() => server.GetAsync($"{Crds}/things.{group}"), a => a.Code == 404, "the CRD is gone");
            await MakeAsync(server, group);
            (await server.GetAsync(path)).Is(200).HasNames();
        },
        ["one without a schema is refused"] = async server =>
        {
            var crd = JsonNode.Parse(Crd($"{server.Prefix}.contract.example"))!;
            crd["spec"]!["versions"]![0]!.AsObject().Remove("schema");
            (await server.PostAsync(Crds, crd.ToJsonString())).IsInvalid("spec.versions[0].schema.openAPIV3Schema", "schemas are required");
        },
        ["one with a field without a type is refused"] = async server =>
        {
            var crd = JsonNode.Parse(Crd($"{server.Prefix}.contract.example"))!;
            crd["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!["properties"]!["bad"] = new JsonObject();
            (await server.PostAsync(Crds, crd.ToJsonString())).IsRefused(422, "Invalid", "openAPIV3Schema.properties[spec].properties[bad].type: Required value");
        },
        ["a schema that is not structural is refused"] = async server =>
        {
            foreach (var (field, schema, wanted) in new[]
            {
                ("list", "{'type':'array'}", "items: Required value"),
                ("map", "{'type':'array','items':{'type':'string'},'x-kubernetes-list-type':'map'}", "x-kubernetes-list-map-keys: Required value"),
                ("both", "{'type':'object','properties':{'a':{'type':'string'}},'additionalProperties':{'type':'string'}}", "additionalProperties and properties are mutual exclusive"),
                ("unique", "{'type':'array','items':{'type':'string'},'uniqueItems':true}", "uniqueItems cannot be set to true"),
                ("any", "{'type':'string','anyOf':[{'type':'string'}]}", "anyOf[0].type: Forbidden"),
            })
            {
                var crd = JsonNode.Parse(Crd($"{server.Prefix}.contract.example"))!;
                crd["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!["properties"]![field] = JsonNode.Parse(schema.Replace('\'', '"'));
                (await server.PostAsync(Crds, crd.ToJsonString())).IsRefused(422, "Invalid", wanted);
            }
        },
        ["its name is its plural and its group"] = async server =>
        {
            var crd = JsonNode.Parse(Crd($"{server.Prefix}.contract.example"))!;
            crd["metadata"]!["name"] = $"others.{server.Prefix}.contract.example";
            (await server.PostAsync(Crds, crd.ToJsonString())).IsInvalid("metadata.name", "must be spec.names.plural+\".\"+spec.group");
        },
        ["one that stores no version is refused"] = async server =>
        {
            var crd = JsonNode.Parse(Crd($"{server.Prefix}.contract.example"))!;
            crd["spec"]!["versions"]![0]!["storage"] = false;
            (await server.PostAsync(Crds, crd.ToJsonString())).IsInvalid("spec.versions", "must have exactly one version marked as storage version");
        },
    };

    private static async Task<(string Group, string Path)> ThingsAsync(ContractServer server)
    {
        var group = $"{server.Prefix}.contract.example";
        await MakeAsync(server, group);
        return (group, $"/apis/{group}/v1/things");
    }

    private static async Task MakeAsync(ContractServer server, string group)
    {
        (await server.PostAsync(Crds, Crd(group))).Is(201);
        await server.EstablishedAsync($"things.{group}");
    }

    private static string Thing(string group, string name, string fields) => $"{{'apiVersion':'{group}/v1','kind':'Thing','metadata':{{'name':'{name}'}},{fields}}}".Replace('\'', '"');

    private static string Crd(string group) => """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"things.GROUP"},"spec":{
          "group":"GROUP","scope":"Cluster","names":{"plural":"things","kind":"Thing"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{
            "type":"object","properties":{
              "spec":{"type":"object","properties":{"size":{"type":"integer"},"colour":{"type":"string","default":"red"}}},
              "status":{"type":"object","properties":{"ready":{"type":"boolean"}}}}}}}]}}
        """.Replace("GROUP", group, StringComparison.Ordinal);

    private static string? Condition(ContractAnswer crd, string type) =>
        (string?)(crd.At("/status/conditions") as JsonArray ?? []).FirstOrDefault(c => (string?)c!["type"] == type)?["status"];
}
