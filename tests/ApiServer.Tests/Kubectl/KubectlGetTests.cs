using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Vnetcni.ApiServer.Tests.Kubectl;

public class KubectlGetTests(KubectlFixture kubectl)
{
    [Fact]
    public async Task Our_kinds_print_their_columns()
    {
        await kubectl.ApplyAsync(Samples.Pool("get-a"));
        await kubectl.RunAsync("patch", "nip", "get-a", "--subresource=status", "--type=merge", "-p", Samples.PoolStatus);
        var lines = (await kubectl.RunAsync("get", "nip", "get-a")).Split('\n');
        Assert.Matches(@"^NAME +READY +REASON +USED +FREE +HELD +MAX +AGE$", lines[0]);
        Assert.Matches(@"^get-a +True +InSync +42 +8 +50 +250 +\d+s$", lines[1]);

        var wide = (await kubectl.RunAsync("get", "nodeippools", "get-a", "-o", "wide")).Split('\n');
        Assert.Matches(@"^NAME +READY +REASON +USED +FREE +HELD +MAX +AGE +TARGET +WAITING +SUBNET +NIC +ZONE +SYNCED +MESSAGE$", wide[0]);
        Assert.Matches(@"^get-a .* 64 +pods +nic0 +1 +All is well$", Regex.Replace(wide[1], " +", " ").Replace("  ", " ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_category_shows_all_our_kinds()
    {
        await kubectl.ApplyAsync(Samples.Pool("cat-a") + Samples.Class("cat-a"));
        var shown = await kubectl.RunAsync("get", "vnetcni");
        Assert.Contains("nodeippool.vnetcni.dev/cat-a", shown, StringComparison.Ordinal);
        Assert.Contains("nodeippoolclass.vnetcni.dev/cat-a", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Selectors_names_and_output_formats_work()
    {
        var ns = await kubectl.NamespaceAsync();
        await kubectl.ApplyAsync(Samples.Pod(ns, "a", "node-x", "web") + Samples.Pod(ns, "b", "node-y", "db"));
        Assert.Equal("pod/a", (await kubectl.RunAsync("get", "pods", "-n", ns, "-l", "app=web", "-o", "name")).Trim());
        Assert.Equal("pod/b", (await kubectl.RunAsync("get", "po", "-n", ns, "--field-selector", "spec.nodeName=node-y", "-o", "name")).Trim());
        Assert.Equal("a b", await kubectl.RunAsync("get", "pods", "-n", ns, "--sort-by=.metadata.name", "-o", "jsonpath={.items[*].metadata.name}"));
        Assert.Contains("kind: Pod", await kubectl.RunAsync("get", "pod/a", "-n", ns, "-o", "yaml"), StringComparison.Ordinal);
        Assert.Matches(@"NAME +NODE\na +node-x", await kubectl.RunAsync("get", "pod", "a", "-n", ns, "-o", "custom-columns=NAME:.metadata.name,NODE:.spec.nodeName"));
        Assert.Matches(@"NAMESPACE +NAME +READY +STATUS +RESTARTS +AGE +LABELS", await kubectl.RunAsync("get", "pods", "-A", "--show-labels"));
        Assert.Matches($@"{ns} +a +0/1 +Pending +0 +\d+s +<none> +node-x +<none> +<none>", await kubectl.RunAsync("get", "pods", "-A", "-o", "wide"));
        Assert.Equal("List", JsonNode.Parse(await kubectl.RunAsync("get", "pods,nip", "-n", ns, "-o", "json"))!["kind"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_long_list_comes_in_pages()
    {
        var ns = await kubectl.NamespaceAsync();
        await kubectl.ApplyAsync(string.Concat(Enumerable.Range(0, 7).Select(i => Samples.Pod(ns, $"p{i}", "node-1", "web"))));
        var shown = await kubectl.RunAsync("get", "pods", "-n", ns, "--chunk-size=3", "-o", "name");
        Assert.Equal(7, shown.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Built_in_kinds_print_as_everywhere()
    {
        await kubectl.ApplyAsync(Samples.Node("get-node"));
        Assert.Matches(@"NAME +STATUS +ROLES +AGE +VERSION\nget-node +Unknown +<none> +\d+s", await kubectl.RunAsync("get", "node", "get-node"));
        var ns = await kubectl.NamespaceAsync();
        Assert.Matches($@"NAME +STATUS +AGE\n{ns} +Active +\d+s", await kubectl.RunAsync("get", "ns", ns));
        Assert.Matches(@"NAME +CREATED AT\nnodeippools.vnetcni.dev +20", await kubectl.RunAsync("get", "crd", "nodeippools.vnetcni.dev"));
    }

    [Fact]
    public async Task A_watch_prints_changes_as_they_come()
    {
        await kubectl.ApplyAsync(Samples.Class("watched"));
        using var watch = kubectl.Start(null, "get", "nipc", "watched", "-w");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            Assert.StartsWith("NAME", await watch.StandardOutput.ReadLineAsync(limit.Token), StringComparison.Ordinal);
            Assert.StartsWith("watched", await watch.StandardOutput.ReadLineAsync(limit.Token), StringComparison.Ordinal);
            await kubectl.RunAsync("patch", "nipc", "watched", "--subresource=status", "--type=merge", "-p", """{"status":{"nodes":77}}""");
            Assert.Matches("^watched +77 ", await watch.StandardOutput.ReadLineAsync(limit.Token));
        }
        finally
        {
            watch.Kill();
        }
    }

    [Fact]
    public async Task What_is_not_there_is_named()
    {
        var missing = await kubectl.TryAsync(null, "get", "nip", "nobody");
        Assert.Equal("Error from server (NotFound): nodeippools.vnetcni.dev \"nobody\" not found", missing.Error.Trim());
        var unknown = await kubectl.TryAsync(null, "get", "deployments");
        Assert.Contains("the server doesn't have a resource type \"deployments\"", unknown.Error, StringComparison.Ordinal);
    }
}
