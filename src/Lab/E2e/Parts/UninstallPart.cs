using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.E2e.Parts;

/// <summary>helm uninstall: refused while pods run, then complete; and once more with operators that are dead already.</summary>
internal sealed class UninstallPart(E2ePart part)
{
    /// <summary>Plays it.</summary>
    public async Task PlayAsync(CancellationToken cancellationToken)
    {
        var report = part.Report;
        await report.StepAsync("helm uninstall is refused while pods use addresses", () => RefusedAsync(cancellationToken));
        await report.StepAsync("helm uninstall leaves nothing", async () =>
        {
            await part.NoPodsAsync(cancellationToken);
            return await UninstallAsync(cancellationToken);
        });
        await report.StepAsync("helm install again", async () =>
        {
            await part.Release.ReinstallAsync(cancellationToken);
            await part.Release.ReadyAsync(cancellationToken);
            await part.Lab.ApplyAsync(Workloads.Web(6), cancellationToken);
            await part.WebAsync(6, cancellationToken);
            return await part.Addresses.UniqueAsync(cancellationToken);
        });
        await report.StepAsync("helm uninstall when the operators are dead already", async () =>
        {
            await part.Lab.KubectlAsync($"-n {Release.Namespace} scale deployment/vnetcni-operator --replicas=0", cancellationToken);
            await part.Lab.KubectlAsync($"-n {Release.Namespace} delete pods -l app.kubernetes.io/component=operator --force --grace-period=0", cancellationToken);
            await part.NoPodsAsync(cancellationToken);
            return await UninstallAsync(cancellationToken);
        });
    }

    private async Task<string> RefusedAsync(CancellationToken cancellationToken)
    {
        await part.Lab.ApplyAsync(Workloads.Web(4), cancellationToken);
        await part.WebAsync(4, cancellationToken);
        var result = await part.Release.UninstallAsync(string.Empty, cancellationToken);
        if (result.ExitCode == 0)
            throw new ShellException("helm uninstalled under running pods");
        var pods = await part.Lab.ItemsAsync($"pods -n {Release.Namespace} -l app.kubernetes.io/component=uninstall", cancellationToken);
        var message = pods.Select(pod => pod!["status"]?["containerStatuses"]?[0]?["state"]?["terminated"]?["message"]?.GetValue<string>()).FirstOrDefault(text => text is not null) ?? string.Empty;
        if (!message.Contains("default/web-", StringComparison.Ordinal))
            throw new ShellException($"the refusal names no pod: '{message}' ({result.Error.Trim()})");
        await part.Release.PutBackAsync(cancellationToken);
        await part.Release.ReadyAsync(cancellationToken);
        var seen = await part.Traffic.WebPodsAsync(cancellationToken);
        return $"refused for {seen.Count} pods, operators and agents run on, helm rollback takes the release back";
    }

    private async Task<string> UninstallAsync(CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        var result = await part.Release.UninstallAsync(string.Empty, cancellationToken);
        if (result.ExitCode != 0)
            throw new ShellException($"helm uninstall: exit code {result.ExitCode}: {result.Error.Trim()} {result.Output.Trim()}");
        var took = TimeProvider.System.GetElapsedTime(start);
        return $"{took.TotalSeconds:0} s; {await part.Addresses.NothingStaysAsync(cancellationToken)}";
    }
}
