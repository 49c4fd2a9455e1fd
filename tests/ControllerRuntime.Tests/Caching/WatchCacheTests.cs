using k8s.Models;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Caching;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.TestSupport.Kubernetes;
using Vnetcni.TestSupport.Simulation;
using Xunit;

namespace Vnetcni.ControllerRuntime.Tests.Caching;

public sealed class WatchCacheTests
{
    private sealed class Fixture
    {
        public required Simulator Sim { get; init; }
        public required InMemoryKubeServer Server { get; init; }
        public required InMemoryKubeApi Writer { get; init; }
        public required InMemoryKubeApi Api { get; init; }
        public required WatchCache<V1Pod> Cache { get; init; }
        public required List<string> Changes { get; init; }
        public List<KubeCall> Calls { get; } = [];
        public CancellationTokenSource Stop { get; } = new();
        public Task Running { get; private set; } = Task.CompletedTask;

        public void Start() => Running = Sim.Spawn("cache", () => Cache.RunAsync(Stop.Token));

        public async Task EndAsync()
        {
            Stop.Cancel();
            await Running;
        }

        public Task AddAsync(string name, string? node = "n1") => Writer.CreateAsync(KubeKinds.Pods, Pod(name, node), default);

        public Task RemoveAsync(string name) => Writer.RemovePodAsync(new("default", name));

        public Task Settle() => Sim.Delay(TimeSpan.FromMilliseconds(1));

        public string Names => string.Join(' ', Cache.Snapshot.Keys.Select(k => k.Name));
    }

