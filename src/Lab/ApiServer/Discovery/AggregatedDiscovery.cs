using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Resources;

namespace Vnetcni.Lab.ApiServer.Discovery;

/// <summary>
/// <c>apidiscovery.k8s.io/v2 APIGroupDiscoveryList</c>: everything of <c>/api</c> or <c>/apis</c> in one answer.
/// https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery
/// </summary>
internal static class AggregatedDiscovery
{
    /// <summary>The document for the core group, or for all named groups.</summary>
    /// <param name="catalog">What is served.</param>
    /// <param name="core">Whether <c>/api</c> is asked for.</param>
    /// <param name="version"><c>v2</c> or <c>v2beta1</c>: they have the same shape.</param>
    public static JsonObject Json(ResourceCatalog catalog, bool core, string version)
    {
        var groups = catalog.All.Where(r => r.Group.Length == 0 == core).GroupBy(r => r.Group).OrderBy(g => g.Key, StringComparer.Ordinal);
        return new JsonObject
        {
            ["kind"] = "APIGroupDiscoveryList",
            ["apiVersion"] = $"apidiscovery.k8s.io/{version}",
            ["metadata"] = new JsonObject(),
            ["items"] = new JsonArray([.. groups.Select(Group)]),
        };
    }

    private static JsonObject Group(IGrouping<string, ResourceDefinition> group)
    {
        var metadata = new JsonObject { ["creationTimestamp"] = null };
        if (group.Key.Length > 0)
            metadata["name"] = group.Key;
        var versions = group.GroupBy(r => r.Version).Select(version => new JsonObject
        {
            ["version"] = version.Key,
            ["resources"] = new JsonArray([.. version.OrderBy(r => r.Plural, StringComparer.Ordinal).Select(Resource)]),
            ["freshness"] = "Current",
        });
        return new JsonObject { ["metadata"] = metadata, ["versions"] = new JsonArray([.. versions]) };
    }

    private static JsonObject Resource(ResourceDefinition resource)
    {
        var json = new JsonObject
        {
            ["resource"] = resource.Plural,
            ["responseKind"] = Kind(resource),
            ["scope"] = resource.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = resource.Singular,
            ["verbs"] = DiscoveryDocuments.VerbsOf(resource),
        };
        if (resource.ShortNames.Count > 0)
            json["shortNames"] = DiscoveryDocuments.Strings(resource.ShortNames);
        if (resource.Categories.Count > 0)
            json["categories"] = DiscoveryDocuments.Strings(resource.Categories);
        if (resource.HasStatus)
        {
            json["subresources"] = new JsonArray(new JsonObject
            {
                ["subresource"] = "status",
                ["responseKind"] = Kind(resource),
                ["verbs"] = DiscoveryDocuments.VerbsOf(resource, status: true),
            });
        }

        return json;
    }

    private static JsonObject Kind(ResourceDefinition resource) =>
        new() { ["group"] = resource.Group, ["version"] = resource.Version, ["kind"] = resource.Kind };
}
