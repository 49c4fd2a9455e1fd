using System.Text.Json.Nodes;
using Vnetcni.Charts.Tests.Support;

namespace Vnetcni.Charts.Tests.Cel;

/// <summary>The chart's admission policies and rights, evaluated by a server that knows them.</summary>
public sealed class PolicyTests : IClassFixture<ExtensionsServer>
{
    private const string Agent = "system:serviceaccount:vnetcni-system:vnetcni-agent";
    private const string Operator = "system:serviceaccount:vnetcni-system:vnetcni-operator";
    private const string Collector = "system:serviceaccount:kube-system:generic-garbage-collector";
    private const string Usage = """{"usage":{"desired":3,"inUse":2,"observedAt":"2026-01-01T00:00:00Z"}}""";
    private readonly ExtensionsServer server;

    public PolicyTests(ExtensionsServer server)
    {
        this.server = server;
        server.Once(Install);
    }

    private void Install()
    {
        var objects = Helm.Objects(Helm.Minimal, "--api-versions", "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy");
        string[] kinds = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ClusterRole", "ClusterRoleBinding"];
        var wanted = objects.Where(o => kinds.Contains(Manifests.Kind(o))).ToArray();
        Assert.Equal(2, wanted.Count(o => Manifests.Kind(o) == "ValidatingAdmissionPolicy"));
        var list = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray([.. wanted.Select(o => o.DeepClone())]) };
        server.Admin("apply", "--validate=false", "-f", server.File("policies.json", list.ToJsonString()));
        // The collector's rights are the controller-manager's business.
        server.Admin("apply", "-f", server.File("collector.json", Allow(Collector)));
        UntilEnforced();
    }

    [Fact]
    public void An_agent_writes_the_usage_of_its_own_node()
    {
        Pool("node-a", inUse: 0);
        var (code, output, error) = WriteStatus(server.As(Agent, "node-a"), "node-a", Usage);
        Assert.True(code == 0, output + error);
        Assert.Equal("2", server.Admin("get", "nip", "node-a", "-o", "jsonpath={.status.usage.inUse}"));
    }

    [Theory]
    [InlineData("node-b")]
    [InlineData(null)]
    public void An_agent_whose_token_is_not_bound_to_the_node_is_refused(string? boundTo)
    {
        Pool("node-a", inUse: 0);
        var refusal = Refused(WriteStatus(server.As(Agent, boundTo), "node-a", Usage));
        Assert.Contains($"its token is bound to '{boundTo}', the pool is 'node-a'", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("granted", """{"granted":5}""")]
    [InlineData("zone", """{"zone":"1"}""")]
    [InlineData("conditions", """{"conditions":[{"type":"Ready","status":"True","reason":"InSync","message":"m","lastTransitionTime":"2026-01-01T00:00:00Z"}]}""")]
    [InlineData("networkInterfaces", """{"networkInterfaces":[{"id":"/nic","name":"nic"}]}""")]
    [InlineData("operation", """{"operation":{"url":"https://example/","kind":"Put","startedAt":"2026-01-01T00:00:00Z"}}""")]
    public void An_agent_writes_nothing_of_the_operators(string field, string status)
    {
        Pool("node-a", inUse: 0);
        var refusal = Refused(WriteStatus(server.As(Agent, "node-a"), "node-a", status));
        Assert.Contains($"status.{field} is the operator's; an agent writes status.usage only", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void An_agent_writes_no_spec_and_deletes_nothing()
    {
        Pool("node-a", inUse: 0);
        var agent = server.As(Agent, "node-a");
        Assert.NotEqual(0, server.Kubectl(agent, "patch", "nip", "node-a", "--type", "merge", "-p", """{"spec":{"className":"other"}}""").Code);
        Assert.NotEqual(0, server.Kubectl(agent, "delete", "nip", "node-a").Code);
    }

    [Fact]
    public void The_operator_writes_what_an_agent_may_not()
    {
        Pool("node-e", inUse: 0);
        var (code, output, error) = WriteStatus(server.As(Operator), "node-e", """{"granted":5}""");
        Assert.True(code == 0, output + error);
    }

    [Fact]
    public void A_person_does_not_delete_a_pool_that_pods_use()
    {
        Pool("node-c", inUse: 7);
        var refusal = Refused(server.Kubectl(null, "delete", "nip", "node-c"));
        Assert.Contains("7 pods of node node-c have addresses of this pool: kubectl drain node-c --ignore-daemonsets", refusal, StringComparison.Ordinal);
        Pool("node-c", inUse: 0);
        server.Admin("delete", "nip", "node-c");
    }

    [Theory]
    [InlineData(Operator)]
    [InlineData(Collector)]
    public void The_operator_and_the_garbage_collector_delete_it_all_the_same(string user)
    {
        Pool("node-d", inUse: 7);
        var (code, output, error) = server.Kubectl(server.As(user), "delete", "nip", "node-d");
        Assert.True(code == 0, output + error);
    }

    private void Pool(string name, int inUse)
    {
        server.Admin("apply", "-f", server.File("pool.json",
            $$"""
            {"apiVersion":"vnetcni.dev/v1alpha1","kind":"NodeIpPool","metadata":{"name":"{{name}}"},"spec":{"nodeName":"{{name}}"} }
            """));
        server.Admin("patch", "nip", name, "--subresource=status", "--type", "merge", "-p",
            $$$$"""{"status":{"usage":{"desired":8,"inUse":{{{{inUse}}}},"observedAt":"2026-01-01T00:00:00Z"}}}""");
    }

    // As the agent and the operator do it: a server-side apply, which needs no right to read.
    private (int Code, string Output, string Error) WriteStatus(string kubeconfig, string pool, string status)
    {
        var body = $$"""{"apiVersion":"vnetcni.dev/v1alpha1","kind":"NodeIpPool","metadata":{"name":"{{pool}}"},"status":{{status}} }""";
        return server.Kubectl(kubeconfig, "apply", "--server-side", "--force-conflicts", "--subresource=status", "--field-manager=test", "--validate=false",
            "-f", server.File("status.json", body));
    }

    private static string Refused((int Code, string Output, string Error) run)
    {
        Assert.True(run.Code != 0, run.Output);
        return run.Error;
    }

    // The server learns of a policy a moment after it was stored.
    private void UntilEnforced()
    {
        Pool("probe", inUse: 1);
        var until = TimeProvider.System.GetTimestamp();
        while (server.Kubectl(null, "delete", "nip", "probe", "--dry-run=server").Code == 0
            || WriteStatus(server.As(Agent, "other"), "probe", Usage).Code == 0)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(until) < TimeSpan.FromMinutes(1), "the policies are not enforced");
        }
    }

    private static string Allow(string user) => $$"""
        {"apiVersion":"v1","kind":"List","items":[
          {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"collector"},
           "rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["get","delete"]}]},
          {"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"collector"},
           "roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"collector"},
           "subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"{{user}}"}]}]}
        """;
}
