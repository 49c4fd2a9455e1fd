using k8s;
using k8s.Models;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.Simulation.Tests.Breakers;

/// <summary>An API that passes every call on: what a breaker does not override is sound.</summary>
internal abstract class PassingKube(IKubeApi inner) : IKubeApi
{
    public virtual Task<T?> GetAsync<T>(KubeKind<T> kind, ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => inner.GetAsync(kind, key, cancellationToken);

    public virtual Task<KubeList<T>> ListAsync<T>(KubeKind<T> kind, KubeListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => inner.ListAsync(kind, options, cancellationToken);

    public virtual IAsyncEnumerable<KubeWatchEvent<T>> WatchAsync<T>(KubeKind<T> kind, KubeWatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => inner.WatchAsync(kind, options, cancellationToken);

    public virtual Task<T> CreateAsync<T>(KubeKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => inner.CreateAsync(kind, body, cancellationToken);

    public virtual Task<T> ReplaceAsync<T>(KubeKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => inner.ReplaceAsync(kind, body, cancellationToken);

    public virtual Task<T> PatchAsync<T>(
        KubeKind<T> kind, ObjectKey key, ReadOnlyMemory<byte> body, KubePatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => inner.PatchAsync(kind, key, body, options, cancellationToken);

    public virtual Task DeleteAsync<T>(KubeKind<T> kind, ObjectKey key, KubeDeleteOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => inner.DeleteAsync(kind, key, options, cancellationToken);
}
