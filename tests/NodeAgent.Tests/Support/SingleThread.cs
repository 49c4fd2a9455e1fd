using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Time.Testing;

namespace Vnetcni.NodeAgent.Tests.Support;

/// <summary>
/// Runs a test on one thread: every continuation is queued here, and when the queue is empty the virtual clock moves on. The
/// same test takes the same steps every time.
/// </summary>
internal sealed class SingleThread : SynchronizationContext
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _queue = new();

    private readonly int _thread = Environment.CurrentManagedThreadId;

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != _thread)
            throw new InvalidOperationException("something runs on another thread: the test would not be repeatable");
        _queue.Enqueue((d, state));
    }

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public static void Run(FakeTimeProvider time, Func<Task> test)
    {
        var before = Current;
        var context = new SingleThread();
        SetSynchronizationContext(context);
        try
        {
            var task = test();
            var limit = time.GetUtcNow() + TimeSpan.FromHours(6);
            var busy = 0;
            while (!task.IsCompleted)
            {
                if (++busy > 100_000)
                    throw new TimeoutException($"the code spins at {time.GetUtcNow():O}, in {context._queue.Peek().State}");
                if (context._queue.TryDequeue(out var work))
                {
                    work.Callback(work.State);
                }
                else if (time.GetUtcNow() < limit)
                {
                    time.Advance(Step);
                    busy = 0;
                }
                else
                    throw new TimeoutException("the test waits for something that never comes");
            }

            if (task.IsFaulted)
                ExceptionDispatchInfo.Throw(task.Exception!.InnerException!);
            if (task.IsCanceled)
                throw new TimeoutException("the test was cancelled");
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }
}
