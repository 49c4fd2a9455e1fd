using Vnetcni.TestSupport.Simulation;
using Xunit;

namespace Vnetcni.ControllerRuntime.Tests.Simulation;

public sealed class SimulatorTests
{
    [Fact]
    public void Everything_runs_on_one_thread_and_takes_no_real_time()
    {
        var threads = new HashSet<int>();
        var started = DateTime.UtcNow;
        var run = Simulator.Run(1, async s =>
        {
            for (var i = 0; i < 100; i++)
            {
                threads.Add(Environment.CurrentManagedThreadId);
                await Task.Delay(TimeSpan.FromMinutes(1), s.Time);
                threads.Add(Environment.CurrentManagedThreadId);
                await Task.Yield();
                threads.Add(Environment.CurrentManagedThreadId);
            }
        });
        Assert.Equal([Environment.CurrentManagedThreadId], threads);
        Assert.Equal(TimeSpan.FromMinutes(100), run.Time.Elapsed);
        Assert.True(DateTime.UtcNow - started < TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void One_seed_gives_one_trace()
    {
        var traces = Enumerable.Range(0, 3).Select(_ => Busy(42).Trace).ToList();
        Assert.True(traces[0].Lines.Count > 500);
        Assert.All(traces, t => Assert.Equal(traces[0].Lines, t.Lines));
        Assert.All(traces, t => Assert.Equal(traces[0].Digest, t.Digest));
    }

    [Fact]
    public void Another_seed_gives_another_interleaving() =>
        Assert.True(Enumerable.Range(0, 10).Select(s => Busy(s).Trace.Digest).Distinct().Count() > 5);

    [Fact]
    public void Timers_fire_in_the_order_of_their_time_then_of_their_setting()
    {
        var fired = new List<string>();
        Simulator.Run(1, async s =>
        {
            var timers = new List<ITimer>();
            foreach (var (name, at) in new[] { ("c", 2), ("a", 1), ("d", 2), ("b", 1) })
                timers.Add(s.Time.CreateTimer(_ => fired.Add($"{name}{s.Time.Elapsed.TotalSeconds}"), null, TimeSpan.FromSeconds(at), Timeout.InfiniteTimeSpan));
            await s.Delay(TimeSpan.FromSeconds(3));
        });
        Assert.Equal(["a1", "b1", "c2", "d2"], fired);
    }

    [Fact]
    public void Timeouts_and_cancellation_follow_the_virtual_clock()
    {
        Simulator.Run(1, async s =>
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), s.Time);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(TimeSpan.FromHours(1), s.Time, limit.Token));
            Assert.Equal(5, s.Time.Elapsed.TotalSeconds);
            await Assert.ThrowsAsync<TimeoutException>(() => new TaskCompletionSource().Task.WaitAsync(TimeSpan.FromSeconds(2), s.Time));
            Assert.Equal(7, s.Time.Elapsed.TotalSeconds);
        });
    }

    [Fact]
    public void Semaphores_and_channels_stay_on_the_thread()
    {
        var run = Simulator.Run(3, async s =>
        {
            var channel = System.Threading.Channels.Channel.CreateUnbounded<int>();
            using var semaphore = new SemaphoreSlim(1);
            var readers = Enumerable.Range(0, 3).Select(r => s.Spawn($"reader {r}", async () =>
            {
                await foreach (var item in channel.Reader.ReadAllAsync())
                {
                    await semaphore.WaitAsync();
                    s.Trace.Add($"reader {r} got {item}");
                    await s.Delay(TimeSpan.FromSeconds(1));
                    semaphore.Release();
                }
            })).ToList();
            for (var i = 0; i < 10; i++)
                channel.Writer.TryWrite(i);
            channel.Writer.Complete();
            await Task.WhenAll(readers);
        });
        Assert.Equal(10, run.Trace.Lines.Count);
        Assert.Equal(10, run.Time.Elapsed.TotalSeconds);
    }

    [Fact]
    public void Work_that_leaves_the_thread_fails_the_run_and_names_the_seed()
    {
        var e = Assert.Throws<SimulationException>(() => Simulator.Run(77, async s =>
        {
            await Task.Run(() => Thread.Sleep(20));
            await s.Delay(TimeSpan.FromSeconds(1));
        }, new SimulationOptions { Limit = TimeSpan.FromSeconds(10) }));
        Assert.Contains("seed 77", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_delay_within_WhenAny_leaves_the_thread_and_is_caught()
    {
        var e = Assert.Throws<SimulationException>(() => Simulator.Run(5, async s =>
        {
            using var cancel = new CancellationTokenSource();
            var waiting = s.Spawn("waits", () => Task.WhenAny(new TaskCompletionSource().Task, Task.Delay(TimeSpan.FromHours(1), s.Time, cancel.Token)));
            await s.Delay(TimeSpan.FromSeconds(1));
            cancel.Cancel();
            await waiting;
        }));
        Assert.Contains("left the simulation's thread", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_standstill_is_a_failure()
    {
        var e = Assert.Throws<SimulationException>(() => Simulator.Run(1, _ => new TaskCompletionSource().Task));
        Assert.Contains("nothing can go on", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_limit_of_virtual_time_ends_an_endless_run()
    {
        var options = new SimulationOptions { Limit = TimeSpan.FromMinutes(1) };
        var e = Assert.Throws<SimulationException>(() => Simulator.Run(1, async s =>
        {
            while (true)
                await s.Delay(TimeSpan.FromSeconds(1));
        }, options));
        Assert.Contains("time limit", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_in_the_background_fails_the_run_with_its_cause()
    {
        var e = Assert.Throws<SimulationException>(() => Simulator.Run(1, async s =>
        {
            _ = s.Spawn("breaks", async () =>
            {
                await s.Delay(TimeSpan.FromSeconds(1));
                throw new InvalidDataException("broken");
            });
            await s.Delay(TimeSpan.FromHours(1));
        }));
        Assert.IsType<InvalidDataException>(e.InnerException);
    }

    private static Simulator Busy(int seed) => Simulator.Run(seed, async s =>
    {
        var workers = Enumerable.Range(0, 8).Select(w => s.Spawn($"worker {w}", async () =>
        {
            for (var i = 0; i < 40; i++)
            {
                s.Trace.Add($"worker {w} step {i}");
                if (s.Random.Next(3) == 0)
                    await s.Delay(TimeSpan.FromMilliseconds(s.Random.Next(50)));
                else
                    await Task.Yield();
                s.Trace.Add($"worker {w} goes on with {s.Random.Next()}");
            }
        })).ToList();
        await Task.WhenAll(workers);
    });
}
