using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Lab.ApiServer.Status;
using Vnetcni.Lab.ApiServer.Store;

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
        where T : class, IKubernetesObject<V1ObjectMeta> => Effect(() =>
    {
        var (resource, body) = (server.Resource(kind), Json(kind.Write(value)));
        var made = server.Store.Create(resource, value.Metadata.NamespaceProperty ?? string.Empty, body, new WriteQuery { FieldManager = name }, server.Now).Object;
        if (resource.HasStatus && body["status"] is { } status)
        {
            var patch = new JsonObject { ["status"] = status.DeepClone() };
            made = server.Store.Patch(
                resource, made.Name, PatchType.Merge, patch, new WriteQuery { FieldManager = name, Subresource = "status" }, server.Now).Object;
        }

        return Read(kind, made);
    });

    /// <summary>The kubelet's last word on a pod: it is deleted without grace.</summary>
    public Task RemovePodAsync(ObjectKey key) => DeleteAsync(KubeKinds.Pods, key, new DeleteQuery { GracePeriodSeconds = 0 }, CancellationToken.None);

    public Task<T?> GetAsync<T>(KubeKind<T> kind, ObjectKey key, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var call = new KubeCall(name, "get", kind.Plural, key);
        return CallAsync(
            call,
            () =>
            {
                var (resource, objectName) = (server.Resource(kind), InMemoryKubeServer.Name(key));
                var found = Shown(call) is { } old ? server.Store.FindAt(resource, objectName, old) : server.Store.Find(resource, objectName);
                return found is null ? null : Read(kind, found);
            },
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
                var page = server.Store.List(server.Resource(kind), Query(options, Shown(call)));
                return new KubeList<T>([.. page.Items.Select(i => Read(kind, i))], page.ResourceVersion, page.Continue);
            },
            cancellationToken);
    }

    public async IAsyncEnumerable<KubeWatchEvent<T>> WatchAsync<T>(
        KubeKind<T> kind, KubeWatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var call = new KubeCall(name, "watch", kind.Plural, new ObjectKey(options.Namespace, ""));
        var query = new WatchQuery
        {
            Namespace = options.Namespace,
            LabelSelector = options.LabelSelector,
            FieldSelector = options.FieldSelector,
            ResourceVersion = options.ResourceVersion,
        };
        using (var watch = await CallAsync(call, () => server.OpenWatch(call, server.Resource(kind), query), cancellationToken))
        {
            var (opened, marked) = (server.Time.GetTimestamp(), server.Time.GetTimestamp());
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var signal = watch.Changed;
                if (Effect(watch.Next) is { } next)
                {
                    if (Faults.BeforeEvent is { } hook)
                        await hook(call, cancellationToken);
                    yield return Event(kind, next);
                    continue;
                }

                var left = options.Timeout - server.Time.GetElapsedTime(opened);
                if (left <= TimeSpan.Zero)
                    yield break;
                var toBookmark = BookmarkInterval - server.Time.GetElapsedTime(marked);
                if (options.Bookmarks && toBookmark <= TimeSpan.Zero)
                {
                    marked = server.Time.GetTimestamp();
                    yield return Event(kind, watch.Bookmark());
                    continue;
                }

                await WaitAsync(signal, options.Bookmarks && toBookmark < left ? toBookmark : left, cancellationToken);
            }
        }
    }

    public Task<T> CreateAsync<T>(KubeKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        CallAsync(
            new KubeCall(name, "create", kind.Plural, body.Key()),
            () => Read(kind, server.Store.Create(
                server.Resource(kind), body.Metadata.NamespaceProperty ?? string.Empty, Json(kind.Write(body)), Written, server.Now).Object),
            cancellationToken);

    public Task<T> ReplaceAsync<T>(KubeKind<T> kind, T body, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        CallAsync(
            new KubeCall(name, "replace", kind.Plural, body.Key()),
            () => Read(kind, server.Store.Update(
                server.Resource(kind), InMemoryKubeServer.Name(body.Key()), Json(kind.Write(body)), Written, server.Now).Object),
            cancellationToken);

    public Task<T> PatchAsync<T>(
        KubeKind<T> kind, ObjectKey key, ReadOnlyMemory<byte> body, KubePatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        CallAsync(
            new KubeCall(name, "patch", kind.Plural, key, options.Subresource),
            () => Read(kind, server.Store.Patch(
                server.Resource(kind), InMemoryKubeServer.Name(key), Type(options.Type), Json(body), Query(options), server.Now).Object),
            cancellationToken);

    public Task DeleteAsync<T>(KubeKind<T> kind, ObjectKey key, KubeDeleteOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        DeleteAsync(kind, key, new DeleteQuery { Uid = options.Uid, ResourceVersion = options.ResourceVersion }, cancellationToken);

    private Task DeleteAsync<T>(KubeKind<T> kind, ObjectKey key, DeleteQuery query, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        CallAsync(
            new KubeCall(name, "delete", kind.Plural, key),
            () =>
            {
                var (resource, objectName) = (server.Resource(kind), InMemoryKubeServer.Name(key));
                return server.Store.Find(resource, objectName) is null ? null : server.Store.Delete(resource, objectName, query, server.Now);
            },
            cancellationToken);

    private static JsonObject Json(ReadOnlyMemory<byte> utf8) =>
        JsonNode.Parse(utf8.Span) as JsonObject ?? throw new KubeApiException(400, "BadRequest", "the body is not an object");

    private static T Read<T>(KubeKind<T> kind, KubeObject value)
        where T : class, IKubernetesObject<V1ObjectMeta> => kind.Read(value.BareUtf8);

    private static KubeWatchEvent<T> Event<T>(KubeKind<T> kind, WatchEvent change)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var type = change.Type switch
        {
            "ADDED" => KubeWatchEventType.Added,
            "MODIFIED" => KubeWatchEventType.Modified,
            "DELETED" => KubeWatchEventType.Deleted,
            _ => KubeWatchEventType.Bookmark,
        };
        return new KubeWatchEvent<T>(type, Read(kind, change.Object));
    }

    private static PatchType Type(KubePatchType type) => type switch
    {
        KubePatchType.Apply => PatchType.Apply,
        KubePatchType.Merge => PatchType.Merge,
        _ => PatchType.StrategicMerge,
    };

    private static WriteQuery Query(KubePatchOptions options) => new()
    {
        FieldManager = options.FieldManager,
        Subresource = options.Subresource,
        Force = options.Type == KubePatchType.Apply ? options.Force : null,
    };

    private ListQuery Query(KubeListOptions options, long? shown)
    {
        var query = new ListQuery
        {
            Namespace = options.Namespace,
            LabelSelector = options.LabelSelector,
            FieldSelector = options.FieldSelector,
            Limit = options.Limit,
            Continue = options.Continue,
            ResourceVersion = options.ResourceVersion,
        };
        if (shown is not { } old || options.Continue.Length > 0)
            return query;
        var version = Math.Clamp(old, server.Store.OldestVersion, server.Version).ToString(CultureInfo.InvariantCulture);
        return query with { ResourceVersion = version, ResourceVersionMatch = "Exact" };
    }

    private static TResult Effect<TResult>(Func<TResult> effect)
    {
        try
        {
            return effect();
        }
        catch (ApiStatusException e)
        {
            throw InMemoryKubeServer.Refused(e);
        }
    }

    private WriteQuery Written => new() { FieldManager = name };

    private long? Shown(KubeCall call) => Faults.ReadVersion?.Invoke(call, server.Version);

    private async Task<TResult> CallAsync<TResult>(KubeCall call, Func<TResult> effect, CancellationToken cancellationToken)
    {
        // A call is never answered within itself, as on a network.
        await Task.Yield();
        if (Faults.Before is { } before)
            await before(call, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        var result = Effect(effect);
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
