using System.Text.Json.Nodes;
using static Vnetcni.TestSupport.Kubernetes.Contract.ContractPaths;

namespace Vnetcni.TestSupport.Kubernetes.Contract;

/// <summary>What kubectl asks before it does anything: groups, resources, version, health, OpenAPI.</summary>
internal static class Discovering
{
    // What kubectl 1.26 and later send; older servers answer with the plain list.
    private const string Aggregated =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

    public static readonly ContractCases Cases = new("Discovery")
    {
        ["/api names v1"] = async server =>
            (await server.GetAsync("/api")).Is(200).Has("/kind", "APIVersions").HasJson("/versions", "['v1']"),
        ["/apis lists the groups with their versions"] = async server =>
        {
            var groups = (await server.GetAsync("/apis")).Is(200).Has("/kind", "APIGroupList").Has("/apiVersion", "v1").At("/groups")!.AsArray();
            foreach (var (name, version) in new[] { ("vnetcni.dev", "v1alpha1"), ("coordination.k8s.io", "v1"), ("apiextensions.k8s.io", "v1") })
            {
                var group = groups.FirstOrDefault(g => (string?)g!["name"] == name) ?? throw new KubeContractException($"expected the group {name}");
                if ((string?)group["preferredVersion"]?["groupVersion"] != $"{name}/{version}" || group["versions"]!.AsArray().All(v => (string?)v!["version"] != version))
                    throw new KubeContractException($"expected {version} of {name}, got {group.ToJsonString()}");
            }
        },
        ["a group can be read alone"] = async server =>
            (await server.GetAsync("/apis/vnetcni.dev")).Is(200).Has("/kind", "APIGroup").Has("/name", "vnetcni.dev").Has("/preferredVersion/groupVersion", "vnetcni.dev/v1alpha1")
                .HasJson("/versions", "[{'groupVersion':'vnetcni.dev/v1alpha1','version':'v1alpha1'}]"),
        ["our resources with kinds, short names, categories and scope"] = async server =>
        {
            var list = (await server.GetAsync(Group)).Is(200).Has("/kind", "APIResourceList").Has("/groupVersion", "vnetcni.dev/v1alpha1");
            foreach (var (plural, singular, kind, shortName) in new[]
            {
                ("nodeippools", "nodeippool", "NodeIpPool", "nip"), ("nodeippoolclasses", "nodeippoolclass", "NodeIpPoolClass", "nipc"), ("virtualnetworks", "virtualnetwork", "VirtualNetwork", "vnet"),
            })
            {
                var resource = Resource(list, plural);
                list.Holds((string?)resource["singularName"] == singular && (string?)resource["kind"] == kind && (bool?)resource["namespaced"] == false, $"{plural}: singular, kind, scope");
                list.Holds(Texts(resource["shortNames"]) == shortName && Texts(resource["categories"]) == "vnetcni", $"{plural}: short name and category");
            }
        },
        ["our resources with their verbs, and the status apart"] = async server =>
        {
            var list = (await server.GetAsync(Group)).Is(200);
            foreach (var plural in new[] { "nodeippools", "nodeippoolclasses", "virtualnetworks" })
            {
                HasVerbs(list, plural, "create", "delete", "get", "list", "patch", "update", "watch");
                HasVerbs(list, $"{plural}/status", "get", "patch", "update");
            }
        },
        ["the built-in resources with their verbs"] = async server =>
        {
            var core = (await server.GetAsync("/api/v1")).Is(200).Has("/kind", "APIResourceList").Has("/groupVersion", "v1");
            foreach (var (plural, kind, namespaced) in new[] { ("nodes", "Node", false), ("pods", "Pod", true), ("events", "Event", true), ("namespaces", "Namespace", false) })
            {
                HasVerbs(core, plural, "create", "delete", "get", "list", "patch", "update", "watch");
                core.Holds((string?)Resource(core, plural)["kind"] == kind && (bool?)Resource(core, plural)["namespaced"] == namespaced, $"{plural}: kind and scope");
            }

            HasVerbs(core, "nodes/status", "get", "patch", "update");
            HasVerbs(core, "pods/status", "get", "patch", "update");
            HasVerbs((await server.GetAsync("/apis/coordination.k8s.io/v1")).Is(200), "leases", "create", "delete", "get", "list", "patch", "update", "watch");
            HasVerbs((await server.GetAsync("/apis/apiextensions.k8s.io/v1")).Is(200), "customresourcedefinitions", "create", "delete", "get", "list", "patch", "update", "watch");
        },
        ["the short names that people type"] = async server =>
        {
            var core = (await server.GetAsync("/api/v1")).Is(200);
            foreach (var (plural, shortName) in new[] { ("nodes", "no"), ("pods", "po"), ("events", "ev"), ("namespaces", "ns") })
                core.Holds(Texts(Resource(core, plural)["shortNames"]) == shortName, $"{shortName} for {plural}");
            core.Holds(Texts(Resource(core, "pods")["categories"]).Contains("all", StringComparison.Ordinal), "pods are in the category all");
        },
        ["a new kubectl's question is answered, by one list or another"] = async server =>
        {
            foreach (var path in new[] { "/api", "/apis" })
            {
                var answer = (await server.GetAsync(path, Aggregated)).Is(200);
                answer.Holds(answer.Text("/kind") is "APIGroupDiscoveryList" or "APIGroupList" or "APIVersions", "a list of groups");
            }
        },
        ["the version is that of Kubernetes"] = async server =>
        {
            var version = (await server.GetAsync("/version")).Is(200);
            version.Holds(version.Text("/gitVersion").StartsWith("v1.", StringComparison.Ordinal), "v1.something").Has("/major", "1").Text("/minor");
            version.Text("/platform");
        },
        ["it says ok when asked for its health"] = async server =>
        {
            foreach (var path in new[] { "/healthz", "/livez", "/readyz" })
            {
                var answer = (await server.GetAsync(path, "*/*")).Is(200);
                answer.Holds(answer.Body == "ok" && answer.ContentType == "text/plain", "ok, as text");
            }
        },
        ["OpenAPI v2 describes our kinds"] = async server =>
        {
            const string Kind = "/definitions/dev.vnetcni.v1alpha1.NodeIpPool";
            var api = await server.EventuallyAsync(() => server.GetAsync("/openapi/v2"), a => a.Is(200).At(Kind) is not null, "the CRDs are in /openapi/v2");
            api.Has("/swagger", "2.0").HasJson($"{Kind}/x-kubernetes-group-version-kind", "[{'group':'vnetcni.dev','kind':'NodeIpPool','version':'v1alpha1'}]");
            api.Has($"{Kind}/description", "The pod addresses of one node; it has the node's name.");
            api.Has($"{Kind}/properties/spec/properties/pool/properties/minFree/type", "integer").Has($"{Kind}/properties/spec/properties/nodeName/description", "Name of the Node; equals metadata.name and never changes.");
        },
        ["OpenAPI v2 describes the built-in kinds that kubectl patches"] = async server =>
        {
            var api = (await server.GetAsync("/openapi/v2")).Is(200);
            foreach (var (definition, kind) in new[] { ("io.k8s.api.core.v1.Node", "Node"), ("io.k8s.api.core.v1.Pod", "Pod"), ("io.k8s.api.core.v1.Namespace", "Namespace") })
                api.HasJson($"/definitions/{definition}/x-kubernetes-group-version-kind", $"[{{'group':'','kind':'{kind}','version':'v1'}}]");
            api.Has("/definitions/io.k8s.api.core.v1.NodeStatus/properties/conditions/x-kubernetes-patch-merge-key", "type");
        },
        ["OpenAPI v2 comes as protobuf, which kubectl asks for"] = async server =>
        {
            var answer = (await server.GetAsync("/openapi/v2", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf")).Is(200);
            answer.Holds(answer.ContentType is not "application/json" && answer.Body.Length > 1000, "something else than JSON");
        },
    };

    private static JsonNode Resource(ContractAnswer list, string name) =>
        list.At("/resources")!.AsArray().FirstOrDefault(r => (string?)r!["name"] == name) ?? throw list.Broken($"the resource {name}", "none");

    private static void HasVerbs(ContractAnswer list, string name, params string[] verbs)
    {
        var found = Resource(list, name)["verbs"]!.AsArray().Select(v => (string)v!).ToHashSet(StringComparer.Ordinal);
        list.Holds(verbs.All(found.Contains), $"{name} with the verbs {string.Join(' ', verbs)}");
    }

    private static string Texts(JsonNode? list) => string.Join(' ', (list as JsonArray ?? []).Select(t => (string)t!));
}