    private static V1Pod Pod(string name, string? node) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" },
        Spec = new V1PodSpec { NodeName = node, Containers = [new V1Container { Name = "c", Image = "i" }] },
    };

    private static void Run(Func<Fixture, Task> test, WatchCacheOptions<V1Pod>? options = null, int seed = 1)
    {
        Simulator.Run(seed, async s =>
        {
            var server = new InMemoryKubeServer(s.Time);
            var api = server.Client("cache");
            var cache = new WatchCache<V1Pod>(api, KubeKinds.Pods, s.Time, new Jitter(s.NextSeed()), options);
            var changes = new List<string>();
            cache.Subscribe(c => changes.Add($"{(c.Old is null ? "+" : c.New is null ? "-" : "~")}{c.Key.Name}"));
            var fixture = new Fixture { Sim = s, Server = server, Writer = server.Client("writer"), Api = api, Cache = cache, Changes = changes };
            api.Faults.Before = (call, _) =>
            {
                fixture.Calls.Add(call);
                return Task.CompletedTask;
            };
            await test(fixture);
            await fixture.EndAsync();
        });
    }

    [Fact]
    public void It_lists_in_pages_then_follows() => Run(
        async f =>
        {
            for (var i = 0; i < 7; i++)
                await f.AddAsync($"p{i}");
            Assert.False(f.Cache.HasSynced);
            f.Start();
            await f.Cache.WaitForSyncAsync(default);
            Assert.Equal(["+p0", "+p1", "+p2", "+p3", "+p4", "+p5", "+p6"], f.Changes);
            Assert.Equal(3, f.Calls.Count(c => c.Verb == "list"));
            await f.AddAsync("q");
            await f.RemoveAsync("p3");
            await f.Settle();
            Assert.Equal("p0 p1 p2 p4 p5 p6 q", f.Names);
            Assert.Equal(["+q", "~p3", "-p3"], f.Changes[7..]);
            Assert.Null(f.Cache.Get(new("default", "p0"))!.Metadata.ManagedFields);
        },
        new WatchCacheOptions<V1Pod> { PageSize = 3 });

    [Fact]
    public void It_resumes_from_where_it_was_without_a_list() => Run(async f =>
    {
        await f.AddAsync("a");
        f.Start();
        await f.Cache.WaitForSyncAsync(default);
        for (var i = 0; i < 5; i++)
        {
            f.Server.DropWatches();
            await f.AddAsync($"b{i}");
            await f.RemoveAsync($"b{i}");
            await f.Sim.Delay(TimeSpan.FromMinutes(1));
        }

        Assert.Single(f.Calls, c => c.Verb == "list");
        Assert.Equal(["+a", "+b0", "~b0", "-b0", "+b1", "~b1", "-b1", "+b2", "~b2", "-b2", "+b3", "~b3", "-b3", "+b4", "~b4", "-b4"], f.Changes);
    });

    [Fact]
    public void After_410_it_lists_again_and_reports_what_was_deleted_in_the_gap() => Run(async f =>
    {
        foreach (var name in new[] { "a", "b", "c" })
            await f.AddAsync(name);
        f.Start();
        await f.Cache.WaitForSyncAsync(default);
        await f.Settle();
        f.Changes.Clear();
        f.Server.DropWatches();
        await f.RemoveAsync("b");
        await f.AddAsync("d");
        await f.RemoveAsync("c");
        await f.AddAsync("c", "n2");
        f.Server.Compact();
        await f.Sim.Delay(TimeSpan.FromMinutes(1));
        Assert.Equal(["-b", "~c", "+d"], f.Changes);
        Assert.Equal(2, f.Calls.Count(c => c.Verb == "list"));
        await f.AddAsync("e");
        await f.Settle();
        Assert.Equal("a c d e", f.Names);
    });

    [Fact]
    public void A_continue_token_that_expires_makes_it_list_in_one_piece() => Run(
        async f =>
        {
            for (var i = 0; i < 6; i++)
                await f.AddAsync($"p{i}");
            var lists = 0;
            f.Api.Faults.Before = async (call, _) =>
            {
                if (call.Verb != "list" || ++lists != 2)
                    return;
                await f.RemoveAsync("p0");
                f.Server.Compact();
            };
            f.Start();
            await f.Cache.WaitForSyncAsync(default);
            Assert.Equal(3, lists);
            Assert.Equal("p1 p2 p3 p4 p5", f.Names);
        },
        new WatchCacheOptions<V1Pod> { PageSize = 2 });

    [Fact]
    public void Bookmarks_carry_a_quiet_watch_past_a_compaction() => Run(async f =>
    {
        await f.AddAsync("a");
        f.Start();
        await f.Cache.WaitForSyncAsync(default);
        for (var i = 0; i < 20; i++)
            await f.Writer.CreateAsync(KubeKinds.Nodes, new V1Node { Metadata = new() { Name = $"n{i}" } }, default);
        await f.Sim.Delay(TimeSpan.FromSeconds(61));
        f.Server.Compact();
        f.Server.DropWatches();
        await f.Sim.Delay(TimeSpan.FromMinutes(1));
        Assert.Single(f.Calls, c => c.Verb == "list");
        Assert.Equal(f.Server.Version.ToString(), f.Cache.ResourceVersion);
    });

    [Fact]
    public void Watches_that_end_normally_are_renewed_without_haste() => Run(async f =>
    {
        f.Start();
        await f.Cache.WaitForSyncAsync(default);
        await f.Sim.Delay(TimeSpan.FromHours(1));
        Assert.InRange(f.Calls.Count(c => c.Verb == "watch"), 6, 13);
        Assert.Single(f.Calls, c => c.Verb == "list");
    });

    [Fact]
    public void Failures_are_retried_with_a_growing_delay_and_Retry_After_is_obeyed() => Run(async f =>
    {
        var tries = new List<TimeSpan>();
        TimeSpan? asked = null;
        f.Api.Faults.Before = (_, _) =>
        {
            tries.Add(f.Sim.Time.Elapsed);
            throw new KubeApiException(503, "ServiceUnavailable", "starting", asked);
        };
        f.Start();
        await f.Sim.Delay(TimeSpan.FromMinutes(10));
        Assert.InRange(tries.Count, 12, 30);
        var waits = tries.Zip(tries.Skip(1), (a, b) => (b - a).TotalSeconds).ToList();
        Assert.True(waits[0] < 2 && waits.Max() <= 60);
        asked = TimeSpan.FromMinutes(3);
        await f.Sim.Delay(TimeSpan.FromMinutes(20));
        waits = [.. tries.Zip(tries.Skip(1), (a, b) => (b - a).TotalSeconds)];
        Assert.True(waits[^1] >= 180);
        Assert.False(f.Cache.HasSynced);
    });

    [Fact]
    public void A_server_that_closes_every_watch_at_once_is_not_hammered() => Run(async f =>
    {
        f.Start();
        await f.Cache.WaitForSyncAsync(default);
        f.Server.DropWatches();
        f.Api.Faults.After = (call, _) =>
        {
            if (call.Verb == "watch")
                throw new IOException("closed");
            return Task.CompletedTask;
        };
        f.Calls.Clear();
        await f.Sim.Delay(TimeSpan.FromMinutes(10));
        Assert.InRange(f.Calls.Count, 10, 40);
    });

    [Fact]
    public void An_index_finds_pods_by_node_through_every_change() => Run(
        async f =>
        {
            await f.AddAsync("a", "n1");
            await f.AddAsync("b", null);
            f.Start();
            await f.Cache.WaitForSyncAsync(default);
            var before = f.Cache.Snapshot;
            var b = f.Cache.Get(new("default", "b"))!;
            Assert.Null(b.Spec.Containers);
            var moved = (await f.Writer.GetAsync(KubeKinds.Pods, new("default", "b"), default))!;
            moved.Spec.NodeName = "n1";
            await f.Writer.ReplaceAsync(KubeKinds.Pods, moved, default);
            await f.RemoveAsync("a");
            await f.AddAsync("c", "n1");
            await f.Settle();
            Assert.Equal(["b", "c"], f.Cache.Snapshot.ByIndex("node", "n1").Select(p => p.Metadata.Name));
            Assert.Empty(f.Cache.Snapshot.ByIndex("node", "none"));
            // A snapshot taken before shows what was then.
            Assert.Equal(["a"], before.ByIndex("node", "n1").Select(p => p.Metadata.Name));
            Assert.Equal(["b"], before.ByIndex("node", "none").Select(p => p.Metadata.Name));
            Assert.Throws<ArgumentException>(() => before.ByIndex("zone", "1"));
        },
        new WatchCacheOptions<V1Pod>
        {
            Indexes = [new CacheIndex<V1Pod>("node", p => [p.Spec.NodeName ?? "none"])],
            Trim = p => p.Spec.Containers = null,
        });

    [Fact]
    public void A_handler_that_throws_does_not_stop_the_cache() => Run(async f =>
    {
        f.Cache.Subscribe(_ => throw new InvalidOperationException("broken handler"));
        f.Start();
        await f.AddAsync("a");
        await f.Settle();
        await f.AddAsync("b", null);
        await f.Settle();
        Assert.Equal("a b", f.Names);
    });

    [Fact]
    public void A_late_subscriber_is_told_what_is_there() => Run(async f =>
    {
        await f.AddAsync("a");
        f.Start();
        await f.Cache.WaitForSyncAsync(default);
        var late = new List<string>();
        f.Cache.Subscribe(c => late.Add(c.Key.Name));
        await f.AddAsync("b", null);
        await f.Settle();
        Assert.Equal(["a", "b"], late);
    });

    [Fact]
    public void The_first_list_may_come_from_the_servers_cache_the_next_never_does() => Run(
        async f =>
        {
            await f.AddAsync("a");
            f.Start();
            await f.Cache.WaitForSyncAsync(default);
            f.Server.DropWatches();
            await f.AddAsync("b", null);
            f.Server.Compact();
            await f.Sim.Delay(TimeSpan.FromMinutes(1));
            Assert.Equal("a b", f.Names);
        },
        new WatchCacheOptions<V1Pod> { FirstListFromServerCache = true });

    /// <summary>Whatever happens to the connection, the cache ends up with what is there, and its reports add up to it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Under_chaos_it_converges_and_its_reports_add_up(int seed) => Run(
        async f =>
        {
            var reported = new SortedSet<string>(StringComparer.Ordinal);
            f.Cache.Subscribe(c => Assert.True(c.New is null ? reported.Remove(c.Key.Name) : reported.Add(c.Key.Name) == (c.Old is null)));
            f.Api.Faults.Before = async (_, token) =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(f.Sim.Random.Next(200)), f.Sim.Time, token);
                if (f.Sim.Random.Next(4) == 0)
                    throw new HttpRequestException("lost");
            };
            f.Api.Faults.BeforeEvent = (_, token) => Task.Delay(TimeSpan.FromMilliseconds(f.Sim.Random.Next(50)), f.Sim.Time, token);
            f.Start();
            for (var i = 0; i < 400; i++)
            {
                var name = $"p{f.Sim.Random.Next(12)}";
                if (await f.Writer.GetAsync(KubeKinds.Pods, new("default", name), default) is null)
                    await f.AddAsync(name);
                else
                    await f.RemoveAsync(name);
                if (f.Sim.Random.Next(10) == 0)
                    f.Server.DropWatches();
                if (f.Sim.Random.Next(25) == 0)
                    f.Server.Compact();
                await f.Sim.Delay(TimeSpan.FromMilliseconds(f.Sim.Random.Next(400)));
            }

            f.Api.Faults.Before = null;
            await f.Sim.Delay(TimeSpan.FromMinutes(2));
            var truth = (await f.Writer.ListAsync(KubeKinds.Pods, new(), default)).Items.Select(p => p.Metadata.Name).ToList();
            Assert.Equal(string.Join(' ', truth), f.Names);
            Assert.Equal(truth, reported);
        },
        new WatchCacheOptions<V1Pod> { PageSize = 3 },
        seed);
}
