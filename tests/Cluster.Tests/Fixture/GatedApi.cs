using System.Runtime.CompilerServices;
using k8s;
using k8s.Models;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.Cluster.Tests.Fixture;

/// <summary>A way to the server that can be cut: calls and watches under way break, later ones fail, until it is mended.</summary>
internal sealed class GatedApi(IKubeApi inner) : IKubeApi
{
    private CancellationTokenSource cut = new();

    /// <summary>Whether calls hang (as with a silent network) rather than fail at once.</summary>
    public bool Hang { get; set; }

    public int Lists { get; private set; }

    public int Watches { get; private set; }

    public void Cut() => cut.Cancel();

    public void Mend() => cut = new CancellationTokenSource();

    public Task<T?> GetAsync<T>(KubeKind<T> kind, ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => CallAsync(t => inner.GetAsync(kind, key, t), cancellationToken);

    public Task<KubeList<T>> ListAsync<T>(KubeKind<T> kind, KubeListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        Lists++;
        return CallAsync(t => inner.ListAsync(kind, options, t), cancellationToken);
    }

    public async IAsyncEnumerable<KubeWatchEvent<T>> WatchAsync<T>(
        KubeKind<T> kind, KubeWatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        Watches++;
        var broken = cut.Token;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, broken);
        await using var events = inner.WatchAsync(kind, options, either.Token).GetAsyncEnumerator(either.Token);
        while (await CallAsync(_ => events.MoveNextAsync().AsTask(), cancellationToken))
            yield return events.Current;
    }

    public Task<T> CreateAsync<T>(KubeKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => CallAsync(t => inner.CreateAsync(kind, body, t), cancellationToken);

    public Task<T> ReplaceAsync<T>(KubeKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => CallAsync(t => inner.ReplaceAsync(kind, body, t), cancellationToken);

    public Task<T> PatchAsync<T>(
        KubeKind<T> kind, ObjectKey key, ReadOnlyMemory<byte> body, KubePatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        CallAsync(t => inner.PatchAsync(kind, key, body, options, t), cancellationToken);

    public Task DeleteAsync<T>(KubeKind<T> kind, ObjectKey key, KubeDeleteOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => CallAsync(
        async t =>
        {
            await inner.DeleteAsync(kind, key, options, t);
            return true;
        },
        cancellationToken);

    private async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        var broken = cut.Token;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, broken);
        try
        {
            either.Token.ThrowIfCancellationRequested();
            return await call(either.Token);
        }
        catch (OperationCanceledException e) when (broken.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            if (Hang)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new HttpRequestException("cut off by the test", e);
        }
    }
}
