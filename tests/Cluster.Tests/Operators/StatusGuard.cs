using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.Cluster.Tests.Operators;

/// <summary>Watches an operator's writes: a pool's or a virtual network's status without a resourceVersion could be a stale one.</summary>
internal sealed class StatusGuard(IKubeApi inner) : IKubeApi
{
    public ConcurrentQueue<string> Unconditional { get; } = new();

    public int Conditional => _conditional;

    private int _conditional;

    public Task<T> PatchAsync<T>(
        KubeKind<T> kind, ObjectKey key, ReadOnlyMemory<byte> body, KubePatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (options.Subresource == "status" && kind.Kind is "NodeIpPool" or "VirtualNetwork")
        {
            if (JsonNode.Parse(body.Span)?["metadata"]?["resourceVersion"] is null)
                Unconditional.Enqueue($"{kind.Kind} {key}");
            else
                Interlocked.Increment(ref _conditional);
        }

        return inner.PatchAsync(kind, key, body, options, cancellationToken);
    }

    public Task<T?> GetAsync<T>(KubeKind<T> kind, ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => inner.GetAsync(kind, key, cancellationToken);

    public Task<KubeList<T>> ListAsync<T>(KubeKind<T> kind, KubeListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => inner.ListAsync(kind, options, cancellationToken);

    public IAsyncEnumerable<KubeWatchEvent<T>> WatchAsync<T>(
        KubeKind<T> kind, KubeWatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => inner.WatchAsync(kind, options, cancellationToken);

    public Task<T> CreateAsync<T>(KubeKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => inner.CreateAsync(kind, body, cancellationToken);

    public Task<T> ReplaceAsync<T>(KubeKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => inner.ReplaceAsync(kind, body, cancellationToken);

    public Task DeleteAsync<T>(KubeKind<T> kind, ObjectKey key, KubeDeleteOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => inner.DeleteAsync(kind, key, options, cancellationToken);
}
