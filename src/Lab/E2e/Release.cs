using System.Text.Json.Nodes;
using Vnetcni.Lab.Fabric;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.E2e;

/// <summary>The product's two charts, installed as people install them.</summary>
internal sealed class Release(E2eLab lab)
{
    /// <summary>Namespace of the release.</summary>
    public const string Namespace = "vnetcni-system";

    // As packaged at its time; tests/Charts.Tests upgrades it too.
    private const string Before = "0.1.0";

    // Helm's way past an API server that does not know the rules in our CRDs, and prunes them.
    private const string OldServer = "--disable-openapi-validation";

    /// <summary>Installs the CRDs and the chart, and waits as people do, though no node is ready yet.</summary>
    /// <param name="before">
    /// Whether the chart of the release before this one, to be upgraded later. The CRDs are the present ones, as in the middle of an upgrade:
    /// docs/install/upgrade.md. So are the programs.
    /// </param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task InstallAsync(bool before, CancellationToken cancellationToken)
    {
        await lab.KubectlAsync($"create namespace {Namespace}", cancellationToken);
        await lab.KubectlAsync($"-n {Namespace} create secret generic arm-ca --from-file=ca.crt={lab.Arm.Certificate}", cancellationToken);
        await lab.KubectlAsync($"-n {Namespace} create secret generic arm-token --from-literal=token=e2e", cancellationToken);
        await HelmAsync($"install vnetcni-crds {lab.Options.Root}/charts/vnetcni-crds -n {Namespace} {OldServer} {await ServerSideAsync(cancellationToken)}", cancellationToken);
        await lab.Cluster.EstablishedAsync(cancellationToken);
        await InstallAsync(before ? ChartBefore : Chart, cancellationToken);
    }

    /// <summary>Installs the chart alone; the CRDs are there.</summary>
    public Task ReinstallAsync(CancellationToken cancellationToken) => InstallAsync(Chart, cancellationToken);

    /// <summary>helm upgrade with further settings.</summary>
    public async Task UpgradeAsync(string settings, CancellationToken cancellationToken)
    {
        var result = await TryUpgradeAsync(settings, cancellationToken);
        if (result.ExitCode != 0)
            throw new ShellException($"helm upgrade {settings}: exit code {result.ExitCode}: {result.Error.Trim()} {result.Output.Trim()}");
    }

    /// <summary>helm upgrade with further settings; its exit code and words.</summary>
    public async Task<ShellResult> TryUpgradeAsync(string settings, CancellationToken cancellationToken) =>
        await lab.HelmAsync($"upgrade vnetcni {Chart} -n {Namespace} --skip-crds -f {await ValuesAsync(cancellationToken)} {settings} {await ServerSideAsync(cancellationToken)}", cancellationToken);

    /// <summary>Whether it is Helm 4 rather than 3.</summary>
    public async Task<bool> IsHelm4Async(CancellationToken cancellationToken) =>
        (await lab.HelmAsync("version --short", cancellationToken)).Output.StartsWith("v4", StringComparison.Ordinal);

    /// <summary>helm test. Without <c>--logs</c>: Helm 3 removes the pod of a test that succeeds first, and fails to find its logs then.</summary>
    public Task<string> TestAsync(CancellationToken cancellationToken) => HelmAsync($"test vnetcni -n {Namespace} --timeout 2m", cancellationToken);

    /// <summary>helm uninstall; its exit code and words.</summary>
    public Task<ShellResult> UninstallAsync(string flags, CancellationToken cancellationToken) =>
        lab.HelmAsync($"uninstall vnetcni -n {Namespace} --timeout 4m {flags}", cancellationToken);

    /// <summary>Puts the release back after an uninstall that ended early, as docs/install/uninstall.md says.</summary>
    public async Task PutBackAsync(CancellationToken cancellationToken)
    {
        var history = JsonNode.Parse(await HelmAsync($"history vnetcni -n {Namespace} --max 1 -o json", cancellationToken))!;
        await HelmAsync($"rollback vnetcni {history[0]!["revision"]} -n {Namespace} {await ServerSideAsync(cancellationToken)}", cancellationToken);
    }

    /// <summary>Waits until operators and agents are all ready and no older pod of theirs is left.</summary>
    public async Task<string> ReadyAsync(CancellationToken cancellationToken)
    {
        await lab.KubectlAsync($"-n {Namespace} rollout status deployment/vnetcni-operator --timeout=180s", cancellationToken);
        await lab.KubectlAsync($"-n {Namespace} rollout status daemonset/vnetcni-agent --timeout=180s", cancellationToken);
        var took = await Wait.ForAsync("nodes", TimeSpan.FromSeconds(120), async () =>
        {
            var nodes = await lab.ItemsAsync("nodes", cancellationToken);
            var wrong = nodes.Where(node => node!["status"]!["conditions"]!.AsArray().First(c => c!["type"]!.GetValue<string>() == "Ready")!["status"]!.GetValue<string>() != "True")
                .Select(node => node!["metadata"]!["name"]!.GetValue<string>()).ToArray();
            return wrong.Length == 0 ? null : $"{string.Join(", ", wrong)} not Ready";
        }, cancellationToken);
        return $"operators, agents and {lab.Nodes.Count} nodes are ready ({took.TotalSeconds:0.0} s after the rollout)";
    }

    private string Chart => Path.Combine(lab.Options.Root, "charts/vnetcni");

    private string ChartBefore => Path.Combine(lab.Options.Root, $"tests/Charts.Tests/Fixtures/vnetcni-{Before}.tgz");

    private async Task InstallAsync(string chart, CancellationToken cancellationToken) =>
        await HelmAsync($"install vnetcni {chart} -n {Namespace} --wait --timeout 4m --skip-crds -f {await ValuesAsync(cancellationToken)} {await ServerSideAsync(cancellationToken)}", cancellationToken);

    private async Task<string> ServerSideAsync(CancellationToken cancellationToken) =>
        await IsHelm4Async(cancellationToken) ? "--server-side=false" : string.Empty;

    private async Task<string> HelmAsync(string words, CancellationToken cancellationToken)
    {
        var result = await lab.HelmAsync(words, cancellationToken);
        return result.ExitCode == 0 ? result.Output : throw new ShellException($"helm {words}: exit code {result.ExitCode}: {result.Error.Trim()} {result.Output.Trim()}");
    }

    private async Task<string> ValuesAsync(CancellationToken cancellationToken)
    {
        var file = Path.Combine(lab.Options.Folder, "values.yaml");
        await File.WriteAllTextAsync(file, $$$"""
            azure:
              armEndpoint: https://{{{VNetFabric.HostAddress}}}:{{{lab.Arm.Endpoint.Port}}}
              armCaSecret: {name: arm-ca}
              identity: {mode: static, existingSecret: arm-token, secretKey: token}
            # As on a cluster without kube-proxy before pods have a network.
            kubernetes: {serviceHost: "{{{VNetFabric.HostAddress}}}", servicePort: "{{{lab.Cluster.Port}}}"}
            # Addresses that nobody needs leave sooner than in life, and are used again sooner.
            defaultClass: {spec: {pool: {minFree: 8, maxFree: 24, releaseDelay: 10s, reuseCooldown: 10s} } }
            operator:
              # Short, and long enough for two cores on which 60 pods start.
              leaderElection: {leaseSeconds: 10}
            agent:
              chainedPlugins: [portmap]
              updateStrategy: {type: RollingUpdate, rollingUpdate: {maxUnavailable: 1}}
            """, cancellationToken);
        return file;
    }
}
