using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.Queueing;
using Xunit;

namespace Vnetcni.ControllerRuntime.Tests.Queueing;

/// <summary>The queue against the simplest model of it, and under load of many workers. CsCheck prints the seed of a failure.</summary>
public sealed class WorkQueuePropertyTests
{
    private enum Op
    {
        Add,
        AddAfter,
        Take,
        Done,
        Advance,
    }

    [Fact]
    public void It_behaves_as_its_model_does()
    {
        var step = Gen.Select(Gen.Enum<Op>(), Gen.Int[0, 4], Gen.Int[0, 6], Gen.Int[0, 2]);
        step.Array[0, 60].Sample(RunAgainstModel, iter: 20_000);
    }

    [Fact]
    public async Task Under_load_no_key_is_processed_twice_at_a_time_and_none_is_lost()
    {
        const int Keys = 20;
        const int Adds = 20_000;
        using var queue = new WorkQueue<int>(TimeProvider.System, new Jitter(1));
        var busy = new int[Keys];
        var seen = new int[Keys];
        var wanted = new int[Keys];
        var overlaps = 0;
        var workers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (await queue.GetAsync(TestContext.Current.CancellationToken) is { } item)
            {
                if (Interlocked.Increment(ref busy[item.Key]) != 1)
                    Interlocked.Increment(ref overlaps);
                // What was wanted before this processing began is seen by it.
                Volatile.Write(ref seen[item.Key], Volatile.Read(ref wanted[item.Key]));
                if (item.Key % 3 == 0)
                    await Task.Yield();
                Interlocked.Decrement(ref busy[item.Key]);
                queue.Done(item.Key);
            }
        })).ToArray();
        var adders = Enumerable.Range(0, 2).Select(a => Task.Run(() =>
        {
            var random = new Random(a);
            for (var i = 0; i < Adds; i++)
            {
                var key = random.Next(Keys);
                Interlocked.Increment(ref wanted[key]);
                if (random.Next(10) == 0)
                    queue.AddAfter(key, TimeSpan.FromMilliseconds(random.Next(3)), random.Next(3));
                else
                    queue.Add(key, random.Next(3));
            }
        })).ToArray();
        await Task.WhenAll(adders);
        var patience = DateTime.UtcNow.AddSeconds(20);
        // Three numbers, read one after the other: a key may pass from one to the next between them.
        while ((queue.Depth > 0 || queue.Delayed > 0 || queue.Processing > 0 || !wanted.AsSpan().SequenceEqual(seen)) && DateTime.UtcNow < patience)
            await Task.Delay(10, TestContext.Current.CancellationToken);
        queue.ShutDown();
        await Task.WhenAll(workers);
        Assert.Equal(0, overlaps);
        Assert.Equal(wanted, seen);
    }

    private static void RunAgainstModel((Op Op, int Key, int Seconds, int Priority)[] steps)
    {
        var time = new FakeTimeProvider();
        using var queue = new WorkQueue<int>(time, new Jitter(1));
        var model = new Model();
        foreach (var (op, key, seconds, priority) in steps)
        {
            switch (op)
            {
                case Op.Add:
                    queue.Add(key, priority);
                    model.Add(key, 0, priority);
                    break;
                case Op.AddAfter:
                    queue.AddAfter(key, TimeSpan.FromSeconds(seconds), priority);
                    model.Add(key, seconds, priority);
                    break;
                case Op.Take:
                    var expected = model.Take();
                    Assert.Equal(expected is not null, queue.Depth > 0);
                    if (expected is not null)
                        Assert.Equal(expected.Value, (queue.GetAsync(CancellationToken.None).Result!.Value.Key, -1).Key);
                    break;
                case Op.Done when model.Processing.Remove(key):
                    queue.Done(key);
                    model.Settle();
                    break;
                case Op.Advance:
                    for (var i = 0; i < seconds; i++)
                    {
                        time.Advance(TimeSpan.FromSeconds(1));
                        model.Tick();
                    }

                    break;
            }

            Assert.Equal(model.Processing.Count, queue.Processing);
            Assert.Equal(model.ReadyCount, queue.Depth);
            Assert.Equal(model.DelayedCount, queue.Delayed);
        }
    }

    /// <summary>A list of wishes; slow and plain.</summary>
    private sealed class Model
    {
        private readonly Dictionary<int, (int Due, int Priority, int Order)> wishes = [];
        private readonly Dictionary<int, int> readyOrder = [];
        private int now;
        private int order;

        public HashSet<int> Processing { get; } = [];

        public int ReadyCount => readyOrder.Count;

        public int DelayedCount => wishes.Count(w => w.Value.Due > now);

        public void Add(int key, int after, int priority)
        {
            var due = now + after;
            var had = wishes.TryGetValue(key, out var wish);
            var next = had ? (Math.Min(due, wish.Due), Math.Max(priority, wish.Priority)) : (due, priority);
            var moved = !had || next.Item1 < wish.Due || next.Item2 > wish.Priority;
            wishes[key] = (next.Item1, next.Item2, had && !moved ? wish.Order : order++);
            Settle();
        }

        public int? Take()
        {
            if (readyOrder.Count == 0)
                return null;
            var key = readyOrder.OrderByDescending(r => wishes[r.Key].Priority).ThenBy(r => r.Value).First().Key;
            readyOrder.Remove(key);
            wishes.Remove(key);
            Processing.Add(key);
            return key;
        }

        public void Tick()
        {
            now++;
            Settle();
        }

        public void Settle()
        {
            foreach (var (key, _) in wishes.Where(w => w.Value.Due <= now && !Processing.Contains(w.Key)).OrderBy(w => w.Value.Due).ThenBy(w => w.Value.Order))
            {
                if (!readyOrder.ContainsKey(key))
                    readyOrder[key] = order++;
            }
        }
    }
}
