using System.Text.Json.Nodes;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.E2e.Parts;

/// <summary>Each capability of the agent is taken away in turn: one that nothing misses should not be given.</summary>
internal sealed class CapabilityPart(E2ePart part)
{
    private const int Pods = 8;

    /// <summary>Plays it.</summary>
    public async Task PlayAsync(CancellationToken cancellationToken)
    {
        var given = await GivenAsync(cancellationToken);
        await part.ScaleAcrossAsync(Pods, cancellationToken);
        foreach (var capability in given)
            await part.Report.StepAsync($"an agent without {capability}", () => WithoutAsync(capability, given, cancellationToken));
    }

    private async Task<string> WithoutAsync(string capability, IReadOnlyList<string> given, CancellationToken cancellationToken)
    {
        var rest = string.Join(',', given.Where(other => other != capability).Select(other => $"\"{other}\""));
        await part.Release.UpgradeAsync($"--set-json agent.capabilities=[{rest}]", cancellationToken);
        var failure = string.Empty;
        await Wait.ForAsync($"the agent fails without {capability}", TimeSpan.FromSeconds(120), async () =>
        {
            failure = await FailureAsync(capability, cancellationToken);
            return failure.Length > 0 ? null : $"every agent is well: take {capability} out of values.yaml and docs/install/security.md";
        }, cancellationToken);
        await part.Release.UpgradeAsync(string.Empty, cancellationToken);
        await part.Release.ReadyAsync(cancellationToken);
        // Pods on that node never lost their network.
        var seen = await part.Traffic.EveryPodAsync(cancellationToken);
        return $"{failure}; with it again: {seen}";
    }

    private async Task<IReadOnlyList<string>> GivenAsync(CancellationToken cancellationToken)
    {
        var set = JsonNode.Parse(await part.Lab.KubectlAsync($"-n {Release.Namespace} get daemonset vnetcni-agent -o json", cancellationToken))!;
        var containers = set["spec"]!["template"]!["spec"]!["containers"]!.AsArray();
        var added = containers[0]!["securityContext"]!["capabilities"]!["add"] as JsonArray ?? throw new ShellException("the agent is given no capability");
        return [.. added.Select(capability => capability!.GetValue<string>())];
    }

    // The last words of an agent that ended by itself.
    private async Task<string> FailureAsync(string without, CancellationToken cancellationToken)
    {
        foreach (var pod in await part.Lab.ItemsAsync($"pods -n {Release.Namespace} -l app.kubernetes.io/component=agent", cancellationToken))
        {
            var status = pod!["status"]?["containerStatuses"]?[0];
            var ended = status?["state"]?["terminated"] ?? status?["lastState"]?["terminated"];
            var has = (pod["spec"]!["containers"]![0]!["securityContext"]!["capabilities"]!["add"] as JsonArray ?? []).Select(item => item!.GetValue<string>());
            if (ended?["exitCode"]?.GetValue<int>() is not (null or 0) && !has.Contains(without))
            {
                var name = pod["metadata"]!["name"]!.GetValue<string>();
                string[] logs = ["--kubeconfig", part.Lab.Cluster.KubeConfig, "-n", Release.Namespace, "logs", name, "-c", "agent", "--tail=1"];
                // It may be ended still, or run again.
                var (now, before) = (await Shell.TryRunAsync("kubectl", logs, cancellationToken), await Shell.TryRunAsync("kubectl", [.. logs, "--previous"], cancellationToken));
                return $"exit code {ended["exitCode"]}: {(status!["state"]?["terminated"] is null ? before : now).Output.Trim()}";
            }
        }

        return string.Empty;
    }
}
