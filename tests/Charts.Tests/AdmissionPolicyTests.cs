using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Vnetcni.Charts.Tests.Support;
using Vnetcni.TestSupport.Kubernetes;

namespace Vnetcni.Charts.Tests;

public sealed partial class AdmissionPolicyTests
{
    [Fact]
    public void Every_field_of_the_status_but_usage_is_closed_to_the_agent()
    {
        var crd = RepositoryCrds.All.Single(c => (string?)c["spec"]!["names"]!["kind"] == "NodeIpPool");
        var status = crd["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["status"]!["properties"]!.AsObject();
        var closed = Expressions("-agent-usage").Select(e => StatusField().Match(e)).Where(m => m.Success).ToArray();
        Assert.All(closed, m => Assert.Equal(m.Groups["now"].Value, m.Groups["before"].Value));
        Assert.Equal(
            status.Select(p => p.Key).Where(name => name != "usage").Order(StringComparer.Ordinal),
            closed.Select(m => m.Groups["now"].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_policies_speak_of_the_charts_service_accounts()
    {
        var objects = Helm.Objects(Helm.ValuesOf("diy"));
        var agent = Manifests.One(objects, "ValidatingAdmissionPolicy", "-agent-usage");
        Assert.Contains("'system:serviceaccount:vnetcni-system:net-agent'", Condition(agent), StringComparison.Ordinal);
        var deletion = Manifests.One(objects, "ValidatingAdmissionPolicy", "-pool-deletion");
        Assert.Contains("'system:serviceaccount:vnetcni-system:net-operator'", Condition(deletion), StringComparison.Ordinal);
        Assert.Contains("generic-garbage-collector", Condition(deletion), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_policy_is_bound_and_denies()
    {
        var objects = Helm.Objects(Helm.Minimal);
        var policies = objects.Where(o => Manifests.Kind(o) == "ValidatingAdmissionPolicy").Select(Manifests.Name).Order(StringComparer.Ordinal);
        var bindings = objects.Where(o => Manifests.Kind(o) == "ValidatingAdmissionPolicyBinding").ToArray();
        Assert.Equal(policies, bindings.Select(b => (string)b["spec"]!["policyName"]!).Order(StringComparer.Ordinal));
        Assert.All(bindings, b => Assert.Equal(["Deny"], Manifests.Strings(b["spec"]!["validationActions"])));
    }

    private static string Condition(JsonObject policy) => (string)policy["spec"]!["matchConditions"]![0]!["expression"]!;

    private static IEnumerable<string> Expressions(string ending) =>
        ((JsonArray)Manifests.One(Helm.Objects(Helm.Minimal), "ValidatingAdmissionPolicy", ending)["spec"]!["validations"]!).Select(v => (string)v!["expression"]!);

    [GeneratedRegex(@"^request\.operation != 'UPDATE' \|\| object\.\?status\.\?(?<now>\w+) == oldObject\.\?status\.\?(?<before>\w+)$", RegexOptions.CultureInvariant)]
    private static partial Regex StatusField();
}
