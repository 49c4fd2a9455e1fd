using k8s.Models;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Caching;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.Queueing;
using Vnetcni.ControllerRuntime.Reconciliation;
using Vnetcni.TestSupport.Kubernetes;
using Vnetcni.TestSupport.Simulation;
using Xunit;

namespace Vnetcni.ControllerRuntime.Tests.Reconciliation;

public sealed class ControllerTests
{
    private static readonly ControllerOptions Options = new()
    {
        Workers = 3,
        Queue = new WorkQueueOptions { Backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60)), JitterFraction = 0 },
    };

    private sealed class Reconciler(Func<ObjectKey, CancellationToken, Task<ReconcileResult>> step) : IReconciler
    {
        public Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken) => step(key, cancellationToken);
    }

    private sealed class Observer : RuntimeObserver
    {
        public List<string> Lines { get; } = [];

        public override void ReconcileFailed(string controller, ObjectKey key, Exception cause, int failures, TimeSpan delay) =>
            Lines.Add($"{controller} {key} {cause.GetType().Name} {failures} {delay.TotalSeconds}");

        public override void ReconcileGaveUp(string controller, ObjectKey key, TerminalException cause) =>
            Lines.Add($"{controller} {key} gave up: {cause.Message}");
    }

    private static void Run(
        Func<Simulator, ObjectKey, CancellationToken, Task<ReconcileResult>> step,
        Func<Simulator, Controller, Observer, Task> test,
        ControllerOptions? options = null)
    {
        Simulator.Run(1, async s =>
        {
            var observer = new Observer();
            using var controller = new Controller("test", new Reconciler((k, t) => step(s, k, t)), s.Time, new Jitter(1), options ?? Options, observer);
            using var stop = new CancellationTokenSource();
            var run = s.Spawn("controller", () => controller.RunAsync(stop.Token));
            await test(s, controller, observer);
            stop.Cancel();
            await run;
        });
    }

    [Fact]
    public void A_failure_is_retried_with_a_growing_delay_and_a_success_ends_the_row()
    {
        var calls = new List<double>();
        Run(
            (s, _, _) =>
            {
                calls.Add(s.Time.Elapsed.TotalSeconds);
                return calls.Count is 4 or 6 ? Task.FromResult(ReconcileResult.Done) : throw new InvalidOperationException("no");
            },
            async (s, controller, observer) =>
            {
                controller.Queue.Add(new("a"));
                await s.Delay(TimeSpan.FromSeconds(100));
                controller.Queue.Add(new("a"));
                await s.Delay(TimeSpan.FromSeconds(100));
                Assert.Equal([0, 1, 3, 7, 100, 101], calls);
                Assert.Equal(["test a InvalidOperationException 1 1", "test a InvalidOperationException 2 2", "test a InvalidOperationException 3 4", "test a InvalidOperationException 1 1"], observer.Lines);
            });
    }

    [Fact]
    public void A_terminal_failure_waits_for_the_next_change()
    {
        var calls = 0;
        Run(
            (_, _, _) =>
            {
                calls++;
                throw new TerminalException("invalid");
            },
            async (s, controller, observer) =>
            {
                controller.Queue.Add(new("a"));
                await s.Delay(TimeSpan.FromHours(1));
                Assert.Equal(1, calls);
                Assert.Equal(["test a gave up: invalid"], observer.Lines);
                controller.Queue.Add(new("a"));
                await s.Delay(TimeSpan.FromHours(1));
                Assert.Equal(2, calls);
            });
    }

    [Fact]
    public void RequeueAfter_is_a_delay_that_a_change_brings_forward()
    {
        var calls = new List<double>();
        Run(
            (s, _, _) =>
            {
                calls.Add(s.Time.Elapsed.TotalSeconds);
                return Task.FromResult(ReconcileResult.After(TimeSpan.FromSeconds(30)));
            },
            async (s, controller, _) =>
            {
                controller.Queue.Add(new("a"));
                await s.Delay(TimeSpan.FromSeconds(40));
                controller.Queue.Add(new("a"));
                await s.Delay(TimeSpan.FromSeconds(40));
                Assert.Equal([0, 30, 40, 70], calls);
            });
    }

    [Fact]
    public void The_servers_Retry_After_is_obeyed()
    {
        var calls = new List<double>();
        Run(
            (s, _, _) =>
            {
                calls.Add(s.Time.Elapsed.TotalSeconds);
                return calls.Count == 1 ? throw new KubeApiException(429, "TooManyRequests", "slow", TimeSpan.FromSeconds(20)) : Task.FromResult(ReconcileResult.Done);
            },
            async (s, controller, _) =>
            {
                controller.Queue.Add(new("a"));
                await s.Delay(TimeSpan.FromSeconds(60));
                Assert.Equal([0, 20], calls);
            });
    }

    [Fact]
    public void Workers_run_side_by_side_but_never_on_one_key()
    {
        var (active, most) = (new Dictionary<ObjectKey, int>(), 0);
        Run(
            async (s, key, token) =>
            {
                active[key] = active.GetValueOrDefault(key) + 1;
                Assert.Equal(1, active[key]);
                most = Math.Max(most, active.Values.Sum());
                await Task.Delay(TimeSpan.FromSeconds(s.Random.Next(3)), s.Time, token);
                active[key]--;
                return ReconcileResult.Done;
            },
            async (s, controller, observer) =>
            {
                for (var i = 0; i < 500; i++)
                {
                    controller.Queue.Add(new($"k{s.Random.Next(6)}"));
                    await s.Delay(TimeSpan.FromMilliseconds(s.Random.Next(400)));
                }

                await s.Delay(TimeSpan.FromMinutes(1));
                Assert.Equal(3, most);
                Assert.Empty(observer.Lines);
                Assert.Equal((0, 0), (controller.Queue.Depth, controller.Queue.Processing));
            });
    }

    [Fact]
    public void A_reconcile_beyond_its_limit_is_cancelled_and_counts_as_a_failure()
    {
        Run(
            async (s, _, token) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, s.Time, token);
                return ReconcileResult.Done;
            },
            async (s, controller, observer) =>
            {
                controller.Queue.Add(new("a"));
                await s.Delay(TimeSpan.FromSeconds(6));
                Assert.Equal(["test a TimeoutException 1 1"], observer.Lines);
            },
            Options with { ReconcileTimeout = TimeSpan.FromSeconds(5) });
    }

    [Fact]
    public void A_stop_waits_for_the_reconcile_under_way()
    {
        Simulator.Run(1, async s =>
        {
            var ended = false;
            using var controller = new Controller(
                "test",
                new Reconciler(async (_, token) =>
                {
                    try
                    {
                        await Task.Delay(Timeout.InfiniteTimeSpan, s.Time, token);
                    }
                    finally
                    {
                        await s.Delay(TimeSpan.FromSeconds(4), CancellationToken.None);
                        ended = true;
                    }

                    return ReconcileResult.Done;
                }),
                s.Time,
                new Jitter(1));
            using var stop = new CancellationTokenSource();
            var run = s.Spawn("controller", () => controller.RunAsync(stop.Token));
            controller.Queue.Add(new("a"));
            await s.Delay(TimeSpan.FromSeconds(1));
            stop.Cancel();
            await run;
            Assert.True(ended);
            Assert.Equal(5, s.Time.Elapsed.TotalSeconds);
        });
    }

    [Fact]
    public void A_change_of_a_pod_reconciles_the_nodes_it_concerned_and_concerns()
    {
        var reconciled = new List<string>();
        Simulator.Run(1, async s =>
        {
            var server = new InMemoryKubeServer(s.Time);
            var api = server.Client("test");
            var pods = new WatchCache<V1Pod>(api, KubeKinds.Pods, s.Time, new Jitter(1));
            var nodes = new WatchCache<V1Node>(api, KubeKinds.Nodes, s.Time, new Jitter(2));
            using var controller = new Controller("test", new Reconciler((k, _) =>
            {
                reconciled.Add(k.Name);
                return Task.FromResult(ReconcileResult.Done);
            }), s.Time, new Jitter(3));
            controller
                .Watch(nodes, when: c => c.Old is null || c.New is null)
                .WatchMapped(pods, p => p.Spec.NodeName is { Length: > 0 } n ? [new ObjectKey(n)] : []);
            var manager = new ControllerManager().Add(pods).Add(nodes).Add(controller);
            using var stop = new CancellationTokenSource();
            var run = s.Spawn("manager", () => manager.RunAsync(stop.Token));
            await api.CreateAsync(KubeKinds.Nodes, new V1Node { Metadata = new() { Name = "n1" } }, default);
            await s.Delay(TimeSpan.FromSeconds(1));
            Assert.True(manager.IsSynced);
            Assert.Equal(["n1"], reconciled);
            await api.PatchAsync(KubeKinds.Nodes, new("n1"), "{\"spec\":{\"unschedulable\":true}}"u8.ToArray(), new(KubePatchType.Merge, "x"), default);
            var pod = await api.CreateAsync(KubeKinds.Pods, new V1Pod { Metadata = new() { Name = "p", NamespaceProperty = "default" }, Spec = new() { Containers = [new V1Container { Name = "c", Image = "i" }] } }, default);
            await s.Delay(TimeSpan.FromSeconds(1));
            Assert.Equal(["n1"], reconciled);
            pod.Spec.NodeName = "n1";
            pod = await api.ReplaceAsync(KubeKinds.Pods, pod, default);
            await s.Delay(TimeSpan.FromSeconds(1));
            await api.RemovePodAsync(pod.Key());
            await s.Delay(TimeSpan.FromSeconds(1));
            pod.Metadata = new() { Name = "q", NamespaceProperty = "default" };
            pod.Spec.NodeName = "n2";
            await api.CreateAsync(KubeKinds.Pods, pod, default);
            await s.Delay(TimeSpan.FromSeconds(1));
            // The end of a pod is told twice: marked, then gone.
            Assert.Equal(["n1", "n1", "n1", "n1", "n2"], reconciled);
            stop.Cancel();
            await run;
            Assert.Equal(0, server.Watches);
        });
    }
}
