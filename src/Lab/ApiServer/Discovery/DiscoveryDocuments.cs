using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Resources;

namespace Vnetcni.Lab.ApiServer.Discovery;

/// <summary>
/// What is served, in the form of before aggregated discovery: <c>/api</c>, <c>/apis</c>, and one resource list per group version.
/// </summary>
internal sealed class DiscoveryDocuments(ResourceCatalog catalog)
{
    private static readonly string[] Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    private static readonly string[] StatusVerbs = ["get", "patch", "update"];

    /// <summary><c>/api</c>: the versions of the core group.</summary>
    /// <param name="authority">Host and port that the client used.</param>
    public static JsonObject CoreVersions(string authority) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = authority }),
    };

    /// <summary><c>/apis</c>: all named groups.</summary>
    public JsonObject Groups() => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. GroupNames().Select(group => GroupBody(group, []))]),
    };

    /// <summary><c>/apis/GROUP</c>; null when it is not served.</summary>
    public JsonObject? Group(string group) =>
        GroupNames().Contains(group) ? GroupBody(group, new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1" }) : null;

    /// <summary><c>/api/v1</c> or <c>/apis/GROUP/VERSION</c>; null when it is not served.</summary>
    public JsonObject? Resources(string group, string version)
    {
        var served = catalog.All.Where(r => r.Group == group && r.Version == version).OrderBy(r => r.Plural, StringComparer.Ordinal).ToArray();
        if (served.Length == 0)
            return null;
        var list = new JsonObject { ["kind"] = "APIResourceList" };
        if (group.Length > 0)
            list["apiVersion"] = "v1";
        list["groupVersion"] = served[0].ApiVersion;
        list["resources"] = new JsonArray([.. served.SelectMany(Entries)]);
        return list;
    }

    /// <summary>Verbs of a resource as lists of strings.</summary>
    public static JsonArray VerbsOf(ResourceDefinition resource, bool status = false) =>
        Strings(status ? StatusVerbs
            // As on the real server, namespaces go one by one.
            : resource is { Group: "", Plural: "namespaces" } ? Verbs.Where(v => v != "deletecollection") : Verbs);

    /// <summary>An array of strings.</summary>
    public static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(v => (JsonNode)v)]);

    private IEnumerable<string> GroupNames() =>
        catalog.All.Select(r => r.Group).Where(g => g.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private JsonObject GroupBody(string group, JsonObject body)
    {
        var versions = catalog.All.Where(r => r.Group == group).Select(r => r.Version).Distinct(StringComparer.Ordinal)
            .Select(version => new JsonObject { ["groupVersion"] = $"{group}/{version}", ["version"] = version }).ToArray();
        body["name"] = group;
        body["versions"] = new JsonArray([.. versions]);
        body["preferredVersion"] = versions[0].DeepClone();
        return body;
    }

    private static IEnumerable<JsonObject> Entries(ResourceDefinition resource)
    {
        var entry = Entry(resource, resource.Plural, VerbsOf(resource));
        entry["singularName"] = resource.Singular;
        if (resource.ShortNames.Count > 0)
            entry["shortNames"] = Strings(resource.ShortNames);
        if (resource.Categories.Count > 0)
            entry["categories"] = Strings(resource.Categories);
        yield return entry;
        if (resource.HasStatus)
            yield return Entry(resource, resource.Plural + "/status", VerbsOf(resource, status: true));
    }

    private static JsonObject Entry(ResourceDefinition resource, string name, JsonArray verbs) => new()
    {
        ["name"] = name,
        ["singularName"] = string.Empty,
        ["namespaced"] = resource.Namespaced,
        ["kind"] = resource.Kind,
        ["verbs"] = verbs,
    };
}
