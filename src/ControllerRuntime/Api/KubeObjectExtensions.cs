using k8s;
using k8s.Models;

namespace Vnetcni.ControllerRuntime.Api;

/// <summary>Short reads of an object's metadata. Every one accepts an object without metadata.</summary>
public static class KubeObjectExtensions
{
    /// <summary>The key of the object.</summary>
    public static ObjectKey Key(this IKubernetesObject<V1ObjectMeta> value) =>
        new(value.Metadata?.NamespaceProperty ?? string.Empty, value.Metadata?.Name ?? string.Empty);

    /// <summary><c>metadata.resourceVersion</c>, or empty.</summary>
    public static string Version(this IKubernetesObject<V1ObjectMeta> value) =>
        value.Metadata?.ResourceVersion ?? string.Empty;

    /// <summary>Whether a deletion was asked for and waits for finalizers.</summary>
    public static bool IsDeleting(this IKubernetesObject<V1ObjectMeta> value) =>
        value.Metadata?.DeletionTimestamp is not null;
}
