using k8s;
using k8s.Models;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;

namespace Vnetcni.ControllerRuntime.Events;

/// <summary>
/// Writes events in the background. The same event (object, type, reason, message) within a window becomes a higher
/// count of one Event; each object has a limited rate; what cannot be written is dropped, counted and told to the observer.
/// </summary>
public sealed class EventRecorder : IEventRecorder
{
    private readonly Lock gate = new();
    private readonly IKubeApi api;
    private readonly EventRecorderOptions options;
    private readonly TimeProvider time;
    private readonly RuntimeObserver observer;
    private readonly LinkedList<Pending> pending = [];
    private readonly Dictionary<EventKey, Pending> pendingByKey = [];
    private readonly RecentMap<EventKey, Written> written;
    private readonly EventRate rate;
    private TaskCompletionSource wake = new();
    private long sequence;

    /// <summary>Makes a recorder; <see cref="RunAsync"/> writes what it is given.</summary>
    public EventRecorder(IKubeApi api, EventRecorderOptions options, TimeProvider time, RuntimeObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        (this.api, this.options, this.time) = (api, options, time);
        this.observer = observer ?? RuntimeObserver.None;
        written = new RecentMap<EventKey, Written>(options.MaxRemembered);
        rate = new EventRate(options, time);
    }

    /// <inheritdoc/>
    public void Normal(IKubernetesObject<V1ObjectMeta> about, string reason, string message) =>
        Record(about, "Normal", reason, message);

    /// <inheritdoc/>
    public void Warning(IKubernetesObject<V1ObjectMeta> about, string reason, string message) =>
        Record(about, "Warning", reason, message);

    /// <summary>Writes until cancelled, then what is left, for a short time. Throws nothing.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // A write under way at the stop has the same short time as those that follow. Not disposed: the timer may be firing.
        var limit = new CancellationTokenSource();
        await using var timer = time.CreateTimer(_ => limit.Cancel(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using var stop = cancellationToken.Register(() => timer.Change(options.FlushTimeout, Timeout.InfiniteTimeSpan));
        while (true)
        {
            Task more;
            lock (gate)
                more = wake.Task;
            while (!limit.IsCancellationRequested && Next() is { } next)
                await WriteAsync(next, limit.Token);
            try
            {
                await more.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private void Record(IKubernetesObject<V1ObjectMeta> about, string type, string reason, string message)
    {
        var key = new EventKey(
            about.ApiVersion ?? string.Empty, about.Kind ?? string.Empty, about.Key(), about.Metadata?.Uid ?? string.Empty, type, reason, message);
        var now = time.GetUtcNow().UtcDateTime;
        string? dropped = null;
        TaskCompletionSource? woken = null;
        lock (gate)
        {
            if (pendingByKey.TryGetValue(key, out var waiting))
            {
                waiting.Count++;
                waiting.Last = now;
            }
            else if (pending.Count >= options.MaxPending)
            {
                dropped = "queue_full";
            }
            else if (!rate.Take(key))
            {
                dropped = "rate";
            }
            else
            {
                var added = new Pending(key, now);
                pending.AddLast(added);
                pendingByKey.Add(key, added);
                (woken, wake) = (wake, new TaskCompletionSource());
            }
        }

        if (dropped is not null)
            Drop(key, dropped);
        woken?.TrySetResult();
    }

    private Pending? Next()
    {
        lock (gate)
        {
            if (pending.First is not { Value: var next })
                return null;
            pending.RemoveFirst();
            pendingByKey.Remove(next.Key);
            return next;
        }
    }

    private async Task WriteAsync(Pending next, CancellationToken cancellationToken)
    {
        // Whoever recorded the event does not wait for its writing.
        await Task.Yield();
        try
        {
            if (!await TryRepeatAsync(next, cancellationToken))
                await CreateAsync(next, cancellationToken);
        }
#pragma warning disable CA1031 // Events are for people: no fault here may reach the work.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Drop(next.Key, e is KubeApiException ? "refused" : "no_answer", e.Message);
        }
    }

    private async Task<bool> TryRepeatAsync(Pending next, CancellationToken cancellationToken)
    {
        if (!written.TryGet(next.Key, out var before) || next.Last - before.Last > options.DedupeWindow)
            return false;
        var now = before with { Count = before.Count + next.Count, Last = next.Last };
        try
        {
            var patch = EventObject.Repeated(now.Count, now.Last);
            await api.PatchAsync(KubeKinds.Events, now.Event, patch, new KubePatchOptions(KubePatchType.Merge, options.Component), cancellationToken);
        }
        catch (KubeApiException e) when (e.IsNotFound)
        {
            // The server forgets events after an hour.
            written.Remove(next.Key);
            return false;
        }

        written.Set(next.Key, now);
        return true;
    }

    private async Task CreateAsync(Pending next, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            var made = EventObject.Create(next.Key, options, next.First, next.Last, next.Count, sequence++);
            try
            {
                await api.CreateAsync(KubeKinds.Events, made, cancellationToken);
                written.Set(next.Key, new Written(made.Key(), next.Count, next.Last));
                return;
            }
            catch (KubeApiException e) when (e.IsAlreadyExists && tries < 3)
            {
                continue;
            }
        }
    }

    private void Drop(EventKey key, string cause, string? detail = null)
    {
        RuntimeMetrics.EventsDropped.Add(1, new KeyValuePair<string, object?>("cause", cause));
        observer.EventDropped(key.Reason, key.About, detail ?? cause);
    }

    private sealed class Pending(EventKey key, DateTime first)
    {
        public EventKey Key { get; } = key;

        public DateTime First { get; } = first;

        public DateTime Last { get; set; } = first;

        public int Count { get; set; } = 1;
    }

    private sealed record Written(ObjectKey Event, int Count, DateTime Last);
}
