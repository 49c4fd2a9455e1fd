using k8s.Models;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Caching;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.LeaderElection;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.TestSupport.Kubernetes;
using Vnetcni.TestSupport.Simulation;
using Xunit;

namespace Vnetcni.ControllerRuntime.Tests.Reconciliation;

public sealed class ControllerManagerTests
{
    private sealed class Loop(string name, Simulator sim, Func<CancellationToken, Task> body) : IController
    {
        public string Name => name;

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            sim.Trace.Add($"{name} starts");
            try
            {
                await body(cancellationToken);
            }
            finally
            {
                sim.Trace.Add($"{name} ends");
            }
        }
    }

    private static LeaderElector Elector(Simulator s, InMemoryKubeServer server, string name) => new(
        server.Client(name), new LeaderElectionOptions { Namespace = "default", Name = "lease", Identity = name }, s.Time, new Jitter(s.NextSeed()));

    private static string Events(Simulator s) => string.Join(", ", s.Trace.Lines.Select(l => l.TrimStart().Split(' ', 2)[1]));

    [Fact]
    public void It_starts_and_stops_in_order()
    {
        var run = Simulator.Run(1, async s =>
        {
            var server = new InMemoryKubeServer(s.Time);
            server.Committed += c => s.Trace.Add($"lease: '{c.After?["spec"]?["holderIdentity"]}'");
            var cache = new WatchCache<V1Node>(server.Client("a"), KubeKinds.Nodes, s.Time, new Jitter(1));
            var manager = new ControllerManager(Elector(s, server, "a"))
                .Add(cache)
                .Prepare(t =>
                {
                    s.Trace.Add(cache.HasSynced ? "prepared after sync" : "prepared too early");
                    return s.Delay(TimeSpan.FromSeconds(1), t);
                })
                .Add(new Loop("one", s, async t =>
                {
                    try
                    {
                        await s.Delay(TimeSpan.FromDays(1), t);
                    }
                    finally
                    {
                        await s.Delay(TimeSpan.FromMilliseconds(500), CancellationToken.None);
                        s.Trace.Add(server.Watches == 1 ? "cache still follows" : "cache ended too early");
                    }
                }));
            using var stop = new CancellationTokenSource();
            var running = s.Spawn("manager", async () => Assert.Equal(LeadershipEnd.Stopped, await manager.RunAsync(stop.Token)));
            await s.Delay(TimeSpan.FromSeconds(1.2));
            Assert.True(manager.IsLeader && manager.IsSynced);
            stop.Cancel();
            await running;
            Assert.Equal(0, server.Watches);
        });
        Assert.Equal("lease: 'a', prepared after sync, one starts, cache still follows, one ends, lease: ''", Events(run));
    }

    [Fact]
    public void A_controller_that_breaks_stops_the_others_and_its_exception_comes_out()
    {
        Simulator.Run(1, async s =>
        {
            var server = new InMemoryKubeServer(s.Time);
            var stopped = false;
            var manager = new ControllerManager(Elector(s, server, "a"))
                .Add(new Loop("breaks", s, async t =>
                {
                    await s.Delay(TimeSpan.FromSeconds(3), t);
                    throw new InvalidDataException("broken");
                }))
                .Add(new Loop("other", s, async t =>
                {
                    try
                    {
                        await s.Delay(TimeSpan.FromDays(1), t);
                    }
                    catch (OperationCanceledException)
                    {
                        stopped = true;
                    }
                }));
            await Assert.ThrowsAsync<InvalidDataException>(() => manager.RunAsync(default));
            Assert.True(stopped);
            Assert.True(string.IsNullOrEmpty(server.Json(KubeKinds.Leases, new("default", "lease"))!["spec"]!["holderIdentity"]?.GetValue<string>()));
        });
    }

    [Fact]
    public void A_stop_before_the_first_sync_ends_at_once()
    {
        Simulator.Run(1, async s =>
        {
            var server = new InMemoryKubeServer(s.Time);
            var api = server.Client("a");
            api.Faults.Before = (_, _) => throw new HttpRequestException("down");
            var manager = new ControllerManager().Add(new WatchCache<V1Node>(api, KubeKinds.Nodes, s.Time, new Jitter(1))).Add(new Loop("never", s, _ => Task.CompletedTask));
            using var stop = new CancellationTokenSource();
            var running = manager.RunAsync(stop.Token);
            await s.Delay(TimeSpan.FromSeconds(30));
            stop.Cancel();
            Assert.Equal(LeadershipEnd.Stopped, await running);
            Assert.Empty(s.Trace.Lines);
        });
    }
}
