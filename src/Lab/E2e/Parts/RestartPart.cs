using System.Globalization;

namespace Vnetcni.Lab.E2e.Parts;

/// <summary>Everything is restarted once; pods keep their network, and new ones start.</summary>
internal sealed class RestartPart(E2ePart part)
{
    /// <summary>Name of the part.</summary>
    public const string Name = "restarts";

    private const int More = 4;
    private int _pods = 12;

    /// <summary>Plays it.</summary>
    public async Task PlayAsync(CancellationToken cancellationToken)
    {
        var (lab, report) = (part.Lab, part.Report);
        await report.StepAsync("pods for the restarts", async () =>
        {
            await part.ScaleAcrossAsync(_pods, cancellationToken);
            return await part.Addresses.UniqueAsync(cancellationToken);
        });
        foreach (var service in new[] { "kubelet", "containerd" })
        {
            await report.StepAsync($"kill -9 {service} on every node", () => AcrossAsync(
                async () =>
                {
                    foreach (var node in lab.Nodes.Values)
                        await node.KillServiceAsync(service, cancellationToken);
                },
                cancellationToken));
        }

        await report.StepAsync("agents restart", () => AcrossAsync(
            () => lab.KubectlAsync($"-n {Release.Namespace} delete pods -l app.kubernetes.io/component=agent --wait=false", cancellationToken), cancellationToken));
        await report.StepAsync("operators restart", () => AcrossAsync(
            () => lab.KubectlAsync($"-n {Release.Namespace} delete pods -l app.kubernetes.io/component=operator --wait=false", cancellationToken), cancellationToken));
        await report.StepAsync("API server restarts", () => AcrossAsync(() => lab.Cluster.RestartApiServerAsync(cancellationToken), cancellationToken));
        await report.StepAsync("helm upgrade from the chart before this", () => AcrossAsync(
            () => part.Release.UpgradeAsync("--set agent.logging.level=Debug --set operator.logging.level=Debug", cancellationToken), cancellationToken));
    }

    private async Task<string> AcrossAsync(Func<Task> disturb, CancellationToken cancellationToken)
    {
        var before = (await part.Traffic.WebPodsAsync(cancellationToken)).ToDictionary(pod => pod.Name);
        var onHost = await OnHostAsync(cancellationToken);
        await disturb();
        // Pods start while things come back.
        var took = await part.ScaleAsync(_pods += More, cancellationToken);
        await part.Release.ReadyAsync(cancellationToken);
        var after = await part.Traffic.WebPodsAsync(cancellationToken);
        var moved = before.Values.Where(old => after.FirstOrDefault(pod => pod.Name == old.Name) is { } now && now.Address != old.Address).ToArray();
        if (moved.Length > 0)
            throw new Processes.ShellException($"{moved[0].Name} had {moved[0].Address} and has another address now");
        if (await OnHostAsync(cancellationToken) is var now && now != onHost)
            throw new Processes.ShellException($"the hostNetwork pods were {onHost} and are {now}");
        var seen = await part.Traffic.EveryPodAsync(cancellationToken);
        await part.Addresses.UniqueAsync(cancellationToken);
        return string.Create(CultureInfo.InvariantCulture, $"{More} more pods within {took.TotalSeconds:0.0} s; {seen}");
    }

    // Names, addresses and restarts of pods with their node's network: nothing of ours may touch them.
    private Task<string> OnHostAsync(CancellationToken cancellationToken) => part.Lab.KubectlAsync(
        "get pods -l app=on-host --sort-by=.metadata.name -o jsonpath={range.items[*]}{.metadata.name}={.status.podIP}={.status.containerStatuses[0].restartCount};{end}", cancellationToken);
}
