using Vnetcni.Lab.ApiServer.Discovery;
using Vnetcni.Lab.ApiServer.Resources;

namespace Vnetcni.ApiServer.Tests.Discovery;

public class DiscoveryTests
{
    private static readonly ResourceCatalog Catalog = new(BuiltInResources.All, 1);
    private readonly DiscoveryDocuments _documents = new(Catalog);

    [Fact]
    public void A_group_version_lists_its_resources_and_their_status_apart()
    {
        var names = _documents.Resources("", "v1")!["resources"]!.AsArray().Select(r => r!["name"]!.GetValue<string>());
        Assert.Equal(["events", "namespaces", "namespaces/status", "nodes", "nodes/status", "pods", "pods/status"], names);
    }

    [Fact]
    public void What_is_not_served_has_no_document()
    {
        Assert.Null(_documents.Group("apps"));
        Assert.Null(_documents.Resources("apps", "v1"));
        Assert.Null(_documents.Resources("", "v2"));
    }

    [Fact]
    public void Namespaces_are_not_deleted_by_the_dozen() =>
        Assert.DoesNotContain("deletecollection", DiscoveryDocuments.VerbsOf(BuiltInResources.Namespaces).Select(v => v!.GetValue<string>()));

    [Fact]
    public void Aggregated_and_plain_discovery_tell_the_same_resources()
    {
        var aggregated = new[] { true, false }
            .SelectMany(core => AggregatedDiscovery.Json(Catalog, core, "v2")["items"]!.AsArray())
            .SelectMany(group => group!["versions"]!.AsArray().SelectMany(version => version!["resources"]!.AsArray()
                .Select(r => $"{group["metadata"]!["name"]}/{version["version"]}/{r!["resource"]}/{r["scope"]}/{r["verbs"]!.ToJsonString()}")));
        var plain = Catalog.All.Select(r => (r.Group, r.Version)).Distinct()
            .SelectMany(gv => _documents.Resources(gv.Group, gv.Version)!["resources"]!.AsArray()
                .Where(r => !r!["name"]!.GetValue<string>().Contains('/'))
                .Select(r => $"{gv.Group}/{gv.Version}/{r!["name"]}/{(r["namespaced"]!.GetValue<bool>() ? "Namespaced" : "Cluster")}/{r["verbs"]!.ToJsonString()}"));
        Assert.Equal(plain.Order(StringComparer.Ordinal), aggregated.Order(StringComparer.Ordinal));
    }
}
