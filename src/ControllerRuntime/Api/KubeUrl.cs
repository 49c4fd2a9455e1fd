using System.Globalization;
using System.Text;
using k8s;
using k8s.Models;

namespace Vnetcni.ControllerRuntime.Api;

/// <summary>Paths and queries of the REST API. Source: https://kubernetes.io/docs/reference/using-api/api-concepts/</summary>
internal static class KubeUrl
{
    public static string Collection<T>(KubeKind<T> kind, string ns)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var root = kind.Group.Length == 0 ? $"/api/{kind.Version}" : $"/apis/{kind.Group}/{kind.Version}";
        return kind.Namespaced && ns.Length > 0
            ? $"{root}/namespaces/{Uri.EscapeDataString(ns)}/{kind.Plural}"
            : $"{root}/{kind.Plural}";
    }

    public static string Named<T>(KubeKind<T> kind, ObjectKey key, string subresource = "")
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        // "." and ".." survive escaping and would climb out of the collection.
        if (string.IsNullOrEmpty(key.Name) || key.Name is "." or ".." || key.Namespace is "." or "..")
            throw new ArgumentException($"'{key}' is not the name of an object", nameof(key));
        if (kind.Namespaced && string.IsNullOrEmpty(key.Namespace))
            throw new ArgumentException($"{kind.Kind} '{key.Name}' needs a namespace", nameof(key));
        var path = $"{Collection(kind, key.Namespace ?? string.Empty)}/{Uri.EscapeDataString(key.Name)}";
        return subresource.Length == 0 ? path : $"{path}/{subresource}";
    }

    public static string List<T>(KubeKind<T> kind, KubeListOptions options)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        new Query(Collection(kind, options.Namespace))
            .Add("labelSelector", options.LabelSelector)
            .Add("fieldSelector", options.FieldSelector)
            .Add("limit", options.Limit > 0 ? options.Limit.ToString(CultureInfo.InvariantCulture) : "")
            .Add("continue", options.Continue)
            .Add("resourceVersion", options.Continue.Length == 0 ? options.ResourceVersion : "")
            .ToString();

    public static string Watch<T>(KubeKind<T> kind, KubeWatchOptions options)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        new Query(Collection(kind, options.Namespace))
            .Add("watch", "true")
            .Add("labelSelector", options.LabelSelector)
            .Add("fieldSelector", options.FieldSelector)
            .Add("resourceVersion", options.ResourceVersion)
            .Add("allowWatchBookmarks", options.Bookmarks ? "true" : "")
            .Add("timeoutSeconds", Math.Max(1, (long)Math.Ceiling(options.Timeout.TotalSeconds)).ToString(CultureInfo.InvariantCulture))
            .ToString();

    public static string Patch<T>(KubeKind<T> kind, ObjectKey key, KubePatchOptions options)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        new Query(Named(kind, key, options.Subresource))
            .Add("fieldManager", options.FieldManager)
            .Add("force", options.Type == KubePatchType.Apply && options.Force ? "true" : "")
            .ToString();

    private sealed class Query(string path)
    {
        private readonly StringBuilder text = new(path);
        private char separator = '?';

        public Query Add(string name, string value)
        {
            if (string.IsNullOrEmpty(value))
                return this;
            text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
            separator = '&';
            return this;
        }

        public override string ToString() => text.ToString();
    }
}
