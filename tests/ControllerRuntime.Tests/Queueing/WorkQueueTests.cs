using Microsoft.Extensions.Time.Testing;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.Queueing;
using Xunit;

namespace Vnetcni.ControllerRuntime.Tests.Queueing;

public sealed class WorkQueueTests
{
    private readonly FakeTimeProvider time = new();
    private readonly WorkQueue<string> queue;
    private readonly WorkQueueOptions options = new()
    {
        Backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10)),
        JitterFraction = 0,
    };

    public WorkQueueTests() => queue = new WorkQueue<string>(time, new Jitter(1), options);

    [Fact]
    public void A_key_added_twice_is_handed_out_once()
    {
        queue.Add("a");
        queue.Add("a");
        Assert.Equal("a", Take());
        Assert.False(CanTake());
    }

    [Fact]
    public void Keys_leave_in_the_order_in_which_they_became_ready()
    {
        queue.AddAfter("late", TimeSpan.FromSeconds(1));
        queue.Add("a");
        queue.Add("b");
        queue.Add("a");
        time.Advance(TimeSpan.FromSeconds(2));
        queue.Add("c");
        Assert.Equal(["a", "b", "late", "c"], [Take(), Take(), Take(), Take()]);
    }

    [Fact]
    public void A_higher_priority_leaves_first_and_is_raised_by_a_second_add()
    {
        queue.Add("a");
        queue.Add("b", 5);
        queue.Add("c", 5);
        queue.Add("a", 9);
        queue.Add("a", 1);
        Assert.Equal(["a", "b", "c"], [Take(), Take(), Take()]);
    }

    [Fact]
    public void A_key_added_while_it_is_processed_comes_again_after_Done_only()
    {
        queue.Add("a");
        Take();
        queue.Add("a");
        queue.Add("a");
        Assert.False(CanTake());
        queue.Done("a");
        Assert.Equal("a", Take());
        queue.Done("a");
        Assert.False(CanTake());
        Assert.Equal(0, queue.Processing);
    }

    [Fact]
    public void Of_two_delays_the_earlier_wins_whichever_came_first()
    {
        queue.AddAfter("a", TimeSpan.FromSeconds(10));
        queue.AddAfter("a", TimeSpan.FromSeconds(2));
        queue.AddAfter("b", TimeSpan.FromSeconds(2));
        queue.AddAfter("b", TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(CanTake());
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(["a", "b"], [Take(), Take()]);
        queue.Done("a");
        queue.Done("b");
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.False(CanTake());
    }

    [Fact]
    public void An_add_now_replaces_a_delayed_one()
    {
        queue.AddAfter("a", TimeSpan.FromSeconds(10));
        queue.Add("a");
        Assert.Equal("a", Take());
        queue.Done("a");
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.False(CanTake());
        Assert.Equal(0, queue.Delayed);
    }

    [Fact]
    public void A_key_delayed_while_processed_comes_at_its_time()
    {
        queue.Add("a");
        Take();
        queue.AddAfter("a", TimeSpan.FromSeconds(3));
        queue.Done("a");
        Assert.False(CanTake());
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("a", Take());
    }

    [Fact]
    public void A_key_whose_time_comes_while_it_is_processed_waits_for_Done()
    {
        queue.Add("a");
        Take();
        queue.AddAfter("a", TimeSpan.FromSeconds(3));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(CanTake());
        queue.Done("a");
        Assert.Equal("a", Take());
    }

    [Fact]
    public void Failures_double_the_delay_up_to_the_cap_until_forgotten()
    {
        double[] seconds = [.. Enumerable.Range(0, 7).Select(_ => queue.AddAfterFailure("a").TotalSeconds)];
        Assert.Equal([1, 2, 4, 8, 10, 10, 10], seconds);
        Assert.Equal(7, queue.Failures("a"));
        queue.Forget("a");
        Assert.Equal(1, queue.AddAfterFailure("a").TotalSeconds);
        Assert.Equal(1, queue.AddAfterFailure("b").TotalSeconds);
    }

    [Fact]
    public void A_failure_waits_at_least_as_long_as_it_was_told_to()
    {
        Assert.Equal(TimeSpan.FromSeconds(30), queue.AddAfterFailure("a", atLeast: TimeSpan.FromSeconds(30)));
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(CanTake());
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("a", Take());
    }

    [Fact]
    public async Task A_waiter_gets_the_next_key()
    {
        var waiting = queue.GetAsync(TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        queue.AddAfter("a", TimeSpan.FromSeconds(1));
        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("a", (await waiting)!.Value.Key);
    }

    [Fact]
    public async Task A_cancelled_waiter_loses_no_key()
    {
        using var cancel = new CancellationTokenSource();
        var first = queue.GetAsync(cancel.Token);
        var second = queue.GetAsync(TestContext.Current.CancellationToken);
        cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        queue.Add("a");
        Assert.Equal("a", (await second)!.Value.Key);
    }

    [Fact]
    public async Task Shutdown_wakes_waiters_and_drops_what_is_queued()
    {
        var waiting = queue.GetAsync(TestContext.Current.CancellationToken);
        queue.AddAfter("a", TimeSpan.FromSeconds(1));
        queue.ShutDown();
        queue.Add("b");
        Assert.Null(await waiting);
        Assert.Null(await queue.GetAsync(TestContext.Current.CancellationToken));
        Assert.Equal((0, 0), (queue.Depth, queue.Delayed));
    }

    [Fact]
    public void Done_without_a_key_in_process_is_a_fault_of_the_caller()
    {
        queue.Add("a");
        Assert.Throws<InvalidOperationException>(() => queue.Done("a"));
    }

    [Fact]
    public void A_very_long_delay_neither_overflows_the_timer_nor_fires_early()
    {
        queue.AddAfter("a", TimeSpan.FromDays(100));
        time.Advance(TimeSpan.FromDays(99));
        Assert.False(CanTake());
        time.Advance(TimeSpan.FromDays(1));
        Assert.Equal("a", Take());
    }

    private string Take()
    {
        var task = queue.GetAsync(CancellationToken.None);
        Assert.True(task.IsCompletedSuccessfully, "no key is ready");
        return task.Result!.Value.Key;
    }

    private bool CanTake() => queue.Depth > 0;
}
