namespace Vnetcni.NodeAgent.Allocation;

/// <summary>Wakes one loop. Signals that come while it works count as one. Safe for concurrent use; for one waiter.</summary>
internal sealed class AsyncSignal(TimeProvider time)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _waiter;
    private bool _set;

    /// <summary>Never call it under a lock: the loop may go on in here until it yields.</summary>
    public void Set()
    {
        TaskCompletionSource? waiter;
        lock (_gate)
        {
            waiter = _waiter;
            _waiter = null;
            _set = waiter is null;
        }

        waiter?.TrySetResult();
    }

    /// <summary>Returns at the next signal, or when the time is over (null = never).</summary>
    public async Task WaitAsync(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new TaskCompletionSource();
        lock (_gate)
        {
            if (_set)
            {
                _set = false;
                return;
            }

            _waiter = waiter;
        }

        var limit = timeout is not { } value ? Timeout.InfiniteTimeSpan : value < TimeSpan.Zero ? TimeSpan.Zero : value;
        using var timer = time.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), waiter, limit, Timeout.InfiniteTimeSpan);
        using var cancelled = cancellationToken.Register(static state => ((TaskCompletionSource)state!).TrySetCanceled(), waiter);
        try
        {
            await waiter.Task;
        }
        finally
        {
            // After a time-out nobody has taken it away: a signal given to it from now on would be lost.
            lock (_gate)
            {
                if (_waiter == waiter)
                    _waiter = null;
            }
        }

        // Whoever gave the signal goes on first.
        await Task.Yield();
    }
}
