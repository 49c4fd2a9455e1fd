using Vnetcni.Lab.ApiServer.Resources;
using Vnetcni.Lab.ApiServer.Schemas;

namespace Vnetcni.Lab.ApiServer.Store;

/// <summary>One served version of a resource with what the store needs to know of it.</summary>
/// <param name="Definition">What is served.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="State">Its objects.</param>
internal sealed record KindModel(ResourceDefinition Definition, SchemaNode Schema, ResourceState State)
{
    public bool Is(ResourceDefinition builtIn) => ReferenceEquals(State.Definition, builtIn);

    /// <summary>Whether objects have metadata.generation.</summary>
    public bool HasGeneration => Definition.IsCustom || Is(BuiltInResources.CustomResourceDefinitions);

    /// <summary>Whether a PUT without a resourceVersion is taken.</summary>
    public bool AllowsUnconditionalUpdate => Is(BuiltInResources.Nodes) || Is(BuiltInResources.Pods) || Is(BuiltInResources.Events) || Is(BuiltInResources.Namespaces);

    /// <summary>Whether a PUT of a missing object makes it.</summary>
    public bool AllowsCreateOnUpdate => Is(BuiltInResources.Leases) || Is(BuiltInResources.Events);
}
