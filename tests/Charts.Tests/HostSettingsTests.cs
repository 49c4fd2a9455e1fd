using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Vnetcni.Charts.Tests.Support;

namespace Vnetcni.Charts.Tests;

/// <summary>What the chart says to the programs is what they understand: their own readers read it.</summary>
public sealed partial class HostSettingsTests
{
    // Read by others than the options' readers: Azure.Identity's settings by the operator, the service's address by the API client.
    private static readonly string[] ReadElsewhere =
        [
        "AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_CLIENT_CERTIFICATE_PASSWORD",
        "AZURE_FEDERATED_TOKEN_FILE", "VNETCNI_ARM_TOKEN",
    ];

    private static readonly string[] OfTheClient = ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"];

    public static TheoryData<string> Examples => [.. Helm.Examples];

    [Theory]
    [MemberData(nameof(Examples))]
    public void The_operator_accepts_every_setting_of_the_chart(string example) =>
        Accepts(example, Manifests.One(Helm.Objects(Helm.ValuesOf(example)), "Deployment"), "operator", "operator", "Vnetcni.Operator", "Vnetcni.Operator.Hosting.HostOptionsReader");

    [Theory]
    [MemberData(nameof(Examples))]
    public void The_agent_accepts_every_setting_of_the_chart(string example) =>
        Accepts(example, Manifests.One(Helm.Objects(Helm.ValuesOf(example)), "DaemonSet"), "agent", "agent", "Vnetcni.NodeAgent", "Vnetcni.NodeAgent.Hosting.AgentOptionsReader");

    [Theory]
    [MemberData(nameof(Examples))]
    public void The_uninstalls_programs_accept_every_setting_of_the_chart(string example)
    {
        var objects = Helm.UninstallObjects(Helm.ValuesOf(example));
        Accepts(example, Manifests.One(objects, "Job", "-drain"), "operator", "drain", "Vnetcni.Operator", "Vnetcni.Operator.Hosting.HostOptionsReader");
        Accepts(example, Manifests.One(objects, "Job", "-nodes"), "operator", "await-clean-up", "Vnetcni.Operator", "Vnetcni.Operator.Hosting.HostOptionsReader");
        Accepts(example, Manifests.One(objects, "DaemonSet"), "agent", "clean-up", "Vnetcni.NodeAgent", "Vnetcni.NodeAgent.Hosting.AgentOptionsReader");
    }

    [Fact]
    public void What_other_code_reads_is_read_there()
    {
        var host = Repository.Read("src/Operator/Hosting/ArmConnection.cs");
        Assert.All(ReadElsewhere, name => Assert.Contains($"\"{name}\"", host, StringComparison.Ordinal));
    }

    [Fact]
    public void The_agents_socket_lies_in_the_folder_that_is_mounted()
    {
        var pod = Manifests.PodSpec(Manifests.One(Helm.Objects(Helm.Minimal), "DaemonSet"))!;
        var folder = Path.GetDirectoryName(AgentProtocol.AgentPaths.DefaultSocket);
        Assert.Contains((JsonArray)pod["containers"]![0]!["volumeMounts"]!, m => (string?)m!["mountPath"] == folder);
        Assert.Contains((JsonArray)pod["volumes"]!, v => (string?)v!["hostPath"]?["path"] == folder);
    }

    [Fact]
    public void The_network_configuration_is_written_into_the_runtimes_folder()
    {
        var pod = Manifests.PodSpec(Manifests.One(Helm.Objects(Helm.ValuesOf("diy")), "DaemonSet"))!;
        var container = pod["containers"]![0]!;
        var conflist = (string)((JsonArray)container["env"]!).Single(e => (string?)e!["name"] == "VNETCNI_CONFLIST")!["value"]!;
        Assert.Equal("00-net.conflist", Path.GetFileName(conflist));
        var volume = (string?)((JsonArray)container["volumeMounts"]!).Single(m => (string?)m!["mountPath"] == Path.GetDirectoryName(conflist))!["name"];
        Assert.Equal("/etc/k0s/cni/net.d", (string?)((JsonArray)pod["volumes"]!).Single(v => (string?)v!["name"] == volume)!["hostPath"]!["path"]);
    }

    private static void Accepts(string example, JsonObject workload, string part, string container, string assembly, string reader)
    {
        var spec = Manifests.Containers(Manifests.PodSpec(workload)!).Single(c => (string?)c["name"] == container);
        Assert.Null(spec["args"]);
        var type = Assembly.Load(assembly).GetType(reader, throwOnError: true)!;
        var usage = (string)type.GetProperty("Usage")!.GetValue(null)!;
        var known = Variable().Matches(usage).Select(m => m.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        Assert.True(known.Count > 8, usage);

        var extra = Values(example)?[part]?["extraEnv"] as JsonArray ?? [];
        var given = ((JsonArray)spec["env"]!)
            .Where(e => !extra.Any(x => (string?)x!["name"] == (string?)e!["name"]))
            .ToDictionary(e => (string)e!["name"]!, e => (string?)e!["value"], StringComparer.Ordinal);
        Assert.Empty(given.Keys.Except(known, StringComparer.Ordinal).Except(ReadElsewhere, StringComparer.Ordinal).Except(OfTheClient, StringComparer.Ordinal));

        // The file is a mounted one; its option is checked by its own reader for existence only.
        given.Remove("VNETCNI_ARM_CA_FILE");
        given["NODE_NAME"] = "node-1";
        given["POD_NAME"] = "vnetcni-operator-7d9c-x2k4";
        var read = type.GetMethod("Read", BindingFlags.Static | BindingFlags.Public)!;
        read.Invoke(null, [Array.Empty<string>(), (Func<string, string?>)(name => given.GetValueOrDefault(name)), "host"]);
    }

    private static JsonObject? Values(string example) => Manifests.Parse(Repository.Read(Helm.ValuesOf(example))).SingleOrDefault();

    [GeneratedRegex(@"\$(?<name>[A-Z][A-Z0-9_]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Variable();
}
