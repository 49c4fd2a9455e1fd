using System.Globalization;
using System.Text.Json.Nodes;
using Vnetcni.Lab.E2e.Checks;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.E2e.Parts;

/// <summary>
/// A Git operator's view: its manifests are applied on the server again and again while everything churns, without conflict and
/// without drift; and <c>helm --wait</c> tells a healthy release from a bad one.
/// </summary>
internal sealed class GitOpsPart(E2ePart part)
{
    private const string Manager = "kustomize-controller";
    private static readonly string[] Kinds = ["NodeIpPoolClass", "VirtualNetwork"];

    // What the healthy upgrade set: without it the operators would be replaced once more, which shows nothing new.
    private const string AsBefore = "--set operator.podAnnotations.round=two --wait --timeout 4m";

    // maxFree of the production overlay.
    private const int MostFree = 48;

    /// <summary>Plays it.</summary>
    public async Task PlayAsync(CancellationToken cancellationToken)
    {
        await part.Report.StepAsync("Git's manifests again and again while everything churns", () => ChurnAsync(cancellationToken));
        await part.Report.StepAsync("helm upgrade --wait of a healthy release", async () =>
        {
            var start = TimeProvider.System.GetTimestamp();
            await part.Release.UpgradeAsync(AsBefore, cancellationToken);
            return string.Create(CultureInfo.InvariantCulture, $"ended well after {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0} s");
        });
        await part.Report.StepAsync("Argo CD's health checks", () => new ArgoHealth(part.Lab).HealthyAsync(cancellationToken));
        await part.Report.StepAsync("helm upgrade --wait with a bad class", () => BadClassAsync(cancellationToken));
    }

    private async Task<string> ChurnAsync(CancellationToken cancellationToken)
    {
        var lab = part.Lab;
        var manifests = await ManifestsAsync(cancellationToken);
        // Taking over what helm and the operator made is what --force-conflicts is for, and Flux and Argo CD always set it; from then on
        // nobody may touch a field that Git owns, and so it is left out.
        await ApplyAsync(manifests, "--force-conflicts", cancellationToken);
        part.MostFree = MostFree;
        var before = await OwnedAsync(cancellationToken);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var git = AgainAndAgainAsync(manifests, before, done.Token, cancellationToken);
        try
        {
            await part.ScaleAsync(40, cancellationToken);
            await lab.KubectlAsync($"-n {Release.Namespace} delete pods -l app.kubernetes.io/part-of=vnetcni --wait=false", cancellationToken);
            await part.ScaleAsync(5, cancellationToken);
            await part.Release.ReadyAsync(cancellationToken);
            await part.ScaleAsync(30, cancellationToken);
        }
        finally
        {
            await done.CancelAsync();
        }

        var applied = await git;
        if (applied < 5)
            throw new ShellException(string.Create(CultureInfo.InvariantCulture, $"the manifests were applied {applied} times only: that shows nothing"));
        // Its diff has whole objects: a status that moves while it looks is shown too.
        await Wait.ForAsync("kubectl diff", TimeSpan.FromSeconds(60), () => DifferenceAsync(manifests, cancellationToken), cancellationToken);
        await part.Addresses.UniqueAsync(cancellationToken);
        return string.Create(CultureInfo.InvariantCulture, $"{applied} times applied and compared, with agents and operators restarted and pods 40, 5, 30: no conflict, no difference, no new generation");
    }

