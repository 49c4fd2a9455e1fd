using System.Text.Json.Nodes;

namespace Vnetcni.ApiServer.Tests.Kubectl;

public class KubectlAskTests(KubectlFixture kubectl)
{
    [Fact]
    public async Task Api_resources_and_versions_list_what_is_served()
    {
        var resources = await kubectl.RunAsync("api-resources", "--categories=vnetcni", "--no-headers");
        Assert.Matches(@"nodeippools +nip +vnetcni.dev/v1alpha1 +false +NodeIpPool\n", resources);
        Assert.Equal(
            ["apiextensions.k8s.io/v1", "coordination.k8s.io/v1", "v1", "vnetcni.dev/v1alpha1"],
            (await kubectl.RunAsync("api-versions")).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("v1.", JsonNode.Parse(await kubectl.RunAsync("version", "-o", "json"))!["serverVersion"]!["gitVersion"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("ok", await kubectl.RunAsync("get", "--raw", "/readyz"));
    }

    [Theory]
    [InlineData("plaintext")]
    [InlineData("plaintext-openapiv2")]
    public async Task Explain_shows_our_fields_with_their_descriptions(string output)
    {
        var shown = await kubectl.RunAsync("explain", "nip.spec.pool", $"--output={output}");
        Assert.Contains("minFree", shown, StringComparison.Ordinal);
        Assert.Contains("Free addresses below which the pool grows.", shown, StringComparison.Ordinal);
        Assert.Contains("VERSION:", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_knows_the_outline_of_built_in_kinds() =>
        Assert.Contains("ownerReferences", await kubectl.RunAsync("explain", "pod.metadata"), StringComparison.Ordinal);

    [Fact]
    public async Task Describe_shows_an_object_of_ours_with_its_events()
    {
        await kubectl.ApplyAsync(Samples.Pool("described"));
        await kubectl.RunAsync("patch", "nip", "described", "--subresource=status", "--type=merge", "-p", Samples.PoolStatus);
        await kubectl.ApplyAsync(Samples.Event("default", "described.1", "NodeIpPool", "described", "it was described", await kubectl.RunAsync("get", "nip", "described", "-o", "jsonpath={.metadata.uid}")));
        var shown = await kubectl.RunAsync("describe", "nip", "described");
        Assert.Matches(@"Name: +described\n", shown);
        Assert.Contains("All is well", shown, StringComparison.Ordinal);
        Assert.Contains("it was described", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Describe_shows_nodes_pods_and_namespaces()
    {
        var ns = await kubectl.NamespaceAsync();
        await kubectl.ApplyAsync(Samples.Node("desc-node") + Samples.Pod(ns, "p", "desc-node", "web"));
        await kubectl.ApplyAsync(Samples.Event(ns, "p.1", "Pod", "p", "the pod was seen", await kubectl.RunAsync("get", "pod", "p", "-n", ns, "-o", "jsonpath={.metadata.uid}")));
        var node = await kubectl.RunAsync("describe", "node", "desc-node");
        Assert.Matches($@"{ns} +p +0", node);
        var pod = await kubectl.RunAsync("describe", "pod", "p", "-n", ns);
        Assert.Contains("the pod was seen", pod, StringComparison.Ordinal);
        Assert.Matches(@"Status: +Active", await kubectl.RunAsync("describe", "namespace", ns));
    }

    [Fact]
    public async Task Events_are_listed_by_object()
    {
        var ns = await kubectl.NamespaceAsync();
        await kubectl.ApplyAsync(Samples.Event(ns, "e.1", "Pod", "one", "about one") + Samples.Event(ns, "e.2", "Pod", "two", "about two"));
        var all = await kubectl.RunAsync("events", "-n", ns);
        Assert.Matches(@"LAST SEEN +TYPE +REASON +OBJECT +MESSAGE", all);
        Assert.Contains("about two", all, StringComparison.Ordinal);
        Assert.Contains("about one", await kubectl.RunAsync("get", "events", "-n", ns, "--field-selector", "involvedObject.name=one"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wait_sees_conditions_values_and_the_end()
    {
        await kubectl.ApplyAsync(Samples.Pool("waited"));
        var ready = kubectl.RunAsync("wait", "--for=condition=Ready", "nip/waited", "--timeout=20s");
        var held = kubectl.RunAsync("wait", "--for=jsonpath={.status.held}=50", "nip/waited", "--timeout=20s");
        await kubectl.RunAsync("patch", "nip", "waited", "--subresource=status", "--type=merge", "-p", Samples.PoolStatus);
        Assert.Contains("condition met", await ready, StringComparison.Ordinal);
        Assert.Contains("condition met", await held, StringComparison.Ordinal);
        var gone = kubectl.RunAsync("wait", "--for=delete", "nip/waited", "--timeout=20s");
        await kubectl.RunAsync("delete", "nip", "waited");
        await gone;
        var late = await kubectl.TryAsync(null, "wait", "--for=condition=Ready", "ns/default", "--timeout=1s");
        Assert.Contains("timed out waiting for the condition", late.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_has_the_token_may_do_everything()
    {
        Assert.Equal("yes", (await kubectl.RunAsync("auth", "can-i", "delete", "nip")).Trim());
        Assert.Contains("vnetcni-lab", await kubectl.RunAsync("auth", "whoami"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_it_does_not_serve_it_refuses_in_words()
    {
        var ns = await kubectl.NamespaceAsync();
        await kubectl.ApplyAsync(Samples.Pod(ns, "p", "node-1", "web"));
        var logs = await kubectl.TryAsync(null, "logs", "p", "-n", ns);
        Assert.Contains("this API server has no pods/log", logs.Error, StringComparison.Ordinal);
    }
}
