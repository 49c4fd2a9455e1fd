using k8s;
using k8s.Models;

namespace Vnetcni.ControllerRuntime.Api;

/// <summary>The built-in kinds that are used, on the client library's models and its source-generated contracts.</summary>
public static class KubeKinds
{
    /// <summary>core/v1 Pod.</summary>
    public static KubeKind<V1Pod> Pods { get; } =
        KubeKindFactory.Create("", "v1", "pods", "Pod", namespaced: true, SourceGenerationContext.Default.V1Pod);

    /// <summary>core/v1 Node.</summary>
    public static KubeKind<V1Node> Nodes { get; } =
        KubeKindFactory.Create("", "v1", "nodes", "Node", namespaced: false, SourceGenerationContext.Default.V1Node);

    /// <summary>core/v1 Namespace.</summary>
    public static KubeKind<V1Namespace> Namespaces { get; } =
        KubeKindFactory.Create("", "v1", "namespaces", "Namespace", namespaced: false, SourceGenerationContext.Default.V1Namespace);

    /// <summary>core/v1 Event.</summary>
    public static KubeKind<Corev1Event> Events { get; } =
        KubeKindFactory.Create("", "v1", "events", "Event", namespaced: true, SourceGenerationContext.Default.Corev1Event);

    /// <summary>apps/v1 Deployment.</summary>
    public static KubeKind<V1Deployment> Deployments { get; } =
        KubeKindFactory.Create("apps", "v1", "deployments", "Deployment", namespaced: true, SourceGenerationContext.Default.V1Deployment);

    /// <summary>apps/v1 DaemonSet.</summary>
    public static KubeKind<V1DaemonSet> DaemonSets { get; } =
        KubeKindFactory.Create("apps", "v1", "daemonsets", "DaemonSet", namespaced: true, SourceGenerationContext.Default.V1DaemonSet);

    /// <summary>coordination.k8s.io/v1 Lease.</summary>
    public static KubeKind<V1Lease> Leases { get; } =
        KubeKindFactory.Create("coordination.k8s.io", "v1", "leases", "Lease", namespaced: true, SourceGenerationContext.Default.V1Lease);
}
