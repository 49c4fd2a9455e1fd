using k8s;
using k8s.Models;

namespace Vnetcni.ControllerRuntime.Api;

/// <summary>
/// The few Kubernetes API verbs that the controllers use. One implementation speaks HTTP, others stand in for the API
/// server in tests; nothing else in the product talks to the API server.
/// </summary>
/// <remarks>
/// Every method throws <see cref="KubeApiException"/> for an answer that is not 2xx, and
/// <see cref="HttpRequestException"/> or <see cref="IOException"/> when there was no answer (the write may have happened).
/// Source: https://kubernetes.io/docs/reference/using-api/api-concepts/
/// </remarks>
public interface IKubeApi
{
    /// <summary>A consistent read. <see langword="null"/> when the object does not exist (404).</summary>
    Task<T?> GetAsync<T>(KubeKind<T> kind, ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>One page of a list.</summary>
    Task<KubeList<T>> ListAsync<T>(KubeKind<T> kind, KubeListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>
    /// A watch from <see cref="KubeWatchOptions.ResourceVersion"/>. Ends normally when the server closes the stream; throws
    /// <see cref="KubeApiException"/> for an ERROR event (410 Gone, 429, 5xx) as for an error answer.
    /// </summary>
    IAsyncEnumerable<KubeWatchEvent<T>> WatchAsync<T>(
        KubeKind<T> kind, KubeWatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>POST. 409 AlreadyExists when the name is taken.</summary>
    Task<T> CreateAsync<T>(KubeKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>PUT of the whole object with the resourceVersion in its metadata. 409 Conflict when it has moved.</summary>
    Task<T> ReplaceAsync<T>(KubeKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>
    /// PATCH: server-side apply or merge patch. A resourceVersion inside <paramref name="body"/>'s metadata makes it
    /// conditional (409 Conflict when the object has moved).
    /// </summary>
    Task<T> PatchAsync<T>(
        KubeKind<T> kind, ObjectKey key, ReadOnlyMemory<byte> body, KubePatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>DELETE. A missing object is not an error. 409 Conflict when a precondition fails.</summary>
    Task DeleteAsync<T>(KubeKind<T> kind, ObjectKey key, KubeDeleteOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>;
}
