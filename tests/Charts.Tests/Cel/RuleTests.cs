using System.Text.Json.Nodes;
using Vnetcni.Charts.Tests.Support;
using Vnetcni.TestSupport.Kubernetes;

namespace Vnetcni.Charts.Tests.Cel;

/// <summary>Each rule of the CRDs, broken on a server that knows CEL: the person who broke it reads the rule's message.</summary>
public sealed class RuleTests(ExtensionsServer server) : IClassFixture<ExtensionsServer>
{
    private const string Network = "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/virtualNetworks/v";

    /// <summary>A kind, the change of a valid spec that breaks a rule, and what its message begins with.</summary>
    public static TheoryData<string, string, string> Broken => new()
    {
        { "NodeIpPoolClass", """{"nodeSelector":{"matchExpressions":[{"key":"a","operator":"In"}]}}""", "values must be set with In and NotIn" },
        { "NodeIpPoolClass", """{"nodeSelector":{"matchExpressions":[{"key":"a","operator":"Exists","values":["b"]}]}}""", "values must be set with In and NotIn" },
        { "NodeIpPoolClass", """{"networkInterface":{"selector":"Named"}}""", "set networkInterface.name with selector Named" },
        { "NodeIpPoolClass", """{"networkInterface":{"selector":"Primary","name":"nic-1"}}""", "set networkInterface.name with selector Named" },
        { "NodeIpPoolClass", """{"pool":{"reuseCooldown":"11m"}}""", "reuseCooldown must be at most 10m" },
        { "NodeIpPoolClass", """{"pool":{"releaseDelay":"25h"}}""", "releaseDelay must be at most 24h" },
        { "NodeIpPoolClass", """{"pool":{"minFree":20,"maxFree":20}}""", "pool.maxFree must be at least pool.minFree + pool.batchSize" },
        { "NodeIpPoolClass", """{"pool":{"warmUp":100,"maxAddresses":50}}""", "pool.warmUp must be at most pool.maxAddresses" },
        { "NodeIpPoolClass", """{"dataplane":{"addTimeout":"11m"}}""", "addTimeout must be 1s to 10m" },
        { "NodeIpPoolClass", """{"dataplane":{"addTimeout":"0s"}}""", "addTimeout must be 1s to 10m" },
        { "NodeIpPoolClass", """{"dataplane":{"mtu":500}}""", "dataplane.mtu must be 0" },
        { "NodeIpPool", """{"nodeName":"another"}""", "spec.nodeName must equal metadata.name" },
        { "NodeIpPool", """{"networkInterface":{"selector":"Named"}}""", "set networkInterface.name with selector Named" },
        { "NodeIpPool", """{"pool":{"reuseCooldown":"11m"}}""", "reuseCooldown must be at most 10m" },
        { "NodeIpPool", """{"pool":{"releaseDelay":"25h"}}""", "releaseDelay must be at most 24h" },
        { "NodeIpPool", """{"pool":{"minFree":20,"maxFree":20}}""", "pool.maxFree must be at least pool.minFree + pool.batchSize" },
        { "NodeIpPool", """{"pool":{"warmUp":100,"maxAddresses":50}}""", "pool.warmUp must be at most pool.maxAddresses" },
        { "NodeIpPool", """{"dataplane":{"addTimeout":"11m"}}""", "addTimeout must be 1s to 10m" },
        { "NodeIpPool", """{"dataplane":{"mtu":500}}""", "dataplane.mtu must be 0" },
        { "VirtualNetwork", """{"resourceId":"vnet-1"}""", "spec.resourceId must be the ARM id of a virtual network" },
    };

    /// <summary>A kind, a change of what was created, and what the message of a rule about changes begins with.</summary>
    public static TheoryData<string, string, string> Changed => new()
    {
        { "NodeIpPool", """{"nodeName":"another"}""", "spec.nodeName cannot change" },
        { "VirtualNetwork", $$"""{"resourceId":"{{Network}}2"}""", "spec.resourceId cannot change" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_rule_is_said_with_its_message(string kind, string change, string message)
    {
        var broken = Valid(kind);
        Merge(broken["spec"]!.AsObject(), JsonNode.Parse(change)!.AsObject());
        var (code, output, error) = Apply(broken);
        Assert.True(code != 0, output);
        Assert.Contains(Whole(message), error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Changed))]
    public void A_change_that_a_rule_forbids_is_said_with_its_message(string kind, string change, string message)
    {
        var valid = Valid(kind);
        var created = Apply(valid, dryRun: false);
        Assert.True(created.Code == 0, created.Output + created.Error);
        try
        {
            Merge(valid["spec"]!.AsObject(), JsonNode.Parse(change)!.AsObject());
            var (code, output, error) = Apply(valid);
            Assert.True(code != 0, output);
            Assert.Contains(Whole(message), error, StringComparison.Ordinal);
        }
        finally
        {
            server.Admin("delete", kind, (string)valid["metadata"]!["name"]!);
        }
    }

    [Theory]
    [InlineData("NodeIpPoolClass")]
    [InlineData("NodeIpPool")]
    [InlineData("VirtualNetwork")]
    public void What_breaks_no_rule_is_taken(string kind)
    {
        var (code, output, error) = Apply(Valid(kind));
        Assert.True(code == 0, output + error);
    }

    [Fact]
    public void The_examples_are_taken()
    {
        foreach (var file in Directory.GetFiles(Repository.PathOf("examples"), "*.yaml"))
            server.Admin("apply", "--server-side", "--dry-run=server", "-f", file);
    }

    [Fact]
    public void Every_rule_is_broken_by_a_case()
    {
        var cases = Broken.Concat(Changed).Select(static row => (row.Data.Item1, Whole(row.Data.Item3)));
        var rules = RepositoryCrds.All.SelectMany(crd => Messages(crd).Select(message => ((string)crd["spec"]!["names"]!["kind"]!, message)));
        Assert.Empty(rules.Except(cases));
    }

    // kubectl cuts nothing: the whole message must be there.
    private static string Whole(string beginning)
    {
        var all = RepositoryCrds.All.SelectMany(Messages).Where(m => m.StartsWith(beginning, StringComparison.Ordinal)).Distinct(StringComparer.Ordinal);
        return Assert.Single(all);
    }

    private static IEnumerable<string> Messages(JsonNode? node) => node switch
    {
        JsonObject o => o.SelectMany(p => p.Key == "x-kubernetes-validations"
            ? p.Value!.AsArray().Select(rule => (string)rule!["message"]!)
            : Messages(p.Value)),
        JsonArray a => a.SelectMany(Messages),
        _ => [],
    };

    private static JsonObject Valid(string kind)
    {
        var spec = kind switch
        {
            "NodeIpPool" => """{"nodeName":"valid"}""",
            "VirtualNetwork" => $$"""{"resourceId":"{{Network}}"}""",
            _ => "{}",
        };
        return JsonNode.Parse($$"""{"apiVersion":"vnetcni.dev/v1alpha1","kind":"{{kind}}","metadata":{"name":"valid"},"spec":{{spec}}}""")!.AsObject();
    }

    private static void Merge(JsonObject target, JsonObject change)
    {
        foreach (var (name, value) in change)
            target[name] = value?.DeepClone();
    }

    private (int Code, string Output, string Error) Apply(JsonObject body, bool dryRun = true) =>
        server.Kubectl(null, ["apply", "--server-side", .. dryRun ? (string[])["--dry-run=server"] : [], "-f", server.File("object.json", body.ToJsonString())]);
}
