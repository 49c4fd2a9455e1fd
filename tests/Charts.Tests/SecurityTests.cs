using System.Text.Json.Nodes;
using Vnetcni.Charts.Tests.Support;

namespace Vnetcni.Charts.Tests;

public sealed class SecurityTests
{
    public static TheoryData<string> Examples => [.. Helm.Examples];

    [Theory]
    [MemberData(nameof(Examples))]
    public void No_container_has_more_than_the_documentation_justifies(string example)
    {
        var justified = Justified();
        foreach (var (name, container) in Containers(example))
        {
            var context = container["securityContext"]!;
            Assert.False((bool)context["privileged"]!, name);
            Assert.False((bool)context["allowPrivilegeEscalation"]!, name);
            Assert.True((bool)context["readOnlyRootFilesystem"]!, name);
            Assert.Equal(["ALL"], Manifests.Strings(context["capabilities"]!["drop"]));
            Assert.Empty(Manifests.Strings(context["capabilities"]!["add"]).Except(justified.GetValueOrDefault((string)container["name"]!, [])));
        }
    }

    [Fact]
    public void What_the_documentation_justifies_is_what_the_chart_gives()
    {
        var given = Containers("minimal").ToDictionary(
            c => (string)c.Container["name"]!, c => Manifests.Strings(c.Container["securityContext"]!["capabilities"]!["add"]), StringComparer.Ordinal);
        foreach (var (container, capabilities) in Justified())
            Assert.Equal(capabilities.Order(StringComparer.Ordinal), given[container].Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_pod_has_the_runtimes_seccomp_profile_and_joins_no_namespace_of_the_node_but_the_network(string example)
    {
        foreach (var value in Helm.AllObjects(Helm.ValuesOf(example)))
        {
            if (Manifests.PodSpec(value) is not { } pod)
                continue;
            Assert.Equal("RuntimeDefault", (string?)pod["securityContext"]!["seccompProfile"]!["type"]);
            Assert.Null(pod["hostPID"]);
            Assert.Null(pod["hostIPC"]);
            if (Manifests.Kind(value) != "DaemonSet")
                Assert.True((bool)pod["securityContext"]!["runAsNonRoot"]!);
        }
    }

    [Fact]
    public void The_agent_sees_four_folders_of_the_node_and_the_operator_and_an_uninstall_not_the_runtimes()
    {
        var objects = Helm.Objects(Helm.Minimal);
        Assert.Equal(["/etc/cni/net.d", "/opt/cni/bin", "/run/containerd", "/run/vnetcni"], HostPaths(Manifests.One(objects, "DaemonSet")));
        Assert.Empty(HostPaths(Manifests.One(objects, "Deployment")));
        Assert.Equal(["/etc/cni/net.d", "/opt/cni/bin", "/run/vnetcni"], HostPaths(Manifests.One(Helm.UninstallObjects(Helm.Minimal), "DaemonSet")));
    }

    [Fact]
    public void The_runtimes_folder_is_read_only_where_the_agent_looks_for_the_socket_and_can_be_left_out()
    {
        var pod = Manifests.PodSpec(Manifests.One(Helm.Objects(Helm.Minimal), "DaemonSet"))!;
        var mount = Assert.Single((JsonArray)pod["containers"]![0]!["volumeMounts"]!, m => (string?)m!["name"] == "runtime")!;
        Assert.True((bool)mount["readOnly"]!);
        Assert.Equal(Path.GetDirectoryName(CriSockets()[0]), (string?)mount["mountPath"]);
        // It concludes nothing where that socket is not there, as it would if it were told the path.
        Assert.Null(Told(Helm.Minimal));

        Assert.Equal("none", Told(Helm.ValuesOf("restricted")));
        Assert.Equal(["/etc/cni/net.d", "/opt/cni/bin", "/run/vnetcni"], HostPaths(Manifests.One(Helm.Objects(Helm.ValuesOf("restricted")), "DaemonSet")));
        Assert.Equal("/run/k0s/containerd.sock", Told(Helm.ValuesOf("diy")));
        Assert.Contains("/run/k0s", HostPaths(Manifests.One(Helm.Objects(Helm.ValuesOf("diy")), "DaemonSet")));

        static string? Told(string values) => (string?)((JsonArray)Manifests.PodSpec(Manifests.One(Helm.Objects(values), "DaemonSet"))!["containers"]![0]!["env"]!)
            .SingleOrDefault(e => (string?)e!["name"] == "VNETCNI_CRI_SOCKET")?["value"];
    }

    [Fact]
    public void The_service_accounts_are_two_and_give_their_tokens_to_no_other_pod()
    {
        var objects = Helm.Objects(Helm.Minimal);
        var accounts = objects.Where(o => Manifests.Kind(o) == "ServiceAccount").ToArray();
        Assert.Equal(2, accounts.Length);
        Assert.All(accounts, account => Assert.False((bool)account["automountServiceAccountToken"]!));
        Assert.NotEqual(
            (string?)Manifests.PodSpec(Manifests.One(objects, "Deployment"))!["serviceAccountName"],
            (string?)Manifests.PodSpec(Manifests.One(objects, "DaemonSet"))!["serviceAccountName"]);
        Assert.False((bool)Manifests.PodSpec(Manifests.One(objects, "Pod"))!["automountServiceAccountToken"]!);
    }

    [Fact]
    public void The_azure_token_is_the_operators_own_and_for_its_audience_only()
    {
        var objects = Helm.Objects(Helm.ValuesOf("everything"));
        var volumes = (JsonArray)Manifests.PodSpec(Manifests.One(objects, "Deployment"))!["volumes"]!;
        var token = Assert.Single(volumes, v => (string?)v!["name"] == "azure-token")!["projected"]!["sources"]![0]!["serviceAccountToken"]!;
        Assert.Equal("api://AzureADTokenExchangeUSGov", (string?)token["audience"]);
        Assert.DoesNotContain("azure-token", Manifests.One(objects, "DaemonSet").ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("AZURE_", Manifests.One(objects, "DaemonSet").ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_uninstall_refuses_and_drains_before_it_cleans_nodes_up_and_waits_for_them()
    {
        var objects = Helm.UninstallObjects(Helm.Minimal);
        Assert.Equal(
            ["vnetcni-uninstall-drain", "vnetcni-uninstall", "vnetcni-uninstall-nodes"],
            objects.Where(o => Manifests.Kind(o) is "Job" or "DaemonSet").Select(Manifests.Name));
        Assert.All(objects, o => Assert.Equal("before-hook-creation,hook-succeeded", (string?)o["metadata"]!["annotations"]!["helm.sh/hook-delete-policy"]));
        // A second try of a job would hide why the first one refused.
        Assert.All(objects.Where(o => Manifests.Kind(o) == "Job"), job => Assert.Equal(0, (long)job["spec"]!["backoffLimit"]!));
        Assert.Empty(Helm.UninstallObjects(Helm.Minimal, "--set", "uninstall.enabled=false"));
    }

    [Fact]
    public void An_uninstall_may_stop_what_is_ours_and_delete_budgets_beyond_the_operators_rights()
    {
        var rights = Helm.UninstallObjects(Helm.Minimal)
            .Where(o => Manifests.Kind(o) is "ClusterRole" or "Role")
            .SelectMany(o => (JsonArray)o["rules"]!)
            .SelectMany(rule => Manifests.Strings(rule!["resourceNames"]).DefaultIfEmpty("*").SelectMany(name =>
                Manifests.Strings(rule["verbs"]).Select(verb => $"{verb} {Manifests.Strings(rule["resources"]).Single()} {name}")));
        Assert.Equal(
            [
                "delete daemonsets vnetcni-agent", "delete virtualnetworks *", "get daemonsets vnetcni-agent", "get daemonsets vnetcni-uninstall",
                "get deployments vnetcni-operator", "patch deployments vnetcni-operator",
            ],
            rights.Order(StringComparer.Ordinal));
    }

    private static string[] HostPaths(JsonObject workload) =>
    [
        .. ((JsonArray?)Manifests.PodSpec(workload)!["volumes"] ?? [])
            .Select(v => (string?)v!["hostPath"]?["path"]).OfType<string>().Order(StringComparer.Ordinal),
    ];

    // Where the agent looks by itself.
    private static IReadOnlyList<string> CriSockets() => (IReadOnlyList<string>)System.Reflection.Assembly.Load("Vnetcni.NodeAgent")
        .GetType("Vnetcni.NodeAgent.Cri.CriSocket", throwOnError: true)!.GetProperty("Usual")!.GetValue(null)!;

    private static IEnumerable<(string Name, JsonObject Container)> Containers(string example) =>
        from value in Helm.AllObjects(Helm.ValuesOf(example))
        let pod = Manifests.PodSpec(value)
        where pod is not null
        from container in Manifests.Containers(pod)
        select ($"{Manifests.Name(value)}/{(string?)container["name"]}", container);

    // The rows of docs/install/security.md: | `agent` | `NET_ADMIN` | why |
    private static Dictionary<string, HashSet<string>> Justified()
    {
        var rows = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var line in Repository.Read("docs/install/security.md").Split('\n'))
        {
            var cells = line.Split('|', StringSplitOptions.TrimEntries);
            if (cells.Length != 5 || !cells[1].StartsWith('`') || cells[2].Trim('`') is not { Length: > 0 } capability || capability.Any(c => !char.IsAsciiLetterUpper(c) && c != '_'))
                continue;
            Assert.True(cells[3].Length > 40, $"{capability} needs a reason");
            (rows.TryGetValue(cells[1].Trim('`'), out var known) ? known : rows[cells[1].Trim('`')] = []).Add(capability);
        }

        Assert.NotEmpty(rows);
        return rows;
    }
}
