using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using k8s.Models;
using Vnetcni.Cluster.Tests.Fixture;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Caching;
using Vnetcni.ControllerRuntime.Diagnostics;
using Xunit;

namespace Vnetcni.Cluster.Tests.ControllerRuntime;

public sealed class WatchCacheTests(ClusterFixture cluster) : IAsyncLifetime
{
    private readonly CancellationTokenSource stop = new();
    private readonly List<Func<Task>> cleanUp = [];
    private HttpKubeApi? direct;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private HttpKubeApi Direct => direct ??= cluster.Api();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        foreach (var step in cleanUp)
            await step();
        direct?.Dispose();
    }

    [Fact]
    public async Task It_lists_in_pages_and_follows()
    {
        var ns = await cluster.NamespaceAsync(Direct, cleanUp);
        for (var i = 0; i < 7; i++)
            await MakeAsync(ns, $"l{i}");
        var (cache, gate, _) = Start(ns, pageSize: 3);
        await cache.WaitForSyncAsync(Token);
        Assert.Equal(3, gate.Lists);
        Assert.Equal(7, cache.Snapshot.Count);
        await MakeAsync(ns, "new");
        await Direct.DeleteAsync(KubeKinds.Leases, new(ns, "l3"), new(), Token);
        await Direct.PatchAsync(KubeKinds.Leases, new(ns, "l1"), Encoding.UTF8.GetBytes("{\"metadata\":{\"labels\":{\"a\":\"b\"}}}"), new(KubePatchType.Merge, "t"), Token);
        await Eventually.HoldsAsync(
            () => cache.Get(new(ns, "new")) is not null && cache.Get(new(ns, "l3")) is null && cache.Get(new(ns, "l1"))!.Metadata.Labels is not null,
            "the cache shows the changes");
        Assert.Null(cache.Get(new(ns, "new"))!.Metadata.ManagedFields);
        Assert.Equal((3, 1), (gate.Lists, gate.Watches));
    }

    [Fact]
    public async Task It_resumes_after_a_cut_without_a_list_and_misses_nothing()
    {
        var ns = await cluster.NamespaceAsync(Direct, cleanUp);
        await MakeAsync(ns, "a");
        var (cache, gate, changes) = Start(ns);
        await cache.WaitForSyncAsync(Token);
        await Eventually.HoldsAsync(() => gate.Watches == 1, "the watch is open");
        gate.Cut();
        await MakeAsync(ns, "b");
        await Direct.DeleteAsync(KubeKinds.Leases, new(ns, "a"), new(), Token);
        gate.Mend();
        await Eventually.HoldsAsync(() => changes.Contains("-a") && changes.Contains("+b"), "the changes of the gap are seen");
        Assert.Equal(1, gate.Lists);
    }

    [Fact]
    public async Task A_watch_ends_at_its_timeout_after_a_bookmark()
    {
        var version = (await Direct.ListAsync(KubeKinds.Namespaces, new(), Token)).ResourceVersion;
        // A change that the watch does not select: only a bookmark carries it past.
        var change = Task.Run(async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), Token);
            await cluster.NamespaceAsync(Direct, cleanUp);
        });
        var started = DateTime.UtcNow;
        var bookmarks = new List<string>();
        var options = new KubeWatchOptions { ResourceVersion = version, FieldSelector = "metadata.name=none", Timeout = TimeSpan.FromSeconds(6) };
        await foreach (var e in Direct.WatchAsync(KubeKinds.Namespaces, options, Token))
        {
            if (e.Type == KubeWatchEventType.Bookmark)
                bookmarks.Add(e.Object.Version());
        }

        await change;
        Assert.InRange((DateTime.UtcNow - started).TotalSeconds, 5, 12);
        Assert.NotEmpty(bookmarks);
        Assert.All(bookmarks, b => Assert.True(long.Parse(b, CultureInfo.InvariantCulture) > long.Parse(version, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_watch_from_a_forgotten_version_is_answered_410()
    {
        if (!await cluster.Require().TryStopServerAsync())
            Assert.Skip($"the server is not ours to restart ({cluster.Require().Source})");
        await cluster.Require().StartServerAsync();
        var e = await Assert.ThrowsAsync<KubeApiException>(async () =>
        {
            await foreach (var item in Direct.WatchAsync(KubeKinds.Namespaces, new KubeWatchOptions { ResourceVersion = "1", Timeout = TimeSpan.FromSeconds(5) }, Token))
                Assert.Equal(KubeWatchEventType.Bookmark, item.Type);
        });
        Assert.True(e.IsGone, e.Message);
    }

    [Fact]
    public async Task After_a_restart_that_forgot_its_version_it_lists_again_and_reports_the_deletions_of_the_gap()
    {
        var ns = await cluster.NamespaceAsync(Direct, cleanUp);
        foreach (var name in new[] { "a", "b", "c" })
            await MakeAsync(ns, name);
        var (cache, gate, changes) = Start(ns);
        await cache.WaitForSyncAsync(Token);
        await Eventually.HoldsAsync(() => gate.Watches == 1, "the watch is open");
        gate.Cut();
        await Direct.DeleteAsync(KubeKinds.Leases, new(ns, "b"), new(), Token);
        await MakeAsync(ns, "d");
        // The deletion must lie before the version from which the restarted server knows the history.
        for (var i = 0; i < 5; i++)
            await Direct.PatchAsync(KubeKinds.Leases, new(ns, "d"), Encoding.UTF8.GetBytes($"{{\"metadata\":{{\"labels\":{{\"a\":\"{i}\"}}}}}}"), new(KubePatchType.Merge, "t"), Token);
        if (!await cluster.Require().TryStopServerAsync())
            Assert.Skip($"the server is not ours to restart ({cluster.Require().Source})");
        await cluster.Require().StartServerAsync();
        gate.Mend();
        await Eventually.HoldsAsync(() => changes.Contains("-b") && changes.Contains("+d"), "the changes of the gap are seen", 60);
        Assert.Equal(2, gate.Lists);
        Assert.Equal("a c d", string.Join(' ', cache.Snapshot.Keys.Select(k => k.Name)));
        await MakeAsync(ns, "e");
        await Eventually.HoldsAsync(() => cache.Get(new(ns, "e")) is not null, "the cache follows again");
    }

    [Fact]
    public async Task A_continue_token_that_the_store_has_compacted_away_leads_to_a_list_in_one_piece()
    {
        var ns = await cluster.NamespaceAsync(Direct, cleanUp);
        for (var i = 0; i < 6; i++)
            await MakeAsync(ns, $"l{i}");
        var first = await Direct.ListAsync(KubeKinds.Leases, new() { Namespace = ns, Limit = 2 }, Token);
        await Direct.DeleteAsync(KubeKinds.Leases, new(ns, "l0"), new(), Token);
        var newest = (await Direct.ListAsync(KubeKinds.Namespaces, new(), Token)).ResourceVersion;
        if (!await cluster.Require().TryCompactAsync(long.Parse(newest, CultureInfo.InvariantCulture)))
            Assert.Skip($"the store is not ours to compact ({cluster.Require().Source})");
        var e = await Assert.ThrowsAsync<KubeApiException>(
            () => Direct.ListAsync(KubeKinds.Leases, new() { Namespace = ns, Limit = 2, Continue = first.Continue }, Token));
        Assert.True(e.IsGone, e.Message);
        // The same within the cache's own list: compact between its pages.
        var gate = new GatedApi(new CompactingApi(Direct, async () =>
        {
            await MakeAsync(ns, "late");
            var version = (await Direct.ListAsync(KubeKinds.Namespaces, new(), Token)).ResourceVersion;
            await cluster.Require().TryCompactAsync(long.Parse(version, CultureInfo.InvariantCulture));
        }));
        var (cache, _, _) = Start(ns, pageSize: 2, gate: gate);
        await cache.WaitForSyncAsync(Token);
        Assert.Equal("l1 l2 l3 l4 l5 late", string.Join(' ', cache.Snapshot.Keys.Select(k => k.Name)));
    }

    private (WatchCache<V1Lease> Cache, GatedApi Gate, ConcurrentQueue<string> Changes) Start(string ns, int pageSize = 500, GatedApi? gate = null)
    {
        gate ??= new GatedApi(Direct);
        var options = new WatchCacheOptions<V1Lease>
        {
            Namespace = ns,
            PageSize = pageSize,
            // After a long cut the usual one would outlast the tests' patience.
            Backoff = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)),
        };
        var cache = new WatchCache<V1Lease>(gate, KubeKinds.Leases, TimeProvider.System, new Jitter(1), options);
        var changes = new ConcurrentQueue<string>();
        cache.Subscribe(c => changes.Enqueue($"{(c.Old is null ? "+" : c.New is null ? "-" : "~")}{c.Key.Name}"));
        var running = cache.RunAsync(stop.Token);
        cleanUp.Insert(0, () => running);
        return (cache, gate, changes);
    }

    private Task<V1Lease> MakeAsync(string ns, string name) =>
        Direct.CreateAsync(KubeKinds.Leases, new V1Lease { Metadata = new() { Name = name, NamespaceProperty = ns } }, Token);
}
