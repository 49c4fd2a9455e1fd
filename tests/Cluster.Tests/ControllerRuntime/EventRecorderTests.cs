using k8s.Models;
using Vnetcni.Cluster.Tests.Fixture;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.ControllerRuntime.Events;
using Xunit;

namespace Vnetcni.Cluster.Tests.ControllerRuntime;

public sealed class EventRecorderTests(ClusterFixture cluster)
{
    private sealed class Observer : RuntimeObserver
    {
        public List<string> Dropped { get; } = [];

        public override void EventDropped(string reason, ObjectKey about, string cause) => Dropped.Add($"{reason} {about}: {cause}");
    }

    [Fact]
    public async Task The_server_takes_events_about_cluster_scoped_and_namespaced_objects_and_counts_repeats()
    {
        using var api = cluster.Api();
        List<Func<Task>> cleanUp = [];
        var ns = await cluster.NamespaceAsync(api, cleanUp);
        var node = await api.CreateAsync(KubeKinds.Nodes, new V1Node { Metadata = new() { Name = cluster.Name("node") } }, default);
        var lease = await api.CreateAsync(KubeKinds.Leases, new V1Lease { Metadata = new() { Name = "x", NamespaceProperty = ns } }, default);
        var observer = new Observer();
        var recorder = new EventRecorder(api, new EventRecorderOptions { Component = "vnetcni-operator", Instance = "pod-1" }, TimeProvider.System, observer);
        using var stop = new CancellationTokenSource();
        var run = recorder.RunAsync(stop.Token);
        recorder.Warning(node, "SubnetExhausted", "no address is free");
        recorder.Normal(lease, "PoolCreated", "made");
        await Eventually.HoldsAsync(() => About(api, node, "default").Count == 1 && About(api, lease, ns).Count == 1, "both events are there");
        for (var i = 0; i < 4; i++)
            recorder.Warning(node, "SubnetExhausted", "no address is free");
        await Eventually.HoldsAsync(() => About(api, node, "default") is [{ Count: 5 }], "the repeats are counted");
        await stop.CancelAsync();
        await run;
        Assert.Empty(observer.Dropped);
        await api.DeleteAsync(KubeKinds.Nodes, node.Key(), new(), default);
        foreach (var e in About(api, node, "default"))
            await api.DeleteAsync(KubeKinds.Events, e.Key(), new(), default);
        foreach (var step in cleanUp)
            await step();
    }

    private static List<Corev1Event> About(HttpKubeApi api, k8s.IKubernetesObject<V1ObjectMeta> about, string ns) =>
        [.. api.ListAsync(KubeKinds.Events, new() { Namespace = ns, FieldSelector = $"involvedObject.uid={about.Metadata.Uid}" }, default).GetAwaiter().GetResult().Items];
}