    private async Task<string> BadClassAsync(CancellationToken cancellationToken)
    {
        if (!await part.Release.IsHelm4Async(cancellationToken))
            return "not looked at: Helm 3 waits for workloads only";
        // A server that evaluates the CRD's rules refuses it at once; 1.20 takes it, and the operator's word is what helm sees.
        const string bad = """[{"apiVersion":"vnetcni.dev/v1alpha1","kind":"NodeIpPoolClass","metadata":{"name":"bad"},"spec":{"nodeSelector":{"matchLabels":{"none":"here"}},"pool":{"minFree":20,"maxFree":21,"batchSize":16}}}]""";
        var start = TimeProvider.System.GetTimestamp();
        var result = await part.Release.TryUpgradeAsync($"--set-json extraObjects={bad} {AsBefore}", cancellationToken);
        var took = TimeProvider.System.GetElapsedTime(start);
        var said = (result.Error + result.Output).ReplaceLineEndings(" ").Trim();
        if (result.ExitCode == 0)
            throw new ShellException("helm was content with a class that the operator refuses");
        if (took > TimeSpan.FromMinutes(2) || !said.Contains("maxFree", StringComparison.Ordinal))
            throw new ShellException(string.Create(CultureInfo.InvariantCulture, $"helm gave up after {took.TotalSeconds:0} s, of 240, and said: {said}"));
        var health = (await new ArgoHealth(part.Lab).ReadAsync(cancellationToken))["nodeippoolclasses/bad"];
        if (health.Status != "Degraded" || !health.Message.Contains("maxFree", StringComparison.Ordinal))
            throw new ShellException($"to Argo CD the bad class is {health.Status}: {health.Message}");
        await part.Release.UpgradeAsync(AsBefore, cancellationToken);
        return string.Create(CultureInfo.InvariantCulture, $"failed after {took.TotalSeconds:0} s of 240: {said[..Math.Min(said.Length, 300)]}");
    }

    // The classes of the example's overlay, and the network's budget as the operator made it, but for the room left for others.
    private async Task<string> ManifestsAsync(CancellationToken cancellationToken)
    {
        var classes = await part.Lab.KubectlAsync($"kustomize {part.Lab.Options.Root}/examples/kustomize/overlays/production", cancellationToken);
        var network = (await part.Lab.ItemsAsync("virtualnetworks", cancellationToken)).Single()!;
        return $$"""
            {{classes}}
            ---
            apiVersion: vnetcni.dev/v1alpha1
            kind: VirtualNetwork
            metadata: {name: {{network["metadata"]!["name"]}} }
            spec: {resourceId: {{network["spec"]!["resourceId"]}}, podAddressLimit: 15000, reservedForOthers: 100}
            """;
    }

    private async Task ApplyAsync(string manifests, string flag, CancellationToken cancellationToken)
    {
        string[] words = ["apply", "--server-side", $"--field-manager={Manager}", "-f", "-"];
        await part.Lab.Cluster.KubectlAsync(flag.Length > 0 ? [.. words, flag] : words, cancellationToken, manifests);
    }

    private async Task<int> AgainAndAgainAsync(string manifests, string owned, CancellationToken until, CancellationToken cancellationToken)
    {
        var applied = 0;
        while (!until.IsCancellationRequested)
        {
            await ApplyAsync(manifests, string.Empty, cancellationToken);
            var now = await OwnedAsync(cancellationToken);
            if (now != owned)
                throw new ShellException($"what Git owns has changed: {owned} became {now}");
            applied++;
        }

        return applied;
    }

    private async Task<string?> DifferenceAsync(string manifests, CancellationToken cancellationToken)
    {
        var diff = await Shell.TryRunAsync(
            "kubectl", ["--kubeconfig", part.Lab.Cluster.KubeConfig, "diff", "--server-side", $"--field-manager={Manager}", "-f", "-"], cancellationToken, manifests);
        return diff.ExitCode == 0 ? null : $"Git and the cluster differ: {diff.Output} {diff.Error}";
    }

    // Generation and spec of what Git names, and who owns fields of the specs.
    private async Task<string> OwnedAsync(CancellationToken cancellationToken)
    {
        var owned = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var kind in Kinds)
        {
            foreach (var item in await part.Lab.ItemsAsync($"{kind} --show-managed-fields", cancellationToken))
            {
                var metadata = item!["metadata"]!;
                var managers = (metadata["managedFields"] as JsonArray ?? []).Where(m => m!["fieldsV1"]?["f:spec"] is not null).Select(m => m!["manager"]!.GetValue<string>()).Order(StringComparer.Ordinal);
                owned.Add($"{kind} {metadata["name"]} generation {metadata["generation"]} of {string.Join('+', managers)}: {item["spec"]!.ToJsonString()}");
            }
        }

        return string.Join('\n', owned);
    }
}
