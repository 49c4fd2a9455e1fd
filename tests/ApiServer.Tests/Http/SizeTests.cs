using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Vnetcni.ApiServer.Tests.Contract;

namespace Vnetcni.ApiServer.Tests.Http;

public sealed class SizeTests(EmbeddedServer server) : IClassFixture<EmbeddedServer>
{
    private const string Leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";

    [Fact]
    public async Task An_object_above_1_5_MiB_is_refused_with_the_limit_and_not_kept()
    {
        var refused = await PostAsync("big", new string('x', 1_600_000));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.Code);
        Assert.Equal("RequestEntityTooLarge", (string?)refused.Body["reason"]);
        Assert.Contains("limit is 1572864", (string?)refused.Body["message"], StringComparison.Ordinal);
        using var after = await server.Client.GetAsync(new Uri($"{Leases}/big", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, after.StatusCode);
    }

    [Fact]
    public async Task An_object_does_not_grow_above_1_5_MiB_by_patches()
    {
        Assert.Equal(HttpStatusCode.Created, (await PostAsync("grown", new string('x', 1_400_000))).Code);
        using var patch = new StringContent("{\"metadata\":{\"annotations\":{\"a\":\"" + new string('y', 200_000) + "\"}}}", Encoding.UTF8, "application/merge-patch+json");
        using var answer = await server.Client.PatchAsync(new Uri($"{Leases}/grown", UriKind.Relative), patch, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task A_patch_that_nests_a_value_thousands_deep_is_refused()
    {
        Assert.Equal(HttpStatusCode.Created, (await PostAsync("nested", "x")).Code);
        const string deeper = """{"op":"add","path":"/t","value":{}},{"op":"move","from":"/x","path":"/t/x"},{"op":"move","from":"/t","path":"/x"}""";
        var operations = string.Join(',', Enumerable.Repeat(deeper, 3000));
        using var patch = new StringContent("""[{"op":"add","path":"/x","value":{}},""" + operations + "]", Encoding.UTF8, "application/json-patch+json");
        using var answer = await server.Client.PatchAsync(new Uri($"{Leases}/nested", UriKind.Relative), patch, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
    }

    [Fact]
    public async Task A_thousand_pods_are_made_and_listed_in_pages_and_watched_without_a_scan_for_each()
    {
        var token = TestContext.Current.CancellationToken;
        var store = server.Store;
        var pods = store.Catalog.Find("", "v1", "pods")!;
        var now = DateTimeOffset.UnixEpoch;
        using var watch = store.Watch(pods, new() { ResourceVersion = store.Version.ToString(System.Globalization.CultureInfo.InvariantCulture), LabelSelector = "app=scan" });
        for (var i = 0; i < 1000; i++)
        {
            var body = JsonNode.Parse($$"""{"metadata":{"name":"scan-{{i}}","labels":{"app":"scan"} },"spec":{"containers":[{"name":"c","image":"i"}]} }""")!.AsObject();
            store.Create(pods, "default", body, new(), now);
        }

        // Nothing that a write without owners leaves calls for a pass over all objects.
        await Task.Yield();
        Assert.False(store.MayHaveGarbage);
        var seen = 0;
        while (watch.Next() is not null)
            seen++;
        Assert.Equal(1000, seen);

        var (found, next) = (0, "");
        do
        {
            using var answer = await server.Client.GetAsync(new Uri($"/api/v1/pods?limit=100&labelSelector=app%3Dscan&continue={next}", UriKind.Relative), token);
            var list = JsonNode.Parse(await answer.Content.ReadAsStringAsync(token))!;
            found += list["items"]!.AsArray().Count;
            next = (string?)list["metadata"]!["continue"] ?? "";
        }
        while (next.Length > 0);
        Assert.Equal(1000, found);
    }

    private async Task<(HttpStatusCode Code, JsonNode Body)> PostAsync(string name, string holder)
    {
        using var body = new StringContent(
            $$"""{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"{{name}}"},"spec":{"holderIdentity":"{{holder}}"} }""", Encoding.UTF8, "application/json");
        using var answer = await server.Client.PostAsync(new Uri(Leases, UriKind.Relative), body, TestContext.Current.CancellationToken);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!);
    }
}
