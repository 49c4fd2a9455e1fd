using Vnetcni.Lab.ApiServer.Resources;

namespace Vnetcni.Lab.ApiServer.OpenApi;

/// <summary>Names of schemas in the documents.</summary>
internal static class SchemaNames
{
    /// <summary>metav1.ObjectMeta.</summary>
    public const string ObjectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    /// <summary>metav1.ListMeta.</summary>
    public const string ListMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta";

    /// <summary>metav1.Status.</summary>
    public const string Status = "io.k8s.apimachinery.pkg.apis.meta.v1.Status";

    /// <summary>metav1.Patch.</summary>
    public const string Patch = "io.k8s.apimachinery.pkg.apis.meta.v1.Patch";

    /// <summary>metav1.DeleteOptions.</summary>
    public const string DeleteOptions = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions";

    /// <summary>core/v1 NodeStatus.</summary>
    public const string NodeStatus = "io.k8s.api.core.v1.NodeStatus";

    /// <summary>The schema of a kind: built-in ones as the real server names them, custom ones by their group in reverse.</summary>
    public static string Of(ResourceDefinition resource) => resource switch
    {
        { IsCustom: true } => $"{string.Join('.', resource.Group.Split('.').Reverse())}.{resource.Version}.{resource.Kind}",
        { Group: "" } => $"io.k8s.api.core.{resource.Version}.{resource.Kind}",
        { Group: "apiextensions.k8s.io" } => $"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.{resource.Version}.{resource.Kind}",
        _ => $"io.k8s.api.{resource.Group.Split('.')[0]}.{resource.Version}.{resource.Kind}",
    };

    /// <summary>The schema of a kind's list.</summary>
    public static string ListOf(ResourceDefinition resource) => Of(resource)[..^resource.Kind.Length] + resource.ListKind;
}
