using System.Text.Json.Nodes;
using Vnetcni.Charts.Tests.Support;

namespace Vnetcni.Charts.Tests;

/// <summary>
/// The release before this one, upgraded as docs/install/upgrade.md says, on a real API server by both Helms. Its charts are as
/// <c>helm package</c> made them, with a pool of its time whose addresses are in use. Recordings: they are never changed, only
/// replaced by those of a later release.
/// </summary>
public sealed class ReleaseBeforeTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Namespace = "vnetcni-system";
    private const string Chart = "tests/Charts.Tests/Fixtures/vnetcni-0.1.0.tgz";
    private const string Crds = "tests/Charts.Tests/Fixtures/vnetcni-crds-0.1.0.tgz";
    private const string Pool = "tests/Charts.Tests/Fixtures/nodeippool-0.1.0.yaml";
    private static readonly string[] StatusOfThePool = ["patch", "nip", "node1", "--subresource=status", "--type=merge", "--patch-file", Pool];

    [Theory]
    [InlineData("3")]
    [InlineData("4")]
    public void Is_upgraded_with_addresses_in_use_and_can_be_gone_back_to(string version)
    {
        // As in HelmReleaseTests: what a server of 1.20 needs.
        string[] apply = version == "4" ? ["--server-side=false"] : [];
        string[] flags = ["--disable-openapi-validation", .. apply];
        HelmRun("install", ["vnetcni-crds", Crds, "--create-namespace", .. flags]);
        OurKinds.UntilServed(TryKubectl);
        HelmRun("install", ["vnetcni", Chart, "--skip-crds", "--values", Helm.Minimal, "--set", "operator.workers=7", .. flags]);
        Kubectl("patch", "nipc", "default", "--type=merge", "-p", """{"spec":{"pool":{"minFree":3}}}""");
        Kubectl("create", "-f", Pool);
        Kubectl(StatusOfThePool);
        var (pool, workloads, agent) = (PoolNow(), Workloads(), Agent());
        Assert.Equal(3, pool["status"]!["networkInterfaces"]![0]!["addresses"]!.AsArray().Count);

        // CRDs first. What the operator and the agents of the release before write meanwhile is taken as it is.
        HelmRun("upgrade", ["vnetcni-crds", "charts/vnetcni-crds", .. flags]);
        Kubectl(StatusOfThePool);
        Same(pool, PoolNow());

        HelmRun("upgrade", ["vnetcni", Helm.Chart, "--skip-crds", "--reset-then-reuse-values", .. flags]);
        // The same two workloads: their pods are replaced one by one. A workload under another name would run beside the old one's pods.
        Assert.Equal(workloads, Workloads());
        Assert.Equal("7", Kubectl("-n", Namespace, "get", "deployment", "vnetcni-operator", "-o", "jsonpath={..env[?(@.name=='VNETCNI_WORKERS')].value}"));
        Assert.Equal("3", Kubectl("get", "nipc", "default", "-o", "jsonpath={.spec.pool.minFree}"));
        Same(pool, PoolNow());
        // A setting that is new since then has its default.
        Same(Manifests.PodSpec(Manifests.One(Helm.Objects(Helm.Minimal), "DaemonSet"))!["volumes"]!, Agent()["volumes"]!);

        HelmRun("rollback", ["vnetcni", "1", .. apply]);
        Assert.Equal(workloads, Workloads());
        Same(agent, Agent());
        Same(pool, PoolNow());

        HelmRun("uninstall", ["vnetcni", "--no-hooks"]);
        HelmRun("uninstall", ["vnetcni-crds"]);
        Kubectl("patch", "nip", "node1", "--type=merge", "-p", """{"metadata":{"finalizers":null}}""");
        Kubectl("delete", "crd", "--all");

        void HelmRun(string verb, string[] arguments) =>
            Done(Repository.Run(Helm.ProgramOf(version), server.Kubeconfig, [verb, .. arguments, "--namespace", Namespace]));
    }

    [Theory]
    [InlineData("3")]
    [InlineData("4")]
    public void Its_values_alone_are_enough_for_the_present_chart(string version)
    {
        // What helm upgrade --reuse-values renders: every setting has the old chart's value, and new settings have none.
        var (code, values, error) = Helm.Run(version, "show", "values", Chart);
        Assert.True(code == 0, error);
        var file = Path.Combine(Directory.CreateTempSubdirectory("vnetcni-values-").FullName, "values.yaml");
        File.WriteAllText(file, values);
        var objects = Manifests.Parse(Helm.Template(version, Helm.Minimal, "--values", file, "--values", Helm.Minimal, "--set", "agent.criSocket=null"));
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        Assert.Equal("none", (string?)((JsonArray)Manifests.PodSpec(objects.First(o => Manifests.Name(o) == "vnetcni-agent" && Manifests.Kind(o) == "DaemonSet"))!["containers"]![0]!["env"]!)
            .Single(e => (string?)e!["name"] == "VNETCNI_CRI_SOCKET")!["value"]);
    }

    private JsonObject PoolNow()
    {
        var pool = JsonNode.Parse(Kubectl("get", "nip", "node1", "-o", "json"))!.AsObject();
        pool["metadata"]!.AsObject().Remove("resourceVersion");
        return pool;
    }

    private JsonNode Agent() => JsonNode.Parse(Kubectl("-n", Namespace, "get", "daemonset", "vnetcni-agent", "-o", "json"))!["spec"]!["template"]!["spec"]!;

    private string Workloads() => Kubectl(
        "-n", Namespace, "get", "deployments,daemonsets", "-o", "jsonpath={range .items[*]}{.metadata.name} {.metadata.uid} {.spec.selector.matchLabels}{\"\\n\"}{end}");

    private string Kubectl(params string[] arguments) => Done(TryKubectl(arguments)).Trim();

    private (int Code, string Output, string Error) TryKubectl(params string[] arguments) =>
        Repository.Run(Done(Repository.Run(Repository.PathOf("eng/kube/kubectl.sh"))).Trim(), server.Kubeconfig, arguments);

    private static void Same(JsonNode expected, JsonNode actual) => Assert.True(JsonNode.DeepEquals(expected, actual), $"{expected.ToJsonString()}\nbecame\n{actual.ToJsonString()}");

    private static string Done((int Code, string Output, string Error) run)
    {
        Assert.True(run.Code == 0, run.Output + run.Error);
        return run.Output;
    }
}
