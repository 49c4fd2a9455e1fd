using System.Text.Json;
using k8s;
using k8s.Models;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;

namespace Vnetcni.ControllerRuntime.Caching;

/// <summary>
/// A copy of the objects of one kind, kept up to date by list and watch. After an interruption it resumes from the last
/// resourceVersion; where that is too old it lists again and reports what changed meanwhile, deletions included.
/// </summary>
/// <remarks>
/// It may be late, and it is what the API server showed at some time, in order, per object. Whoever decides something
/// irreversible reads the object itself or writes with its resourceVersion.
/// Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
/// </remarks>
public sealed class WatchCache<T> : IWatchCache
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly Lock gate = new();
    private readonly IKubeApi api;
    private readonly KubeKind<T> kind;
    private readonly WatchCacheOptions<T> options;
    private readonly TimeProvider time;
    private readonly Jitter jitter;
    private readonly RuntimeObserver observer;
    private readonly List<Action<ObjectChange<T>>> handlers = [];
    private readonly TaskCompletionSource synced = new();
    private volatile CacheSnapshot<T> snapshot;
    private bool firstList = true;

    /// <summary>Makes an empty cache; <see cref="RunAsync"/> fills it.</summary>
    public WatchCache(
        IKubeApi api, KubeKind<T> kind, TimeProvider time, Jitter jitter, WatchCacheOptions<T>? options = null, RuntimeObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(kind);
        (this.api, this.kind, this.time, this.jitter) = (api, kind, time, jitter);
        this.options = options ?? new WatchCacheOptions<T>();
        this.observer = observer ?? RuntimeObserver.None;
        snapshot = CacheSnapshot<T>.Empty(this.options.Indexes);
    }

    /// <inheritdoc/>
    public string Name => kind.Plural;

    /// <inheritdoc/>
    public bool HasSynced => synced.Task.IsCompletedSuccessfully;

    /// <summary>The present state.</summary>
    public CacheSnapshot<T> Snapshot => snapshot;

    /// <summary>The version up to which the cache has seen everything; empty before the first list.</summary>
    public string ResourceVersion { get; private set; } = string.Empty;

    /// <summary>One object of the present state, or null.</summary>
    public T? Get(ObjectKey key) => snapshot.Get(key);

    /// <summary>
    /// Calls <paramref name="handler"/> for what is there now (as new) and for every change to come, one at a time. It
    /// only enqueues keys: it must neither block nor throw.
    /// </summary>
    public void Subscribe(Action<ObjectChange<T>> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        CacheSnapshot<T> present;
        lock (gate)
        {
            handlers.Add(handler);
            present = snapshot;
        }

        foreach (var value in present.Objects)
            Call(handler, new ObjectChange<T>(value.Key(), null, value));
    }

    /// <inheritdoc/>
    public Task WaitForSyncAsync(CancellationToken cancellationToken) => synced.Task.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            Exception? cause = null;
            try
            {
                if (ResourceVersion.Length == 0)
                    await ListAsync(cancellationToken);
                var started = time.GetTimestamp();
                var events = await WatchAsync(() => failures = 0, cancellationToken);
                // A watch that ends at once again and again must not spin.
                if (events == 0 && time.GetElapsedTime(started) < options.ShortestWatch)
                    cause = new IOException("the watch ended as soon as it began");
                else
                    failures = 0;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (IsTransient(e))
            {
                cause = e;
            }

            if (cause is not null)
                await RecoverAsync(cause, ++failures, cancellationToken);
        }
    }

    private static bool IsTransient(Exception e) =>
        e is KubeApiException or HttpRequestException or IOException or InvalidDataException or JsonException or OperationCanceledException;

    private async Task RecoverAsync(Exception cause, int failures, CancellationToken cancellationToken)
    {
        // Too old a version, or a stream that cannot be understood: only a list leads on.
        var relist = cause is KubeApiException { IsGone: true } or JsonException or InvalidDataException;
        if (relist)
            ResourceVersion = string.Empty;
        // The first 410 is nobody's fault and answered at once.
        var delay = cause is KubeApiException { IsGone: true } && failures == 1
            ? TimeSpan.Zero
            : jitter.Lengthen(options.Backoff.After(failures), 1);
        if (cause is KubeApiException { RetryAfter: { } asked } && asked > delay)
            delay = asked;
        RuntimeMetrics.WatchInterruptions.Add(1, new KeyValuePair<string, object?>("kind", Name));
        observer.WatchInterrupted(Name, cause, delay);
        try
        {
            await Task.Delay(delay, time, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var source = firstList && options.FirstListFromServerCache ? "0" : string.Empty;
        var lister = new PagedLister<T>(api, kind, options, source);
        var (items, version) = await lister.ListAsync(cancellationToken);
        var listed = new SortedDictionary<ObjectKey, T>();
        foreach (var item in items)
            listed[item.Key()] = item;
        var gone = snapshot.Keys.Where(k => !listed.ContainsKey(k)).ToList();
        foreach (var key in gone)
            Apply(key, null);
        foreach (var (key, value) in listed)
        {
            if (Get(key) is not { } old || old.Version() != value.Version() || old.Metadata.Uid != value.Metadata.Uid)
                Apply(key, value);
        }

        ResourceVersion = version;
        firstList = false;
        observer.Listed(Name, listed.Count, version);
        synced.TrySetResult();
    }

    private async Task<int> WatchAsync(Action onEvent, CancellationToken cancellationToken)
    {
        var events = 0;
        var watch = api.WatchAsync(
            kind,
            new KubeWatchOptions
            {
                Namespace = options.Namespace,
                LabelSelector = options.LabelSelector,
                FieldSelector = options.FieldSelector,
                ResourceVersion = ResourceVersion,
                Timeout = jitter.Lengthen(options.WatchTimeout, 1),
            },
            cancellationToken);
        await foreach (var change in watch.WithCancellation(cancellationToken))
        {
            events++;
            onEvent();
            if (change.Type == KubeWatchEventType.Deleted)
                Apply(change.Object.Key(), null);
            else if (change.Type != KubeWatchEventType.Bookmark)
                Apply(change.Object.Key(), change.Object);
            if (change.Object.Version() is { Length: > 0 } version)
                ResourceVersion = version;
        }

        return events;
    }

    private void Apply(ObjectKey key, T? value)
    {
        if (value is not null)
        {
            value.Metadata.ManagedFields = null;
            options.Trim?.Invoke(value);
        }

        Action<ObjectChange<T>>[] called;
        T? old;
        lock (gate)
        {
            old = snapshot.Get(key);
            if (old is null && value is null)
                return;
            snapshot = snapshot.With(key, value);
            called = [.. handlers];
        }

        foreach (var handler in called)
            Call(handler, new ObjectChange<T>(key, old, value));
    }

    private void Call(Action<ObjectChange<T>> handler, ObjectChange<T> change)
    {
        try
        {
            handler(change);
        }
#pragma warning disable CA1031 // One broken handler must not stop the cache that others live on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            observer.HandlerFailed(Name, change.Key, e);
        }
    }
}
