using k8s;
using k8s.Models;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Caching;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.Queueing;

namespace Vnetcni.ControllerRuntime.Reconciliation;

/// <summary>
/// Feeds a reconciler with the keys of what changed, and is the one place that decides about retry: an error → backoff,
/// <see cref="TerminalException"/> → none, <see cref="ReconcileResult.RequeueAfter"/> → that delay.
/// </summary>
public sealed class Controller : IController, IDisposable
{
    private readonly IReconciler reconciler;
    private readonly ControllerOptions options;
    private readonly TimeProvider time;
    private readonly RuntimeObserver observer;
    private readonly KeyValuePair<string, object?> label;

    /// <summary>Makes a controller that nothing feeds yet.</summary>
    public Controller(
        string name, IReconciler reconciler, TimeProvider time, Jitter jitter, ControllerOptions? options = null, RuntimeObserver? observer = null)
    {
        Name = name;
        this.reconciler = reconciler;
        this.time = time;
        this.options = options ?? new ControllerOptions();
        this.observer = observer ?? RuntimeObserver.None;
        label = new KeyValuePair<string, object?>("controller", name);
        Queue = new WorkQueue<ObjectKey>(time, jitter, this.options.Queue, new QueueMeter(name));
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The queue, for causes that no cache shows.</summary>
    public WorkQueue<ObjectKey> Queue { get; }

    /// <summary>Reconciles the objects of a cache themselves. To be called before the cache runs.</summary>
    /// <param name="cache">Where changes come from.</param>
    /// <param name="when">Which changes count; null = all.</param>
    /// <param name="priority">Priority of the key.</param>
    public Controller Watch<T>(WatchCache<T> cache, Func<ObjectChange<T>, bool>? when = null, int priority = 0)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        ArgumentNullException.ThrowIfNull(cache);
        cache.Subscribe(change =>
        {
            if (when is null || when(change))
                Queue.Add(change.Key, priority);
        });
        return this;
    }

    /// <summary>Reconciles other objects than the one that changed: what it concerned before, and what it concerns now.</summary>
    /// <param name="cache">Where changes come from.</param>
    /// <param name="map">The keys that one state of an object concerns.</param>
    /// <param name="when">Which changes count; null = all.</param>
    /// <param name="priority">Priority of the keys.</param>
    public Controller WatchMapped<T>(
        WatchCache<T> cache, Func<T, IEnumerable<ObjectKey>> map, Func<ObjectChange<T>, bool>? when = null, int priority = 0)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        ArgumentNullException.ThrowIfNull(cache);
        cache.Subscribe(change =>
        {
            if (when is not null && !when(change))
                return;
            foreach (var key in change.Old is { } old ? map(old) : [])
                Queue.Add(key, priority);
            foreach (var key in change.New is { } now ? map(now) : [])
                Queue.Add(key, priority);
        });
        return this;
    }

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var workers = new Task[Math.Max(1, options.Workers)];
        for (var i = 0; i < workers.Length; i++)
            workers[i] = WorkAsync(cancellationToken);
        await Task.WhenAll(workers);
    }

    /// <summary>Shuts the queue down.</summary>
    public void Dispose() => Queue.Dispose();

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            QueuedKey<ObjectKey>? next;
            try
            {
                next = await Queue.GetAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            if (next is not { } item)
                return;
            // Whoever added the key does not wait for its reconcile.
            await Task.Yield();
            try
            {
                await ReconcileAsync(item, cancellationToken);
            }
            finally
            {
                Queue.Done(item.Key);
            }
        }
    }

    private async Task ReconcileAsync(QueuedKey<ObjectKey> item, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        using var activity = RuntimeMetrics.Activities.StartActivity("reconcile");
        activity?.SetTag("controller", Name).SetTag("key", item.Key.ToString());
        RuntimeMetrics.ActiveWorkers.Add(1, label);
        var result = "error";
        try
        {
            result = Settle(item, await WithTimeoutAsync(item.Key, cancellationToken));
        }
        catch (TerminalException e)
        {
            result = "terminal";
            Queue.Forget(item.Key);
            observer.ReconcileGaveUp(Name, item.Key, e);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            result = "cancelled";
            Queue.Add(item.Key, item.Priority);
        }
#pragma warning disable CA1031 // The one place that decides about retry: whatever was thrown, the key comes back.
        catch (Exception e)
#pragma warning restore CA1031
        {
            var delay = Queue.AddAfterFailure(item.Key, item.Priority, (e as KubeApiException)?.RetryAfter ?? TimeSpan.Zero);
            activity?.SetStatus(System.Diagnostics.ActivityStatusCode.Error, e.Message);
            observer.ReconcileFailed(Name, item.Key, e, Queue.Failures(item.Key), delay);
        }
        finally
        {
            if (result is "error" or "terminal")
                RuntimeMetrics.ReconcileErrors.Add(1, label);
            RuntimeMetrics.ActiveWorkers.Add(-1, label);
            RuntimeMetrics.Reconciles.Add(1, label, new("result", result));
            RuntimeMetrics.ReconcileDuration.Record(time.GetElapsedTime(started).TotalSeconds, label);
        }
    }

    private string Settle(QueuedKey<ObjectKey> item, ReconcileResult result)
    {
        Queue.Forget(item.Key);
        if (result.RequeueAfter is not { } delay)
            return "success";
        Queue.AddAfter(item.Key, delay, result.Priority);
        return "requeue_after";
    }

    private async Task<ReconcileResult> WithTimeoutAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (options.ReconcileTimeout is not { } limit)
            return await reconciler.ReconcileAsync(key, cancellationToken);
        using var life = new CancellationTokenSource(limit, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, life.Token);
        try
        {
            return await reconciler.ReconcileAsync(key, linked.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested && life.IsCancellationRequested)
        {
            throw new TimeoutException($"the reconcile of '{key}' was cancelled after {limit}", e);
        }
    }
}
