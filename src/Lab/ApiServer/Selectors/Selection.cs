using System.Text.Json.Nodes;
using Vnetcni.Lab.ApiServer.Resources;

namespace Vnetcni.Lab.ApiServer.Selectors;

/// <summary>What a list or a watch shows.</summary>
internal sealed class Selection
{
    private readonly string ns;
    private readonly Func<JsonObject?, bool>? labels;
    private readonly Func<JsonObject, bool>? fields;

    public Selection(ResourceDefinition resource, string ns, string labels, string fields)
    {
        this.ns = resource.Namespaced ? ns : string.Empty;
        this.labels = LabelSelector.Parse(labels);
        this.fields = FieldSelector.Parse(resource, fields);
    }

    /// <summary>Whether it selects by more than the namespace.</summary>
    public bool Selects => labels is not null || fields is not null;

    public bool Shows(Store.KubeObject value) =>
        (ns.Length == 0 || value.Name.Namespace == ns)
        && (labels is null || labels(value.Json["metadata"]?["labels"] as JsonObject))
        && (fields is null || fields(value.Json));
}
