using System.Net;
using System.Text;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;
using Vnetcni.ControllerRuntime.Api;
using Xunit;

namespace Vnetcni.ControllerRuntime.Tests.Api;

public sealed class HttpKubeApiTests
{
    private readonly FakeTimeProvider time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_get_of_a_missing_object_is_null()
    {
        using var api = ScriptedServer.Api(out var server, time, (_, _) => ScriptedServer.Json("{\"kind\":\"Status\",\"reason\":\"NotFound\",\"code\":404}", HttpStatusCode.NotFound));
        Assert.Null(await api.GetAsync(KubeKinds.Pods, new ObjectKey("ns", "a b"), Token));
        Assert.Equal("/prefix/api/v1/namespaces/ns/pods/a%20b", server.Requests.Single().PathAndQuery);
    }

    [Fact]
    public async Task A_list_names_its_kind_on_every_item_and_passes_its_query()
    {
        using var api = ScriptedServer.Api(out var server, time, (_, _) => ScriptedServer.Json(
            "{\"metadata\":{\"resourceVersion\":\"9\",\"continue\":\"next\"},\"items\":[{\"metadata\":{\"name\":\"a\"}},{\"metadata\":{\"name\":\"b\"}}]}"));
        var list = await api.ListAsync(
            KubeKinds.Leases,
            new KubeListOptions { Namespace = "ns", LabelSelector = "a=b,c", FieldSelector = "metadata.name=x", Limit = 5, Continue = "t/+=" },
            Token);
        Assert.Equal(("9", "next"), (list.ResourceVersion, list.Continue));
        Assert.Equal(["a", "b"], list.Items.Select(i => i.Metadata.Name));
        Assert.All(list.Items, i => Assert.Equal(("coordination.k8s.io/v1", "Lease"), (i.ApiVersion, i.Kind)));
        Assert.Equal(
            "/prefix/apis/coordination.k8s.io/v1/namespaces/ns/leases?labelSelector=a%3Db%2Cc&fieldSelector=metadata.name%3Dx&limit=5&continue=t%2F%2B%3D",
            server.Requests.Single().PathAndQuery);
    }

