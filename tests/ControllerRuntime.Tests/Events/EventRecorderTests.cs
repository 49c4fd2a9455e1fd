using k8s.Models;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.Events;
using Vnetcni.TestSupport.Kubernetes;
using Vnetcni.TestSupport.Simulation;
using Xunit;

namespace Vnetcni.ControllerRuntime.Tests.Events;

public sealed class EventRecorderTests
{
    private static readonly V1Node Node = new() { ApiVersion = "v1", Kind = "Node", Metadata = new() { Name = "n1", Uid = "u1" } };

    private sealed class Observer : RuntimeObserver
    {
        public List<string> Dropped { get; } = [];

        public override void EventDropped(string reason, ObjectKey about, string cause) => Dropped.Add($"{reason} {about} {cause}");
    }

    private static void Run(Func<Simulator, InMemoryKubeApi, EventRecorder, Observer, Task> test, Func<EventRecorderOptions, EventRecorderOptions>? change = null)
    {
        Simulator.Run(1, async s =>
        {
            var api = new InMemoryKubeServer(s.Time).Client("test");
            var observer = new Observer();
            var options = new EventRecorderOptions { Component = "vnetcni-operator", Instance = "pod-1" };
            var recorder = new EventRecorder(api, change?.Invoke(options) ?? options, s.Time, observer);
            using var stop = new CancellationTokenSource();
            var run = s.Spawn("recorder", () => recorder.RunAsync(stop.Token));
            await test(s, api, recorder, observer);
            stop.Cancel();
            await run;
        });
    }

    private static async Task<List<Corev1Event>> WrittenAsync(InMemoryKubeApi api) =>
        [.. (await api.ListAsync(KubeKinds.Events, new(), default)).Items];

    [Fact]
    public void An_event_says_who_what_and_when() => Run(async (s, api, recorder, _) =>
    {
        recorder.Warning(Node, "SubnetExhausted", "Subnet a has 0 of 251 addresses free.");
        await s.Delay(TimeSpan.FromSeconds(1));
        var e = Assert.Single(await WrittenAsync(api));
        Assert.Equal(("default", "Warning", "SubnetExhausted", "Subnet a has 0 of 251 addresses free.", 1), (e.Metadata.NamespaceProperty, e.Type, e.Reason, e.Message, e.Count));
        Assert.Equal(("Node", "v1", "n1", "u1"), (e.InvolvedObject.Kind, e.InvolvedObject.ApiVersion, e.InvolvedObject.Name, e.InvolvedObject.Uid));
        Assert.Equal(("vnetcni-operator", "pod-1"), (e.ReportingComponent, e.ReportingInstance));
        Assert.StartsWith("n1.", e.Metadata.Name, StringComparison.Ordinal);
    });

    [Fact]
    public void The_same_event_within_the_window_raises_a_count_and_after_it_is_a_new_one() => Run(async (s, api, recorder, _) =>
    {
        for (var i = 0; i < 5; i++)
        {
            recorder.Normal(Node, "AddressesAdded", "16");
            await s.Delay(TimeSpan.FromMinutes(1));
        }

        recorder.Normal(Node, "AddressesAdded", "32");
        await s.Delay(TimeSpan.FromMinutes(11));
        Assert.Equal(["16 x5", "32 x1"], (await WrittenAsync(api)).Select(e => $"{e.Message} x{e.Count}").Order());
        recorder.Normal(Node, "AddressesAdded", "16");
        await s.Delay(TimeSpan.FromSeconds(1));
        Assert.Equal(["16 x1", "16 x5", "32 x1"], (await WrittenAsync(api)).Select(e => $"{e.Message} x{e.Count}").Order());
    });

    [Fact]
    public void Repeats_that_wait_become_one_write() => Run(async (s, api, recorder, _) =>
    {
        var writes = 0;
        api.Faults.Before = async (call, token) =>
        {
            writes++;
            await Task.Delay(TimeSpan.FromSeconds(1), s.Time, token);
        };
        for (var i = 0; i < 100; i++)
            recorder.Normal(Node, "Recovered", "again");
        await s.Delay(TimeSpan.FromSeconds(10));
        Assert.InRange(writes, 1, 2);
        Assert.Equal(100, Assert.Single(await WrittenAsync(api)).Count);
    });

    [Fact]
    public void One_noisy_object_is_limited_and_does_not_silence_others() => Run(
        async (s, api, recorder, observer) =>
        {
            for (var i = 0; i < 50; i++)
                recorder.Warning(Node, "Noise", $"message {i}");
            recorder.Normal(new V1Node { ApiVersion = "v1", Kind = "Node", Metadata = new() { Name = "n2", Uid = "u2" } }, "PoolCreated", "made");
            await s.Delay(TimeSpan.FromSeconds(1));
            var written = await WrittenAsync(api);
            Assert.Equal(4, written.Count);
            Assert.Contains(written, e => e.Reason == "PoolCreated");
            Assert.Equal(47, observer.Dropped.Count);
            Assert.All(observer.Dropped, d => Assert.Equal("Noise n1 rate", d));
            await s.Delay(TimeSpan.FromSeconds(30));
            recorder.Warning(Node, "Noise", "after a while");
            await s.Delay(TimeSpan.FromSeconds(1));
            Assert.Equal(5, (await WrittenAsync(api)).Count);
        },
        o => o with { BurstPerObject = 3 });

