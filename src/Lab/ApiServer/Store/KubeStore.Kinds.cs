using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Lifecycle;
using Vnetcni.Lab.ApiServer.Resources;
using Vnetcni.Lab.ApiServer.Schemas;
using Vnetcni.Lab.ApiServer.Status;

namespace Vnetcni.Lab.ApiServer.Store;

/// <content>What is served: the catalog, and the custom resources that it gains and loses.</content>
public sealed partial class KubeStore
{
    private readonly SortedDictionary<string, ResourceState> states = new(StringComparer.Ordinal);
    private Dictionary<(string Group, string Version, string Plural), KindModel> models = [];

    /// <summary>What is served now.</summary>
    public ResourceCatalog Catalog { get; private set; } = new([], 0);

    private SortedDictionary<ObjectName, KubeObject> Definitions => states[BuiltInResources.CustomResourceDefinitions.GroupResource].Objects;

    private KindModel Model(ResourceDefinition resource) =>
        models.GetValueOrDefault((resource.Group, resource.Version, resource.Plural)) ?? throw Refusal.NoSuchPath();

    private KindModel StorageModel(ResourceDefinition resource) => Model(states[resource.GroupResource].Definition);

    // After every change of a CustomResourceDefinition.
    private void RebuildCatalog()
    {
        var next = new Dictionary<(string, string, string), KindModel>();
        var served = new List<ResourceDefinition>();
        foreach (var definition in BuiltInResources.All)
        {
            next.Add(Key(definition), new KindModel(definition, BuiltInSchemas.Of(definition.Kind), states[definition.GroupResource]));
            served.Add(definition);
        }

        foreach (var crd in Definitions.Values.Where(d => DefinitionRules.Is(d.Json, "Established")))
        {
            var versions = DefinitionReader.Read(crd.Json);
            var storage = versions[0].Definition;
            if (!states.TryGetValue(storage.GroupResource, out var state))
                states.Add(storage.GroupResource, state = new ResourceState(storage));
            state.Definition = storage;
            foreach (var (definition, isServed) in versions)
            {
                next.Add(Key(definition), Known(definition, state) ?? new KindModel(definition, SchemaCompiler.CustomResource(definition.Schema), state));
                if (isServed)
                    served.Add(definition);
            }
        }

        models = next;
        Catalog = new ResourceCatalog(served, Catalog.Revision + 1);
    }

    // The compiled schema of before, where the definition is the same.
    private KindModel? Known(ResourceDefinition definition, ResourceState state) =>
        models.TryGetValue(Key(definition), out var known) && ReferenceEquals(known.State, state) && ReferenceEquals(known.Definition.Schema, definition.Schema)
            ? known with { Definition = definition }
            : null;

    private static (string, string, string) Key(ResourceDefinition definition) => (definition.Group, definition.Version, definition.Plural);

    // What the naming and establishing controllers do about a definition; at once, as a change of its own.
    private void Establish(KindModel model, KubeObject crd, DateTimeOffset now)
    {
        if (!crd.IsDeleting)
        {
            var conflict = Conflict(crd.Json);
            var status = DefinitionRules.Established(crd.Json, conflict, now);
            // What has been established stays so; its names may change.
            if (DefinitionRules.Is(crd.Json, "Established"))
                status["conditions"] = crd.Json["status"]!["conditions"]!.DeepClone();
            var stored = (crd.Json["status"]?["storedVersions"] as JsonArray ?? []).Concat(status["storedVersions"]!.AsArray())
                .Select(v => v!.ToString()).Distinct(StringComparer.Ordinal);
            status["storedVersions"] = new JsonArray([.. stored.Select(v => JsonValue.Create(v))]);
            if (!JsonNode.DeepEquals(status, crd.Json["status"]))
            {
                var next = crd.Json.Copy();
                next["status"] = status;
                Commit(model, crd.Name, crd, next, crd.Managers);
            }
        }

        RebuildCatalog();
    }

    private string? Conflict(JsonObject crd)
    {
        var mine = DefinitionReader.Read(crd)[0].Definition;
        foreach (var other in Catalog.All.Where(d => d.Group == mine.Group && d.Plural != mine.Plural))
        {
            if (other.Kind == mine.Kind || other.ListKind == mine.ListKind)
                return $"\"{mine.Kind}\" is already in use";
            string[] taken = [other.Plural, other.Singular, .. other.ShortNames];
            string[] wanted = [mine.Plural, mine.Singular, .. mine.ShortNames];
            if (wanted.FirstOrDefault(w => w.Length > 0 && taken.Contains(w, StringComparer.Ordinal)) is { } name)
                return $"\"{name}\" is already in use";
        }

        return null;
    }
}
