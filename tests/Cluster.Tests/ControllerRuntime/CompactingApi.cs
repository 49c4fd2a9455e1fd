using k8s;
using k8s.Models;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.Cluster.Tests.ControllerRuntime;

/// <summary>Does something once, between the first and the second page of a list.</summary>
internal sealed class CompactingApi(IKubeApi inner, Func<Task> between) : IKubeApi
{
    private bool done;

    public async Task<KubeList<T>> ListAsync<T>(KubeKind<T> kind, KubeListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (options.Continue.Length > 0 && !done)
        {
            done = true;
            await between();
        }

        return await inner.ListAsync(kind, options, cancellationToken);
    }

    public Task<T?> GetAsync<T>(KubeKind<T> kind, ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => inner.GetAsync(kind, key, cancellationToken);

    public IAsyncEnumerable<KubeWatchEvent<T>> WatchAsync<T>(KubeKind<T> kind, KubeWatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => inner.WatchAsync(kind, options, cancellationToken);

    public Task<T> CreateAsync<T>(KubeKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => inner.CreateAsync(kind, body, cancellationToken);

    public Task<T> ReplaceAsync<T>(KubeKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => inner.ReplaceAsync(kind, body, cancellationToken);

    public Task<T> PatchAsync<T>(
        KubeKind<T> kind, ObjectKey key, ReadOnlyMemory<byte> body, KubePatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => inner.PatchAsync(kind, key, body, options, cancellationToken);

    public Task DeleteAsync<T>(KubeKind<T> kind, ObjectKey key, KubeDeleteOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => inner.DeleteAsync(kind, key, options, cancellationToken);
}
