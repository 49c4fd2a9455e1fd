using Vnetcni.Charts.Tests.Support;

namespace Vnetcni.Charts.Tests;

/// <summary>The life of a release on a real API server, by both Helms. It has no controllers: objects are looked at, no pod runs.</summary>
public sealed class HelmReleaseTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string Namespace = "vnetcni-system";
    private static readonly TimeSpan RightsPatience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("3")]
    [InlineData("4")]
    public void Installs_upgrades_rolls_back_and_uninstalls(string version)
    {
        // The server is 1.20: it does not know the rules in the CRDs, and Helm 4's server-side apply asks for more than it has.
        string[] apply = version == "4" ? ["--server-side=false"] : [];
        string[] flags = ["--disable-openapi-validation", .. apply];
        string[] release = [Helm.Chart, "--namespace", Namespace, "--values", Helm.Minimal, .. flags];

        HelmRun("install", ["vnetcni-crds", "charts/vnetcni-crds", .. flags]);
        OurKinds.UntilServed(TryKubectl);
        var notes = HelmRun("install", ["vnetcni", .. release, "--create-namespace", "--skip-crds"]);
        Assert.Contains("system:serviceaccount:vnetcni-system:vnetcni-operator", notes, StringComparison.Ordinal);
        Assert.Contains("NetworkPolicy is not enforced", notes, StringComparison.Ordinal);
        Assert.Equal("8", Kubectl("get", "nipc", "default", "-o", "jsonpath={.spec.pool.minFree}"));
        Assert.Equal("policy/v1beta1", Kubectl("-n", Namespace, "get", "pdb", "vnetcni-operator", "-o", "jsonpath={.apiVersion}"));
        Rights();

        // What a person changes in the class stays through everything.
        Kubectl("patch", "nipc", "default", "--type", "merge", "-p", """{"spec":{"pool":{"minFree":3}}}""");
        HelmRun("upgrade", ["vnetcni", .. release, "--set", "operator.replicas=3"]);
        Assert.Equal("3", Replicas());
        HelmRun("rollback", ["vnetcni", "1", "--namespace", Namespace, .. apply]);
        Assert.Equal("2", Replicas());
        Assert.Equal("3", Kubectl("get", "nipc", "default", "-o", "jsonpath={.spec.pool.minFree}"));

        // Its jobs need kubelets: they run in the cluster tests.
        HelmRun("uninstall", ["vnetcni", "--namespace", Namespace, "--no-hooks"]);
        Assert.Empty(Kubectl("get", "deployments,daemonsets,services,serviceaccounts,roles,rolebindings,poddisruptionbudgets", "-A",
            "-l", "app.kubernetes.io/part-of=vnetcni", "-o", "name"));
        Assert.Empty(Kubectl("get", "clusterroles,clusterrolebindings", "-l", "app.kubernetes.io/part-of=vnetcni", "-o", "name"));
        Assert.Equal("nodeippoolclass.vnetcni.dev/default", Kubectl("get", "nipc", "-o", "name"));
        HelmRun("uninstall", ["vnetcni-crds"]);
        Assert.Equal(3, Kubectl("get", "crd", "-o", "name").Split('\n').Length);
        Kubectl("delete", "crd", "--all");

        string HelmRun(string verb, string[] arguments) => Done(Repository.Run(Helm.ProgramOf(version), server.Kubeconfig, [verb, .. arguments]));
    }

    // RBAC itself is asked, not the manifests. It learns of roles by a watch: until then the answer to all is no.
    private void Rights()
    {
        var since = TimeProvider.System.GetTimestamp();
        foreach (var (account, verb, what, expected) in new[]
        {
            ("operator", "create", "nodeippools.vnetcni.dev", "yes"),
            ("operator", "patch", "nodeippools.vnetcni.dev/status", "yes"),
            ("operator", "delete", "virtualnetworks.vnetcni.dev", "no"),
            ("operator", "patch", "nodes/status", "yes"),
            ("operator", "delete", "nodes", "no"),
            ("operator", "get", "secrets", "no"),
            ("agent", "patch", "nodeippools.vnetcni.dev/status", "yes"),
            ("agent", "patch", "nodeippools.vnetcni.dev", "no"),
            ("agent", "get", "nodes", "no"),
            ("agent", "create", "events", "yes"),
        })
        {
            // can-i ends with 1 for "no", and takes what follows a slash for a name.
            var (resource, subresource) = what.Split('/') is [var first, var second] ? (first, second) : (what, string.Empty);
            string[] arguments = ["auth", "can-i", verb, resource, $"--subresource={subresource}", $"--as=system:serviceaccount:{Namespace}:vnetcni-{account}"];
            var answer = TryKubectl(arguments).Output.Trim();
            while (expected == "yes" && answer != expected && TimeProvider.System.GetElapsedTime(since) < RightsPatience)
                answer = TryKubectl(arguments).Output.Trim();
            Assert.Equal((account, verb, what, expected), (account, verb, what, answer));
        }
    }

    private string Replicas() => Kubectl("-n", Namespace, "get", "deployment", "vnetcni-operator", "-o", "jsonpath={.spec.replicas}");

    private string Kubectl(params string[] arguments) => Done(TryKubectl(arguments)).Trim();

    private (int Code, string Output, string Error) TryKubectl(params string[] arguments) =>
        Repository.Run(Done(Repository.Run(Repository.PathOf("eng/kube/kubectl.sh"))).Trim(), server.Kubeconfig, arguments);

    private static string Done((int Code, string Output, string Error) run)
    {
        Assert.True(run.Code == 0, run.Output + run.Error);
        return run.Output;
    }
}
