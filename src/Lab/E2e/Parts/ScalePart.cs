using System.Globalization;
using Vnetcni.Lab.E2e.Checks;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.E2e.Parts;

/// <summary>0 → 60 → 10 → 60 pods, and every way that packets take.</summary>
internal sealed class ScalePart(E2ePart part)
{
    /// <summary>Plays it.</summary>
    public async Task PlayAsync(CancellationToken cancellationToken)
    {
        var report = part.Report;
        await report.StepAsync("0 → 60 pods", () => TimedAsync(60, cancellationToken));
        await report.StepAsync("every address is one pod's", () => part.Addresses.UniqueAsync(cancellationToken));
        await report.StepAsync("pods reach pods, same node and across", () => part.Traffic.EveryPodAsync(cancellationToken));
        await report.StepAsync("Services through kube-proxy", () => part.Traffic.ServicesAsync(cancellationToken));
        await report.StepAsync("cluster DNS", () => part.Traffic.DnsAsync(cancellationToken));
        await report.StepAsync("egress", () => part.Traffic.EgressAsync(cancellationToken));
        await report.StepAsync("hostNetwork pods", () => part.Traffic.HostNetworkAsync(cancellationToken));
        await report.StepAsync("a reverse proxy", () => part.Traffic.ReverseProxyAsync(cancellationToken));
        await new HostPortPart(part).PlayAsync(cancellationToken);
        await report.StepAsync("helm test", async () =>
        {
            await part.Release.TestAsync(cancellationToken);
            return "a pod asked the operator by its Service's name";
        });
        await report.StepAsync("60 → 10 pods", async () =>
        {
            var took = await part.ScaleAsync(10, cancellationToken) + await part.GoneAsync(cancellationToken);
            var released = await part.Addresses.ReleasedAsync(cancellationToken);
            return string.Create(CultureInfo.InvariantCulture, $"50 gone in {took.TotalSeconds:0.0} s; each node's spare addresses begin to leave {released.TotalSeconds:0.0} s later");
        });
        await report.StepAsync("10 → 60 pods", () => TimedAsync(60, cancellationToken));
        await report.StepAsync("every address is one pod's again", () => part.Addresses.UniqueAsync(cancellationToken));
        await report.StepAsync("kubectl", () => new KubectlPage(part.Lab).CheckAsync(cancellationToken));
    }

    private async Task<string> TimedAsync(int replicas, CancellationToken cancellationToken)
    {
        var before = await CniTimes.ReadAsync(part.Lab, cancellationToken);
        await using var starts = PodStarts.Watch(part.Lab.Cluster.KubeConfig);
        var took = await part.ScaleAsync(replicas, cancellationToken);
        var spent = await CniTimes.ReadAsync(part.Lab, cancellationToken) - before;
        if (starts.Times.Count < 30 || spent.Calls < 30)
            throw new ShellException(string.Create(CultureInfo.InvariantCulture, $"{starts.Times.Count} starts and {spent.Calls} ADDs were measured"));
        var mean = starts.Times.Average(t => t.TotalSeconds);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{took.TotalSeconds:0.0} s; {starts}; in the CNI {spent.Mean * 1000:0} ms of {mean * 1000:0} ms on average ({spent.Mean / mean:P1}, waits for addresses included)");
    }
}