    [Fact]
    public async Task Writes_use_the_verbs_and_content_types_of_the_API()
    {
        using var api = ScriptedServer.Api(out var server, time, (_, _) => ScriptedServer.Json("{\"metadata\":{\"name\":\"n\"}}"));
        var node = new V1Node { Metadata = new V1ObjectMeta { Name = "n", ResourceVersion = "4" } };
        await api.CreateAsync(KubeKinds.Nodes, node, Token);
        await api.ReplaceAsync(KubeKinds.Nodes, node, Token);
        foreach (var type in Enum.GetValues<KubePatchType>())
            await api.PatchAsync(KubeKinds.Nodes, new ObjectKey("n"), "{}"u8.ToArray(), new KubePatchOptions(type, "me", Force: true, "status"), Token);
        await api.DeleteAsync(KubeKinds.Nodes, new ObjectKey("n"), new KubeDeleteOptions("uid-1", "7"), Token);
        Assert.Equal(
            [
                "POST /prefix/api/v1/nodes application/json",
                "PUT /prefix/api/v1/nodes/n application/json",
                "PATCH /prefix/api/v1/nodes/n/status?fieldManager=me&force=true application/apply-patch+yaml",
                "PATCH /prefix/api/v1/nodes/n/status?fieldManager=me application/merge-patch+json",
                "PATCH /prefix/api/v1/nodes/n/status?fieldManager=me application/strategic-merge-patch+json",
                "DELETE /prefix/api/v1/nodes/n application/json",
            ],
            server.Requests.Select(r => $"{r.Method} {r.PathAndQuery} {r.ContentType}"));
        Assert.Contains("\"kind\":\"Node\"", server.Requests[0].Body, StringComparison.Ordinal);
        Assert.Contains("\"preconditions\":{\"uid\":\"uid-1\",\"resourceVersion\":\"7\"}", server.Requests[5].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_delete_of_a_missing_object_succeeds_and_a_failed_precondition_does_not()
    {
        var status = HttpStatusCode.NotFound;
        using var api = ScriptedServer.Api(out _, time, (_, _) => ScriptedServer.Json("{}", status));
        await api.DeleteAsync(KubeKinds.Nodes, new ObjectKey("n"), new KubeDeleteOptions(), Token);
        status = HttpStatusCode.Conflict;
        var e = await Assert.ThrowsAsync<KubeApiException>(() => api.DeleteAsync(KubeKinds.Nodes, new ObjectKey("n"), new KubeDeleteOptions(), Token));
        Assert.True(e.IsConflict);
    }

    [Fact]
    public async Task An_error_answer_carries_Retry_After_from_the_header()
    {
        using var api = ScriptedServer.Api(out _, time, (_, _) => ScriptedServer.Json(
            "{\"kind\":\"Status\",\"reason\":\"TooManyRequests\",\"message\":\"slow down\",\"details\":{\"retryAfterSeconds\":1},\"code\":429}",
            HttpStatusCode.TooManyRequests,
            r => r.Headers.Add("Retry-After", "17")));
        var e = await Assert.ThrowsAsync<KubeApiException>(() => api.GetAsync(KubeKinds.Nodes, new ObjectKey("n"), Token));
        Assert.Equal((429, "TooManyRequests", TimeSpan.FromSeconds(17)), (e.StatusCode, e.Reason, e.RetryAfter));
    }

    [Fact]
    public async Task A_field_that_the_cluster_does_not_know_names_the_next_step()
    {
        using var api = ScriptedServer.Api(out _, time, (_, _) => ScriptedServer.Json(
            "{\"kind\":\"Status\",\"message\":\"failed to create typed patch object: .status.subnets[0].forPods: field not declared in schema\",\"code\":500}",
            HttpStatusCode.InternalServerError));
        var e = await Assert.ThrowsAsync<KubeApiException>(() => api.GetAsync(KubeKinds.Nodes, new ObjectKey("n"), Token));
        Assert.EndsWith(".status.subnets[0].forPods: field not declared in schema; the definition of the resource in the cluster is older than this program: "
            + "upgrade the CustomResourceDefinitions to those of this release", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    public async Task A_name_that_would_leave_the_collection_is_refused(string name)
    {
        using var api = ScriptedServer.Api(out var server, time, (_, _) => ScriptedServer.Json("{}"));
        await Assert.ThrowsAsync<ArgumentException>(() => api.GetAsync(KubeKinds.Nodes, new ObjectKey(name), Token));
        await Assert.ThrowsAsync<ArgumentException>(() => api.GetAsync(KubeKinds.Pods, new ObjectKey(name, "x"), Token));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_call_without_an_answer_ends_at_its_timeout_as_no_answer()
    {
        using var api = ScriptedServer.Api(out _, time, async (_, t) =>
        {
            await Task.Delay(Timeout.Infinite, t);
            throw new InvalidOperationException("unreachable");
        });
        var call = api.GetAsync(KubeKinds.Nodes, new ObjectKey("n"), Token);
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(call.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        var e = await Assert.ThrowsAsync<HttpRequestException>(() => call);
        Assert.IsType<TimeoutException>(e.InnerException);
    }

    [Fact]
    public async Task A_body_that_stalls_ends_at_the_timeout_too()
    {
        using var api = ScriptedServer.Api(out _, time, (_, _) => ScriptedServer.Streamed(new SilentStream("{\"metadata\":"u8.ToArray())));
        var call = api.GetAsync(KubeKinds.Nodes, new ObjectKey("n"), Token);
        time.Advance(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<HttpRequestException>(() => call);
    }

    [Fact]
    public async Task The_callers_cancellation_is_not_taken_for_a_timeout()
    {
        using var cancel = new CancellationTokenSource();
        using var api = ScriptedServer.Api(out _, time, (_, _) => ScriptedServer.Streamed(new SilentStream([])));
        var call = api.GetAsync(KubeKinds.Nodes, new ObjectKey("n"), cancel.Token);
        cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused()
    {
        var options = new HttpKubeApiOptions { MaxBodyBytes = 1000 };
        using var api = ScriptedServer.Api(out _, time, (_, _) => ScriptedServer.Streamed(new MemoryStream(new byte[1001])), options);
        await Assert.ThrowsAsync<IOException>(() => api.GetAsync(KubeKinds.Nodes, new ObjectKey("n"), Token));
    }

    [Fact]
    public async Task A_watch_yields_events_and_ends_when_the_server_closes()
    {
        var lines = "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"1\"}}}\n"
            + "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Pod\",\"metadata\":{\"resourceVersion\":\"5\",\"creationTimestamp\":null},\"spec\":{\"containers\":null}}}\n"
            + "{\"type\":\"DELETED\",\"object\":{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"6\"}}}\n";
        using var api = ScriptedServer.Api(out var server, time, (_, _) => ScriptedServer.Streamed(new MemoryStream(Encoding.UTF8.GetBytes(lines))));
        var seen = await WatchAsync(api);
        Assert.Equal(["Added 1", "Bookmark 5", "Deleted 6"], seen);
        Assert.Equal("/prefix/api/v1/pods?watch=true&resourceVersion=0&allowWatchBookmarks=true&timeoutSeconds=300", server.Requests.Single().PathAndQuery);
    }

    [Fact]
    public async Task An_ERROR_event_is_thrown_with_its_status()
    {
        var lines = "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\",\"message\":\"too old\"}}\n";
        using var api = ScriptedServer.Api(out _, time, (_, _) => ScriptedServer.Streamed(new MemoryStream(Encoding.UTF8.GetBytes(lines))));
        var e = await Assert.ThrowsAsync<KubeApiException>(() => WatchAsync(api));
        Assert.True(e.IsGone);
    }

    [Fact]
    public async Task A_watch_that_is_silent_beyond_its_timeout_and_grace_is_ended()
    {
        using var api = ScriptedServer.Api(out _, time, (_, _) => ScriptedServer.Streamed(
            new SilentStream("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"1\"}}}\n"u8.ToArray())));
        var watch = WatchAsync(api);
        time.Advance(TimeSpan.FromSeconds(314));
        await Task.Delay(50, Token);
        Assert.False(watch.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["Added 1"], await watch);
    }

    private static async Task<List<string>> WatchAsync(HttpKubeApi api)
    {
        var seen = new List<string>();
        await foreach (var e in api.WatchAsync(KubeKinds.Pods, new KubeWatchOptions { ResourceVersion = "0" }, Token))
            seen.Add($"{e.Type} {e.Object.Version()}");
        return seen;
    }

    /// <summary>Gives its bytes and then nothing more, for ever.</summary>
    private sealed class SilentStream(byte[] first) : MemoryStream(first)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer, cancellationToken);
            if (read == 0)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            return read;
        }
    }
}
