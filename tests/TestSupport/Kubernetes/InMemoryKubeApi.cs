using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Vnetcni.ControllerRuntime.Api;

namespace Vnetcni.TestSupport.Kubernetes;

/// <summary>One client of an <see cref="InMemoryKubeServer"/>, with faults of its own.</summary>
public sealed class InMemoryKubeApi(InMemoryKubeServer server, string name, KubeFaults? faults = null) : IKubeApi
{
    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromMinutes(1);

    /// <summary>A client of a server of its own.</summary>
    public InMemoryKubeApi(TimeProvider time)
        : this(new InMemoryKubeServer(time), "test")
    {
    }

    public InMemoryKubeServer Server => server;

    public KubeFaults Faults { get; } = faults ?? new KubeFaults();

    /// <summary>Puts an object there as it is, its status included. For the set-up of a test: no faults, no latency.</summary>
    public T Seed<T>(KubeKind<T> kind, T value)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        Read(kind, server.Create(InMemoryKubeServer.Resource(kind), Json(kind.Write(value)), name, withStatus: true));

    public Task<T?> GetAsync<T>(KubeKind<T> kind, ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var call = new KubeCall(name, "get", kind.Plural, key);
        return CallAsync(
            call,
            () => server.Get(InMemoryKubeServer.Resource(kind), key, Shown(call)) is { } json ? Read(kind, json) : null,
            cancellationToken);
    }

    public Task<KubeList<T>> ListAsync<T>(KubeKind<T> kind, KubeListOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var call = new KubeCall(name, "list", kind.Plural, new ObjectKey(options.Namespace, ""));
        return CallAsync(
            call,
            () =>
            {
                var (items, version, next) = server.List(InMemoryKubeServer.Resource(kind), options, Shown(call));
                return new KubeList<T>(items.ConvertAll(i => Read(kind, i)), version.ToString(CultureInfo.InvariantCulture), next);
            },
            cancellationToken);
    }

    public async IAsyncEnumerable<KubeWatchEvent<T>> WatchAsync<T>(
        KubeKind<T> kind, KubeWatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var call = new KubeCall(name, "watch", kind.Plural, new ObjectKey(options.Namespace, ""));
        var watcher = await CallAsync(call, () => server.OpenWatch(call, InMemoryKubeServer.Resource(kind), options), cancellationToken);
        try
        {
            var (opened, marked) = (server.Time.GetTimestamp(), server.Time.GetTimestamp());
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var signal = watcher.Signal;
                if (watcher.Next() is { } next)
                {
                    if (Faults.BeforeEvent is { } hook)
                        await hook(call, cancellationToken);
                    yield return new KubeWatchEvent<T>(next.Type, Read(kind, next.Object));
                    continue;
                }

                var left = options.Timeout - server.Time.GetElapsedTime(opened);
                if (left <= TimeSpan.Zero)
                    yield break;
                var toBookmark = BookmarkInterval - server.Time.GetElapsedTime(marked);
                if (options.Bookmarks && toBookmark <= TimeSpan.Zero)
                {
                    marked = server.Time.GetTimestamp();
                    yield return Bookmark(kind, watcher.Position);
                    continue;
                }

                await WaitAsync(signal, options.Bookmarks && toBookmark < left ? toBookmark : left, cancellationToken);
            }
        }
        finally
        {
            watcher.Close();
        }
    }

    public Task<T> CreateAsync<T>(KubeKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        CallAsync(
            new KubeCall(name, "create", kind.Plural, body.Key()),
            () => Read(kind, server.Create(InMemoryKubeServer.Resource(kind), Json(kind.Write(body)), name, withStatus: false)),
            cancellationToken);

    public Task<T> ReplaceAsync<T>(KubeKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        CallAsync(
            new KubeCall(name, "replace", kind.Plural, body.Key()),
            () => Read(kind, server.Replace(InMemoryKubeServer.Resource(kind), Json(kind.Write(body)), name)),
            cancellationToken);

    public Task<T> PatchAsync<T>(
        KubeKind<T> kind, ObjectKey key, ReadOnlyMemory<byte> body, KubePatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        CallAsync(
            new KubeCall(name, "patch", kind.Plural, key, options.Subresource),
            () => Read(kind, server.Patch(InMemoryKubeServer.Resource(kind), key, Json(body), options)),
            cancellationToken);

    public Task DeleteAsync<T>(KubeKind<T> kind, ObjectKey key, KubeDeleteOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        CallAsync(
            new KubeCall(name, "delete", kind.Plural, key),
            () =>
            {
                server.Delete(InMemoryKubeServer.Resource(kind), key, options);
                return true;
            },
            cancellationToken);

    private static JsonObject Json(ReadOnlyMemory<byte> utf8) =>
        JsonNode.Parse(utf8.Span) as JsonObject ?? throw new KubeApiException(400, "BadRequest", "the body is not an object");

    private static T Read<T>(KubeKind<T> kind, JsonObject json)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        kind.Read(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static KubeWatchEvent<T> Bookmark<T>(KubeKind<T> kind, long position)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var version = position.ToString(CultureInfo.InvariantCulture);
        return new KubeWatchEvent<T>(
            KubeWatchEventType.Bookmark, Read(kind, new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = version } }));
    }

    private long? Shown(KubeCall call) => Faults.ReadVersion?.Invoke(call, server.Version);

    private async Task<TResult> CallAsync<TResult>(KubeCall call, Func<TResult> effect, CancellationToken cancellationToken)
    {
        // A call is never answered within itself, as on a network.
        await Task.Yield();
        if (Faults.Before is { } before)
            await before(call, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        var result = effect();
        if (Faults.After is { } after)
            await after(call, cancellationToken);
        return result;
    }

    private async Task WaitAsync(Task signal, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            // Up, or less than a millisecond would be no wait at all. Not WhenAny: a cancelled delay within it leaves the thread.
            await signal.WaitAsync(TimeSpan.FromMilliseconds(Math.Ceiling(limit.TotalMilliseconds)), server.Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return;
        }

        // Whoever changed an object does not run its watchers.
        await Task.Yield();
    }
}