    [Fact]
    public void A_failing_server_costs_events_and_nothing_else() => Run(
        async (s, api, recorder, observer) =>
        {
            api.Faults.Before = (call, _) => call.IsWrite ? throw new HttpRequestException("down") : Task.CompletedTask;
            for (var i = 0; i < 10; i++)
                recorder.Warning(Node, "Noise", $"message {i}");
            await s.Delay(TimeSpan.FromSeconds(1));
            Assert.Equal(10, observer.Dropped.Count);
            api.Faults.Before = null;
            recorder.Normal(Node, "Recovered", "yes");
            await s.Delay(TimeSpan.FromSeconds(1));
            Assert.Equal("Recovered", Assert.Single(await WrittenAsync(api)).Reason);
        });

    [Fact]
    public void The_queue_is_bounded() => Run(
        async (s, api, recorder, observer) =>
        {
            for (var i = 0; i < 20; i++)
                recorder.Warning(new V1Node { Metadata = new() { Name = $"n{i}" } }, "Noise", "x");
            Assert.NotEmpty(observer.Dropped);
            Assert.All(observer.Dropped, d => Assert.EndsWith("queue_full", d, StringComparison.Ordinal));
            await s.Delay(TimeSpan.FromSeconds(1));
            Assert.Equal(20, observer.Dropped.Count + (await WrittenAsync(api)).Count);
        },
        o => o with { MaxPending = 5 });

    [Fact]
    public void An_event_that_the_server_has_forgotten_is_made_anew() => Run(async (s, api, recorder, _) =>
    {
        recorder.Normal(Node, "Recovered", "again");
        await s.Delay(TimeSpan.FromSeconds(1));
        var e = Assert.Single(await WrittenAsync(api));
        await api.DeleteAsync(KubeKinds.Events, e.Key(), new(), default);
        recorder.Normal(Node, "Recovered", "again");
        await s.Delay(TimeSpan.FromSeconds(1));
        Assert.NotEqual(e.Metadata.Name, Assert.Single(await WrittenAsync(api)).Metadata.Name);
    });

    [Fact]
    public void The_last_events_are_written_at_the_end()
    {
        Simulator.Run(1, async s =>
        {
            var api = new InMemoryKubeServer(s.Time).Client("test");
            var recorder = new EventRecorder(api, new EventRecorderOptions { Component = "c", Instance = "i" }, s.Time);
            using var stop = new CancellationTokenSource();
            var run = s.Spawn("recorder", () => recorder.RunAsync(stop.Token));
            await s.Delay(TimeSpan.FromSeconds(1));
            api.Faults.Before = (_, token) => Task.Delay(TimeSpan.FromMilliseconds(300), s.Time, token);
            for (var i = 0; i < 3; i++)
                recorder.Normal(Node, "Stopping", $"{i}");
            stop.Cancel();
            await run;
            Assert.InRange(s.Time.Elapsed.TotalSeconds, 1.5, 3);
            api.Faults.Before = null;
            Assert.Equal(3, (await WrittenAsync(api)).Count);
        });
    }

    [Fact]
    public void A_server_that_hangs_does_not_hold_up_the_end()
    {
        Simulator.Run(1, async s =>
        {
            var api = new InMemoryKubeServer(s.Time).Client("test");
            var recorder = new EventRecorder(api, new EventRecorderOptions { Component = "c", Instance = "i" }, s.Time);
            using var stop = new CancellationTokenSource();
            var run = s.Spawn("recorder", () => recorder.RunAsync(stop.Token));
            api.Faults.Before = (_, token) => Task.Delay(TimeSpan.FromHours(1), s.Time, token);
            for (var i = 0; i < 3; i++)
                recorder.Normal(Node, "Stopping", $"{i}");
            await s.Delay(TimeSpan.FromSeconds(1));
            stop.Cancel();
            await run;
            Assert.Equal(3, s.Time.Elapsed.TotalSeconds);
        });
    }

    [Fact]
    public void Long_names_and_messages_are_cut_to_what_the_server_takes() => Run(async (s, api, recorder, _) =>
    {
        recorder.Normal(new V1Node { Metadata = new() { Name = new string('n', 253) } }, "Reason", new string('m', 5000));
        await s.Delay(TimeSpan.FromSeconds(1));
        var e = Assert.Single(await WrittenAsync(api));
        Assert.True(e.Metadata.Name.Length <= 253);
        Assert.Equal(1024, e.Message.Length);
    });
}
