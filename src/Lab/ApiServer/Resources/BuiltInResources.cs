namespace Vnetcni.Lab.ApiServer.Resources;

/// <summary>The kinds that are always served.</summary>
public static class BuiltInResources
{
    /// <summary>core/v1 Namespace.</summary>
    public static ResourceDefinition Namespaces { get; } = Make("", "namespaces", "Namespace", false) with
    {
        ShortNames = ["ns"],
        HasStatus = true,
        SelectableFields = ["status.phase"],
    };

    /// <summary>core/v1 Node.</summary>
    public static ResourceDefinition Nodes { get; } = Make("", "nodes", "Node", false) with
    {
        ShortNames = ["no"],
        HasStatus = true,
        SelectableFields = ["spec.unschedulable"],
    };

    /// <summary>core/v1 Pod.</summary>
    public static ResourceDefinition Pods { get; } = Make("", "pods", "Pod", true) with
    {
        ShortNames = ["po"],
        Categories = ["all"],
        HasStatus = true,
        SelectableFields =
        [
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase", "status.podIP", "status.podIPs",
            "status.podIPs", "status.nominatedNodeName",
        ],
    };

    /// <summary>core/v1 Event.</summary>
    public static ResourceDefinition Events { get; } = Make("", "events", "Event", true) with
    {
        ShortNames = ["ev"],
        SelectableFields =
        [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
        ],
    };

    /// <summary>coordination.k8s.io/v1 Lease.</summary>
    public static ResourceDefinition Leases { get; } = Make("coordination.k8s.io", "leases", "Lease", true);

    /// <summary>apiextensions.k8s.io/v1 CustomResourceDefinition.</summary>
    public static ResourceDefinition CustomResourceDefinitions { get; } =
        Make("apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition", false) with
        {
            ShortNames = ["crd", "crds"],
            Categories = ["api-extensions"],
            HasStatus = true,
        };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ResourceDefinition> All { get; } = [Namespaces, Nodes, Pods, Events, Leases, CustomResourceDefinitions];

    private static ResourceDefinition Make(string group, string plural, string kind, bool namespaced) => new()
    {
        Group = group,
        Version = "v1",
        Plural = plural,
        Singular = plural[..^1],
        Kind = kind,
        ListKind = kind + "List",
        Namespaced = namespaced,
    };
}
