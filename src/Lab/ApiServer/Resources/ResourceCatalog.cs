namespace Vnetcni.Lab.ApiServer.Resources;

/// <summary>What is served now: the built-in kinds and those that established CustomResourceDefinitions add. Immutable.</summary>
public sealed class ResourceCatalog
{
    private readonly Dictionary<(string, string, string), ResourceDefinition> byName;

    /// <param name="all">Every version of every resource; the first of a resource is its storage version.</param>
    /// <param name="revision">Grows with each change of what is served.</param>
    public ResourceCatalog(IReadOnlyList<ResourceDefinition> all, long revision)
    {
        (All, Revision) = (all, revision);
        byName = all.ToDictionary(d => (d.Group, d.Version, d.Plural));
    }

    /// <summary>All served versions of all resources: built-in ones first, then by group and name.</summary>
    public IReadOnlyList<ResourceDefinition> All { get; }

    /// <summary>Grows with each change: what was made from the catalog (discovery, OpenAPI) is stale then.</summary>
    public long Revision { get; }

    /// <summary>A served resource, or null.</summary>
    public ResourceDefinition? Find(string group, string version, string plural) => byName.GetValueOrDefault((group, version, plural));

    /// <summary>A served resource by its kind, or null.</summary>
    public ResourceDefinition? FindKind(string apiVersion, string kind)
    {
        foreach (var definition in All)
        {
            if (definition.Kind == kind && definition.ApiVersion == apiVersion)
                return definition;
        }

        return null;
    }
}
