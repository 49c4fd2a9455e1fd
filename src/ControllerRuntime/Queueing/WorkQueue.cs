using Vnetcni.ControllerRuntime.Diagnostics;

namespace Vnetcni.ControllerRuntime.Queueing;

/// <summary>
/// A queue of keys. A key is in it at most once, is never handed out twice at a time, and carries nothing but its
/// priority: who takes it reads the present state.
/// </summary>
/// <remarks>
/// Of several wishes for one key the earliest due time and the highest priority win. Within one priority keys leave in the order
/// in which they became ready; a lower priority waits while a higher one is ready. A key added while it is processed
/// becomes ready when <see cref="Done"/> is called. Safe for concurrent use; uses no thread of its own.
/// </remarks>
/// <typeparam name="TKey">An immutable key.</typeparam>
public sealed class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly WorkQueueOptions options;
    private readonly Jitter jitter;
    private readonly IQueueMetrics? metrics;
    private readonly Dictionary<TKey, Entry> entries = [];
    private readonly Dictionary<TKey, int> failures = [];
    private readonly SortedSet<Entry> ready = new(Comparer<Entry>.Create(Entry.ByPriority));
    private readonly SortedSet<Entry> delayed = new(Comparer<Entry>.Create(Entry.ByDue));
    private readonly LinkedList<TaskCompletionSource<QueuedKey<TKey>?>> waiters = [];
    private readonly ITimer timer;
    private readonly long origin;
    private long sequence;
    private bool shutDown;

    /// <summary>Makes an empty queue.</summary>
    public WorkQueue(TimeProvider time, Jitter jitter, WorkQueueOptions? options = null, IQueueMetrics? metrics = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        this.time = time;
        this.jitter = jitter;
        this.options = options ?? new WorkQueueOptions();
        this.metrics = metrics;
        origin = time.GetTimestamp();
        timer = time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Keys that can be handed out now.</summary>
    public int Depth
    {
        get { lock (gate) return ready.Count; }
    }

    /// <summary>Keys that wait for their time.</summary>
    public int Delayed
    {
        get { lock (gate) return delayed.Count; }
    }

    /// <summary>Keys handed out and not done.</summary>
    public int Processing
    {
        get { lock (gate) return entries.Values.Count(e => e.Processing); }
    }

    // Monotonic: a step of the wall clock moves no key.
    private TimeSpan Now => time.GetElapsedTime(origin);

    /// <summary>Makes the key ready now.</summary>
    public void Add(TKey key, int priority = 0) => AddAfter(key, TimeSpan.Zero, priority);

    /// <summary>Makes the key ready after <paramref name="delay"/>, unless it is or will be so before.</summary>
    public void AddAfter(TKey key, TimeSpan delay, int priority = 0)
    {
        lock (gate)
        {
            if (shutDown)
                return;
            if (!entries.TryGetValue(key, out var entry))
                entries.Add(key, entry = new Entry(key));
            var due = Now + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero);
            if (entry.Wanted && entry.Due <= due && entry.Priority >= priority)
                return;
            var wasReady = ready.Remove(entry);
            delayed.Remove(entry);
            entry.Priority = entry.Wanted ? Math.Max(entry.Priority, priority) : priority;
            entry.Due = entry.Wanted && entry.Due < due ? entry.Due : due;
            entry.Wanted = true;
            if (wasReady)
                ready.Add(entry);
            else
                List(entry);
        }

        Deliver();
    }

    /// <summary>
    /// Counts a failure of the key and makes it ready after its backoff, or after <paramref name="atLeast"/> if that is
    /// longer. Returns the delay.
    /// </summary>
    public TimeSpan AddAfterFailure(TKey key, int priority = 0, TimeSpan atLeast = default)
    {
        int count;
        lock (gate)
        {
            count = failures[key] = Math.Min(failures.GetValueOrDefault(key) + 1, int.MaxValue - 1);
            if (!shutDown)
                metrics?.Retried();
        }

        var delay = jitter.Lengthen(options.Backoff.After(count), options.JitterFraction);
        delay = delay < atLeast ? atLeast : delay;
        AddAfter(key, delay, priority);
        return delay;
    }

    /// <summary>Failures of the key in a row.</summary>
    public int Failures(TKey key)
    {
        lock (gate)
            return failures.GetValueOrDefault(key);
    }

    /// <summary>Ends the row of failures.</summary>
    public void Forget(TKey key)
    {
        lock (gate)
            failures.Remove(key);
    }

    /// <summary>Waits for a key. Null once the queue is shut down. Cancelling loses no key.</summary>
    public async Task<QueuedKey<TKey>?> GetAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new TaskCompletionSource<QueuedKey<TKey>?>();
        LinkedListNode<TaskCompletionSource<QueuedKey<TKey>?>> node;
        lock (gate)
        {
            if (shutDown)
                return null;
            if (TakeReady() is { } taken)
                return taken;
            node = waiters.AddLast(waiter);
        }

        var registration = cancellationToken.Register(() =>
        {
            lock (gate)
            {
                // Not in the list: a key is on its way to this waiter and must reach it.
                if (node.List is null)
                    return;
                waiters.Remove(node);
            }

            waiter.TrySetCanceled(cancellationToken);
        });
        try
        {
            return await waiter.Task;
        }
        finally
        {
            registration.Unregister();
        }
    }

    /// <summary>Ends the processing of a key; it becomes ready if it was added meanwhile.</summary>
    public void Done(TKey key)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(key, out var entry) || !entry.Processing)
                throw new InvalidOperationException($"'{key}' is not being processed");
            entry.Processing = false;
            if (!entry.Wanted)
                entries.Remove(key);
            else if (!delayed.Contains(entry))
                List(entry);
        }

        Deliver();
    }

    /// <summary>Hands out nothing more and wakes who waits. Keys in the queue are dropped.</summary>
    public void ShutDown()
    {
        List<TaskCompletionSource<QueuedKey<TKey>?>> woken;
        lock (gate)
        {
            if (shutDown)
                return;
            shutDown = true;
            metrics?.DepthChanged(-ready.Count);
            ready.Clear();
            delayed.Clear();
            foreach (var entry in entries.Values)
                entry.Wanted = false;
            woken = [.. waiters];
            waiters.Clear();
            timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        foreach (var waiter in woken)
            waiter.TrySetResult(null);
    }

    /// <summary>Shuts the queue down.</summary>
    public void Dispose()
    {
        ShutDown();
        timer.Dispose();
    }

    private void OnTimer()
    {
        lock (gate)
        {
            if (shutDown)
                return;
            var now = Now;
            while (delayed.Min is { } first && first.Due <= now)
            {
                delayed.Remove(first);
                List(first);
            }

            Arm();
        }

        Deliver();
    }

    private QueuedKey<TKey>? TakeReady()
    {
        if (ready.Min is not { } entry)
            return null;
        ready.Remove(entry);
        metrics?.DepthChanged(-1);
        metrics?.HandedOut(Now - entry.ReadySince);
        (entry.Wanted, entry.Processing) = (false, true);
        return new QueuedKey<TKey>(entry.Key, entry.Priority);
    }

    // Waiters are completed outside the lock: what awaits them may run at once, here.
    private void Deliver()
    {
        while (true)
        {
            TaskCompletionSource<QueuedKey<TKey>?> waiter;
            QueuedKey<TKey> taken;
            lock (gate)
            {
                if (waiters.First is not { } node || TakeReady() is not { } next)
                    return;
                waiters.RemoveFirst();
                (waiter, taken) = (node.Value, next);
            }

            waiter.TrySetResult(taken);
        }
    }

    private void List(Entry entry)
    {
        // A processed key stays out of both lists unless its time is yet to come.
        var now = Now;
        entry.Sequence = ++sequence;
        if (entry.Due > now)
        {
            delayed.Add(entry);
            if (ReferenceEquals(delayed.Min, entry))
                Arm();
        }
        else if (!entry.Processing)
        {
            entry.ReadySince = now;
            ready.Add(entry);
            metrics?.DepthChanged(1);
        }
    }

    private void Arm()
    {
        if (delayed.Min is not { } first)
            return;
        var wait = first.Due - Now;
        // Timers take at most 49 days, and a wait in whole milliseconds must not wake before the time.
        var bounded = Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 0, TimeSpan.FromDays(1).TotalMilliseconds);
        timer.Change(TimeSpan.FromMilliseconds(bounded), Timeout.InfiniteTimeSpan);
    }

    private sealed class Entry(TKey key)
    {
        public TKey Key { get; } = key;

        public int Priority { get; set; }

        public TimeSpan Due { get; set; }

        public TimeSpan ReadySince { get; set; }

        public long Sequence { get; set; }

        /// <summary>The key is to be handed out (again).</summary>
        public bool Wanted { get; set; }

        public bool Processing { get; set; }

        public static int ByPriority(Entry a, Entry b)
        {
            var byPriority = b.Priority.CompareTo(a.Priority);
            return byPriority != 0 ? byPriority : a.Sequence.CompareTo(b.Sequence);
        }

        public static int ByDue(Entry a, Entry b)
        {
            var byDue = a.Due.CompareTo(b.Due);
            return byDue != 0 ? byDue : a.Sequence.CompareTo(b.Sequence);
        }
    }
}
