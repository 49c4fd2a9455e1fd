using System.Runtime.CompilerServices;
using k8s;
using k8s.Models;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Simulation.Tests.Invariants;
using Vnetcni.Simulation.Tests.World.Processes;
using Vnetcni.TestSupport.Kubernetes;

namespace Vnetcni.Simulation.Tests.World.Kubernetes;

/// <summary>The Kubernetes API as one process has it.</summary>
/// <param name="inner">Its way to the server.</param>
/// <param name="process">Whose.</param>
/// <param name="onWrite">Sees every write that was sent.</param>
/// <param name="again">May send a change or a deletion a second time.</param>
/// <param name="inventory">Of an operator.</param>
internal sealed class SimKubeApi(
    InMemoryKubeApi inner, SimProcess process, Action<KubeWrite> onWrite, Action<string, Func<Task<string>>> again, InventoryBeforeMutation? inventory) : IKubeApi
{
    public Task<T?> GetAsync<T>(KubeKind<T> kind, ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        process.CallAsync(() => inner.GetAsync(kind, key, CancellationToken.None), cancellationToken);

    public Task<KubeList<T>> ListAsync<T>(KubeKind<T> kind, KubeListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        process.CallAsync(
            async () =>
            {
                var page = await inner.ListAsync(kind, options, CancellationToken.None);
                if (options.ResourceVersion.Length == 0 && page.Continue.Length == 0)
                    inventory?.Listed(kind.Plural);
                return page;
            },
            cancellationToken);

    public async IAsyncEnumerable<KubeWatchEvent<T>> WatchAsync<T>(
        KubeKind<T> kind, KubeWatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        process.RequireAlive();
        await foreach (var change in inner.WatchAsync(kind, options, cancellationToken))
        {
            process.RequireAlive();
            yield return change;
        }
    }

    public Task<T> CreateAsync<T>(KubeKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        WriteAsync(new KubeWrite(process, "create", kind.Plural, "", default), () => inner.CreateAsync(kind, body, CancellationToken.None), cancellationToken);

    public Task<T> ReplaceAsync<T>(KubeKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        WriteAsync(new KubeWrite(process, "replace", kind.Plural, "", default), () => inner.ReplaceAsync(kind, body, CancellationToken.None), cancellationToken);

    public Task<T> PatchAsync<T>(
        KubeKind<T> kind, ObjectKey key, ReadOnlyMemory<byte> body, KubePatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        // It is on its way even if the caller reuses its buffer.
        var copy = body.ToArray();
        return WriteAsync(
            new KubeWrite(process, "patch", kind.Plural, options.Subresource, copy),
            () => Twice($"{process.Name} patch {kind.Plural} {key}", () => inner.PatchAsync(kind, key, copy, options, CancellationToken.None)),
            cancellationToken);
    }

    public Task DeleteAsync<T>(KubeKind<T> kind, ObjectKey key, KubeDeleteOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        WriteAsync(
            new KubeWrite(process, "delete", kind.Plural, "", default),
            () => Twice(
                $"{process.Name} delete {kind.Plural} {key}",
                async () =>
                {
                    await inner.DeleteAsync(kind, key, options, CancellationToken.None);
                    return true;
                }),
            cancellationToken);

    private Task<T> Twice<T>(string what, Func<Task<T>> send)
    {
        var sent = send();
        again(what, async () =>
        {
            await send();
            return "done";
        });
        return sent;
    }

    private Task<T> WriteAsync<T>(KubeWrite write, Func<Task<T>> call, CancellationToken cancellationToken) =>
        process.CallAsync(
            () =>
            {
                var sent = call();
                onWrite(write);
                return sent;
            },
            cancellationToken);
}

/// <summary>A write as it was sent.</summary>
/// <param name="Process">By whom.</param>
/// <param name="Verb">create, replace, patch or delete.</param>
/// <param name="Resource">The plural.</param>
/// <param name="Subresource"><c>status</c>, or empty.</param>
/// <param name="Body">The patch; else empty.</param>
internal readonly record struct KubeWrite(SimProcess Process, string Verb, string Resource, string Subresource, ReadOnlyMemory<byte> Body);
