using System.Text;
using k8s.Models;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.TestSupport.Kubernetes;
using Vnetcni.TestSupport.Simulation;
using Xunit;

namespace Vnetcni.ControllerRuntime.Tests.Kubernetes;

/// <summary>The stand-in keeps the API server's promises. The cluster tests check the same against a real one.</summary>
public sealed class InMemoryKubeTests
{
    private static readonly ObjectKey N1 = new("n1");
    private static readonly KubePatchOptions A = new(KubePatchType.Apply, "a");
    private static readonly KubePatchOptions B = new(KubePatchType.Apply, "b");

    private static Task Run(Func<Simulator, InMemoryKubeServer, InMemoryKubeApi, Task> test, int window = 10_000)
    {
        Simulator.Run(1, s =>
        {
            var server = new InMemoryKubeServer(s.Time, window);
            return test(s, server, server.Client("test"));
        });
        return Task.CompletedTask;
    }

    private static V1Node Node(string name, string? label = null) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, Labels = label is null ? null : new Dictionary<string, string> { ["x"] = label } },
    };

    private static V1Pod Pod(string name, string? node = null) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "default" },
        Spec = new V1PodSpec { NodeName = node, Containers = [new V1Container { Name = "c", Image = "i" }] },
    };

    private static ReadOnlyMemory<byte> Json(string text) => Encoding.UTF8.GetBytes(text.Replace('\'', '"'));

    private static ReadOnlyMemory<byte> Apply(string text) => Json("{'apiVersion':'v1','kind':'Node'," + text[1..]);

    [Fact]
    public Task A_replace_in_an_old_version_conflicts() => Run(async (_, _, api) =>
    {
        var node = await api.CreateAsync(KubeKinds.Nodes, Node("n1"), default);
        await api.PatchAsync(KubeKinds.Nodes, N1, Json("{'metadata':{'labels':{'a':'b'}}}"), new(KubePatchType.Merge, "x"), default);
        var e = await Assert.ThrowsAsync<KubeApiException>(() => api.ReplaceAsync(KubeKinds.Nodes, node, default));
        Assert.True(e.IsConflict);
        e = await Assert.ThrowsAsync<KubeApiException>(() => api.CreateAsync(KubeKinds.Nodes, Node("n1"), default));
        Assert.True(e.IsAlreadyExists);
    });

    [Fact]
    public Task A_patch_with_a_version_is_conditional() => Run(async (_, _, api) =>
    {
        var node = await api.CreateAsync(KubeKinds.Nodes, Node("n1"), default);
        var body = $"{{'metadata':{{'resourceVersion':'{node.Version()}','labels':{{'a':'new'}}}}}}";
        await api.PatchAsync(KubeKinds.Nodes, N1, Json(body), new(KubePatchType.Merge, "x"), default);
        foreach (var type in new[] { KubePatchType.Merge, KubePatchType.Apply })
        {
            var stale = body.Replace("new", "newer");
            var e = await Assert.ThrowsAsync<KubeApiException>(() => api.PatchAsync(KubeKinds.Nodes, N1, Apply(stale), new(type, "x", Force: true), default));
            Assert.True(e.IsConflict);
        }
    });

    [Fact]
    public Task Status_and_the_rest_are_written_apart() => Run(async (_, server, api) =>
    {
        var created = await api.CreateAsync(KubeKinds.Nodes, new V1Node { Metadata = new() { Name = "n1" }, Status = new() { Phase = "lost" } }, default);
        // As a real server: a Node brings its status.
        Assert.Equal("lost", created.Status.Phase);
        await api.PatchAsync(KubeKinds.Nodes, N1, Json("{'status':{'phase':'up'},'spec':{'providerID':'no'}}"), new(KubePatchType.Merge, "x", false, "status"), default);
        await api.PatchAsync(KubeKinds.Nodes, N1, Json("{'status':{'phase':'no'},'spec':{'providerID':'yes'}}"), new(KubePatchType.Merge, "x"), default);
        var node = (await api.GetAsync(KubeKinds.Nodes, N1, default))!;
        Assert.Equal(("up", "yes"), (node.Status.Phase, node.Spec.ProviderID));
        Assert.Null(node.Metadata.Generation);
        node.Status.Phase = "down";
        Assert.Equal("up", (await api.ReplaceAsync(KubeKinds.Nodes, node, default)).Status.Phase);
        Assert.NotNull(server.Json(KubeKinds.Nodes, N1));
    });

    [Fact]
    public Task A_write_that_changes_nothing_makes_no_version() => Run(async (_, server, api) =>
    {
        await api.PatchAsync(KubeKinds.Nodes, N1, Apply("{'spec':{'providerID':'p'}}"), A, default);
        var version = server.Version;
        await api.PatchAsync(KubeKinds.Nodes, N1, Apply("{'spec':{'providerID':'p'}}"), A, default);
        await api.PatchAsync(KubeKinds.Nodes, N1, Json("{'spec':{'providerID':'p'}}"), new(KubePatchType.Merge, "z"), default);
        Assert.Equal(version, server.Version);
    });

    [Fact]
    public Task Apply_owns_fields_conflicts_without_force_and_removes_what_is_no_longer_applied() => Run(async (_, server, api) =>
    {
        await api.CreateAsync(KubeKinds.Nodes, Node("n1"), default);
        await api.PatchAsync(KubeKinds.Nodes, N1, Apply("{'spec':{'externalID':'a','podCIDR':'1'}}"), A, default);
        await api.PatchAsync(KubeKinds.Nodes, N1, Apply("{'spec':{'podCIDR':'1','unschedulable':true}}"), B, default);
        var e = await Assert.ThrowsAsync<KubeApiException>(() => api.PatchAsync(KubeKinds.Nodes, N1, Apply("{'spec':{'externalID':'b'}}"), B, default));
        Assert.True(e.IsConflict);
        Assert.Contains(".spec.externalID", e.Message, StringComparison.Ordinal);
        await api.PatchAsync(KubeKinds.Nodes, N1, Apply("{'spec':{'externalID':'b','podCIDR':'1'}}"), B with { Force = true }, default);
        Assert.Equal(["/spec/podCIDR"], server.AppliedFields(KubeKinds.Nodes, N1, "a"));
        Assert.Null((await api.GetAsync(KubeKinds.Nodes, N1, default))!.Spec.Unschedulable);
        // Shared: stays as long as one of its owners applies it.
        await api.PatchAsync(KubeKinds.Nodes, N1, Apply("{'spec':{'externalID':'b'}}"), B, default);
        Assert.Equal("1", (await api.GetAsync(KubeKinds.Nodes, N1, default))!.Spec.PodCIDR);
        await api.PatchAsync(KubeKinds.Nodes, N1, Apply("{'metadata':{'labels':{'q':'r'}}}"), A, default);
        var node = (await api.GetAsync(KubeKinds.Nodes, N1, default))!;
        Assert.Null(node.Spec.PodCIDR);
        Assert.Equal("b", node.Spec.ExternalID);
    });

    [Fact]
    public Task Two_managers_share_a_status_and_its_conditions_by_type_and_arrays_are_atomic() => Run(async (_, _, api) =>
    {
        await api.CreateAsync(KubeKinds.Nodes, Node("n1"), default);
        var (a, b) = (A with { Subresource = "status", Force = true }, B with { Subresource = "status", Force = true });
        await api.PatchAsync(KubeKinds.Nodes, N1, Apply("{'status':{'phase':'p','volumesInUse':['x','y'],'conditions':[{'type':'Ready','status':'True'},{'type':'Old','status':'True'}]}}"), a, default);
        await api.PatchAsync(KubeKinds.Nodes, N1, Apply("{'status':{'conditions':[{'type':'Mine','status':'False'}]}}"), b, default);
        await api.PatchAsync(KubeKinds.Nodes, N1, Apply("{'status':{'phase':'q','volumesInUse':['z'],'conditions':[{'type':'Ready','status':'False'}]}}"), a, default);
        var node = (await api.GetAsync(KubeKinds.Nodes, N1, default))!;
        Assert.Equal(["Ready=False", "Mine=False"], node.Status.Conditions.Select(c => $"{c.Type}={c.Status}"));
        Assert.Equal(["z"], node.Status.VolumesInUse);
    });

    [Fact]
    public Task An_update_takes_the_changed_fields_from_who_applied_them() => Run(async (_, server, api) =>
    {
        await api.PatchAsync(KubeKinds.Nodes, N1, Apply("{'spec':{'externalID':'a'}}"), A, default);
        await api.PatchAsync(KubeKinds.Nodes, N1, Json("{'spec':{'externalID':'hand'}}"), new(KubePatchType.Merge, "kubectl"), default);
        Assert.Empty(server.AppliedFields(KubeKinds.Nodes, N1, "a"));
        await Assert.ThrowsAsync<KubeApiException>(() => api.PatchAsync(KubeKinds.Nodes, N1, Apply("{'spec':{'externalID':'a'}}"), A, default));
    });

    [Fact]
    public Task A_finalizer_holds_a_deleted_object_until_it_is_removed() => Run(async (_, _, api) =>
    {
        await api.PatchAsync(KubeKinds.Nodes, N1, Apply("{'metadata':{'finalizers':['x/y']}}"), A, default);
        await api.DeleteAsync(KubeKinds.Nodes, N1, new(), default);
        Assert.True((await api.GetAsync(KubeKinds.Nodes, N1, default))!.IsDeleting());
        await api.PatchAsync(KubeKinds.Nodes, N1, Apply("{'metadata':{}}"), A, default);
        Assert.Null(await api.GetAsync(KubeKinds.Nodes, N1, default));
    });

    [Fact]
    public Task A_delete_checks_its_preconditions() => Run(async (_, _, api) =>
    {
        var node = await api.CreateAsync(KubeKinds.Nodes, Node("n1"), default);
        await Assert.ThrowsAsync<KubeApiException>(() => api.DeleteAsync(KubeKinds.Nodes, N1, new("other"), default));
        await Assert.ThrowsAsync<KubeApiException>(() => api.DeleteAsync(KubeKinds.Nodes, N1, new(node.Metadata.Uid, "77"), default));
        await api.DeleteAsync(KubeKinds.Nodes, N1, new(node.Metadata.Uid, node.Version()), default);
        await api.DeleteAsync(KubeKinds.Nodes, N1, new(node.Metadata.Uid), default);
    });

    [Fact]
    public Task Pages_show_one_moment_and_expire() => Run(async (_, server, api) =>
    {
        for (var i = 0; i < 5; i++)
            await api.CreateAsync(KubeKinds.Nodes, Node($"n{i}"), default);
        var first = await api.ListAsync(KubeKinds.Nodes, new() { Limit = 2 }, default);
        await api.DeleteAsync(KubeKinds.Nodes, new("n3"), new(), default);
        await api.CreateAsync(KubeKinds.Nodes, Node("n9"), default);
        var second = await api.ListAsync(KubeKinds.Nodes, new() { Limit = 9, Continue = first.Continue }, default);
        Assert.Equal(["n2", "n3", "n4"], second.Items.Select(i => i.Metadata.Name));
        Assert.Equal(first.ResourceVersion, second.ResourceVersion);
        server.Compact();
        var e = await Assert.ThrowsAsync<KubeApiException>(() => api.ListAsync(KubeKinds.Nodes, new() { Limit = 2, Continue = first.Continue }, default));
        Assert.True(e.IsGone);
    });

    [Theory]
    [InlineData("x=1", "", "a")]
    [InlineData("x!=1", "", "b c")]
    [InlineData("x", "", "a b")]
    [InlineData("!x", "", "c")]
    [InlineData("x in (1,2)", "", "a b")]
    [InlineData("x notin (1),x", "", "b")]
    [InlineData("", "metadata.name=b", "b")]
    [InlineData("", "metadata.name!=b", "a c")]
    public Task Selectors(string labels, string fields, string expected) => Run(async (_, _, api) =>
    {
        foreach (var node in new[] { Node("a", "1"), Node("b", "2"), Node("c") })
            await api.CreateAsync(KubeKinds.Nodes, node, default);
        var list = await api.ListAsync(KubeKinds.Nodes, new() { LabelSelector = labels, FieldSelector = fields }, default);
        Assert.Equal(expected, string.Join(' ', list.Items.Select(i => i.Metadata.Name)));
    });

    [Fact]
    public Task A_watch_by_node_sees_pods_come_and_go_as_they_are_bound() => Run(async (s, server, api) =>
    {
        var seen = new List<string>();
        using var stop = new CancellationTokenSource();
        var watch = s.Spawn("watch", async () =>
        {
            try
            {
                var options = new KubeWatchOptions { ResourceVersion = "0", FieldSelector = "spec.nodeName=n1" };
                await foreach (var e in api.WatchAsync(KubeKinds.Pods, options, stop.Token))
                    seen.Add($"{e.Type} {e.Object.Metadata.Name}");
            }
            catch (OperationCanceledException)
            {
                seen.Add("stopped");
            }
        });
        await api.CreateAsync(KubeKinds.Pods, Pod("p"), default);
        await api.CreateAsync(KubeKinds.Pods, Pod("q", "n1"), default);
        var p = (await api.GetAsync(KubeKinds.Pods, new("default", "p"), default))!;
        p.Spec.NodeName = "n1";
        await api.ReplaceAsync(KubeKinds.Pods, p, default);
        await api.RemovePodAsync(new("default", "q"));
        await s.Delay(TimeSpan.FromSeconds(90));
        stop.Cancel();
        await watch;
        Assert.Equal(["Added q", "Added p", "Modified q", "Deleted q", "Bookmark ", "stopped"], seen);
        Assert.Equal(0, server.Watches);
    });

    [Fact]
    public Task A_watch_from_before_the_history_is_gone() => Run(
        async (_, server, api) =>
        {
            var before = server.Version;
            for (var i = 0; i < 30; i++)
                await api.CreateAsync(KubeKinds.Nodes, Node($"n{i}"), default);
            var watch = api.WatchAsync(KubeKinds.Nodes, new KubeWatchOptions { ResourceVersion = "1" }, default).GetAsyncEnumerator();
            var e = await Assert.ThrowsAsync<KubeApiException>(async () => await watch.MoveNextAsync());
            Assert.True(e.IsGone);
            Assert.Equal(before + 30, server.Version);
        },
        window: 10);

    [Fact]
    public Task Faults_come_before_or_after_the_effect_and_reads_can_show_the_past() => Run(async (s, server, api) =>
    {
        var before = server.Version;
        var faulty = server.Client("faulty");
        faulty.Faults.Before = (call, _) => call.IsWrite ? throw new HttpRequestException("refused") : Task.CompletedTask;
        await Assert.ThrowsAsync<HttpRequestException>(() => faulty.CreateAsync(KubeKinds.Nodes, Node("a"), default));
        Assert.Null(await api.GetAsync(KubeKinds.Nodes, new("a"), default));
        faulty.Faults.Before = null;
        faulty.Faults.After = (call, _) => call.IsWrite ? throw new IOException("answer lost") : Task.CompletedTask;
        await Assert.ThrowsAsync<IOException>(() => faulty.CreateAsync(KubeKinds.Nodes, Node("a"), default));
        Assert.NotNull(await api.GetAsync(KubeKinds.Nodes, new("a"), default));
        faulty.Faults.ReadVersion = (_, newest) => newest - 1;
        Assert.Null(await faulty.GetAsync(KubeKinds.Nodes, new("a"), default));
        Assert.Empty((await faulty.ListAsync(KubeKinds.Nodes, new(), default)).Items);
        Assert.Equal(before + 1, server.Version);
        Assert.Equal(TimeSpan.Zero, s.Time.Elapsed);
    });
}
