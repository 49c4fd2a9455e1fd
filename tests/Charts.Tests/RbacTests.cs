using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Vnetcni.Charts.Tests.Support;

namespace Vnetcni.Charts.Tests;

/// <summary>The rights are exactly the verbs that the code uses: its calls are read from the source.</summary>
public sealed partial class RbacTests
{
    private static readonly Dictionary<string, string> Resources = new(StringComparer.Ordinal)
    {
        ["Pools"] = "nodeippools",
        ["Classes"] = "nodeippoolclasses",
        ["VirtualNetworks"] = "virtualnetworks",
        ["Nodes"] = "nodes",
        ["Pods"] = "pods",
        ["Namespaces"] = "namespaces",
        ["Leases"] = "leases",
        ["Events"] = "events",
        // The agent's field for the kind of pools.
        ["_kind"] = "nodeippools",
        ["kind"] = "nodeippools",
    };

    [Fact]
    public void The_operator_may_do_what_its_code_does_and_no_more()
    {
        var used = Calls("src/Operator").Concat(Calls("src/ControllerRuntime/LeaderElection")).Concat(Calls("src/ControllerRuntime/Events")).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(used.Order(StringComparer.Ordinal), Rights("vnetcni-operator").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_agent_may_do_what_its_code_does_and_no_more()
    {
        var used = Calls("src/NodeAgent").Concat(Calls("src/ControllerRuntime/Events")).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(used.Order(StringComparer.Ordinal), Rights("vnetcni-agent").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Nobody_may_read_secrets_or_do_anything_with_everything()
    {
        foreach (var rule in Rules(_ => true, Helm.AllObjects(Helm.Minimal)))
        {
            string[] words = [.. Manifests.Strings(rule["verbs"]), .. Manifests.Strings(rule["resources"]), .. Manifests.Strings(rule["apiGroups"])];
            Assert.DoesNotContain("*", words);
            Assert.DoesNotContain("secrets", words);
            Assert.Empty(words.Intersect(["bind", "escalate", "impersonate", "nodes/proxy", "pods/exec"]));
        }
    }

    [Fact]
    public void Only_the_operators_own_lease_can_be_changed_and_only_kube_system_be_read()
    {
        var rules = Rules(name => name.StartsWith("vnetcni-operator", StringComparison.Ordinal)).ToArray();
        var lease = Assert.Single(rules, r => Manifests.Strings(r["resources"]).Contains("leases") && Manifests.Strings(r["verbs"]).Contains("update"));
        Assert.Equal(["vnetcni-operator"], Manifests.Strings(lease["resourceNames"]));
        var container = Manifests.PodSpec(Manifests.One(Helm.Objects(Helm.Minimal), "Deployment"))!["containers"]![0]!;
        Assert.Equal("vnetcni-operator", (string?)((JsonArray)container["env"]!).Single(e => (string?)e!["name"] == "VNETCNI_LEASE_NAME")!["value"]);
        Assert.Equal(["kube-system"], Manifests.Strings(Assert.Single(rules, r => Manifests.Strings(r["resources"]).Contains("namespaces"))["resourceNames"]));
    }

    [Fact]
    public void People_get_their_rights_through_the_clusters_own_roles()
    {
        var objects = Helm.Objects(Helm.Minimal);
        foreach (var (role, aggregates) in new (string, string[])[] { ("-view", ["admin", "edit", "view"]), ("-edit", ["admin", "edit"]), ("-admin", ["admin"]) })
        {
            var labels = Manifests.One(objects, "ClusterRole", role)["metadata"]!["labels"]!.AsObject();
            Assert.Equal(
                aggregates.Select(a => $"rbac.authorization.k8s.io/aggregate-to-{a}"),
                labels.Select(l => l.Key).Where(l => l.Contains("/aggregate-to-", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        }
    }

    private static IEnumerable<JsonObject> Rules(Func<string, bool> role, IReadOnlyList<JsonObject>? objects = null) => (objects ?? Helm.Objects(Helm.Minimal))
        .Where(o => Manifests.Kind(o) is "ClusterRole" or "Role" && role(Manifests.Name(o)))
        .SelectMany(o => (JsonArray)o["rules"]!).Select(r => r!.AsObject());

    private static HashSet<string> Rights(string role) =>
    [
        .. from rule in Rules(name => name == role || name == role + "-lease" || name == role + "-events")
           from resource in Manifests.Strings(rule["resources"])
           from verb in Manifests.Strings(rule["verbs"])
           select $"{verb} {resource}",
    ];

    private static IEnumerable<string> Calls(string folder)
    {
        // An uninstall has a role of its own, for as long as it lasts.
        foreach (var file in Repository.Sources(folder).Where(f => !f.Contains("/Uninstall/", StringComparison.Ordinal)))
        {
            var text = File.ReadAllText(file);
            foreach (Match call in Call().Matches(text))
            {
                var resource = Resources[call.Groups["kind"].Value];
                var options = call.Groups["rest"].Value;
                switch (call.Groups["verb"].Value)
                {
                    case "Get": yield return $"get {resource}"; break;
                    case "List": yield return $"list {resource}"; break;
                    case "Create": yield return $"create {resource}"; break;
                    case "Replace": yield return $"update {resource}"; break;
                    case "Delete": yield return $"delete {resource}"; break;
                    case "Patch" when Options(text, options).Contains("\"status\"", StringComparison.Ordinal):
                        yield return $"patch {resource}/status";
                        break;
                    case "Patch":
                        yield return $"patch {resource}";
                        // A server-side apply may make the object.
                        if (!Options(text, options).Contains("KubePatchType.Merge", StringComparison.Ordinal))
                            yield return $"create {resource}";
                        break;
                    default: throw new InvalidDataException($"{file}: {call.Value}");
                }
            }

            foreach (Match cache in Cache().Matches(text))
            {
                yield return $"list {Resources[cache.Groups["kind"].Value]}";
                yield return $"watch {Resources[cache.Groups["kind"].Value]}";
            }
        }
    }

    // The options stand in the call, or are a field of the file or a local of the method.
    private static string Options(string text, string arguments)
    {
        var name = arguments.Split(',', StringSplitOptions.TrimEntries).First(a => OptionsName().IsMatch(a));
        if (name.StartsWith("new ", StringComparison.Ordinal))
            return arguments;
        var definition = Regex.Match(text, $@"\b{name} = new[^;]*;", RegexOptions.None, TimeSpan.FromSeconds(5));
        Assert.True(definition.Success, $"where {name} comes from is not known");
        return definition.Value;
    }

    [GeneratedRegex(@"^(?:Apply|ApplySpec|ApplyStatus|Merge|options|new KubePatchOptions.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex OptionsName();

    [GeneratedRegex(@"\b_?[Aa]pi\.(?<verb>Get|List|Create|Replace|Delete|Patch)Async\(\s*(?:OperatorKinds\.|KubeKinds\.)?(?<kind>\w+),(?=(?<rest>[^;]*);)", RegexOptions.CultureInvariant)]
    private static partial Regex Call();

    [GeneratedRegex(@"new WatchCache<\w+>\(\s*_?api, (?:OperatorKinds\.|KubeKinds\.)?(?<kind>\w+),", RegexOptions.CultureInvariant)]
    private static partial Regex Cache();
}
