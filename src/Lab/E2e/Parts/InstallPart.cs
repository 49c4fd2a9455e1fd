using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.E2e.Parts;

/// <summary>From nothing to a cluster whose nodes are ready.</summary>
/// <param name="part">What it works with.</param>
/// <param name="before">Whether the chart of the release before this one is installed, since a later part upgrades it.</param>
internal sealed class InstallPart(E2ePart part, bool before)
{
    /// <summary>Plays it.</summary>
    public async Task PlayAsync(CancellationToken cancellationToken)
    {
        var (lab, report) = (part.Lab, part.Report);
        await report.StepAsync("virtual network and ARM", async () =>
        {
            await lab.StartAzureAsync(cancellationToken);
            return $"ARM at {lab.Arm.Endpoint}";
        });
        await report.StepAsync("control plane", async () =>
        {
            await lab.StartClusterAsync(cancellationToken);
            return lab.Cluster.Description;
        });
        await report.StepAsync("two nodes, not ready, without DNS", () => NodesAsync(cancellationToken));
        await report.StepAsync(before ? "helm install of the chart before this" : "helm install", async () =>
        {
            await part.Release.InstallAsync(before, cancellationToken);
            return await part.Release.ReadyAsync(cancellationToken);
        });
        await report.StepAsync("a Deployment, DNS, a proxy and hostNetwork pods", () => WorkloadsAsync(cancellationToken));
    }

    private async Task<string> NodesAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(part.Lab.Azure.Machines.Take(2).Select(machine => part.Lab.StartNodeAsync(machine, cancellationToken)));
        await Wait.ForAsync("nodes without a network", TimeSpan.FromSeconds(60), async () =>
        {
            var reasons = await part.Lab.KubectlAsync("get nodes -o jsonpath={range.items[*]}{.status.conditions[?(@.type==\"Ready\")].message}{\"\\n\"}{end}", cancellationToken);
            return reasons.Split('\n').Count(reason => reason.Contains("cni plugin not initialized", StringComparison.OrdinalIgnoreCase) || reason.Contains("network plugin", StringComparison.OrdinalIgnoreCase)) == 2
                ? null
                : $"they say: {reasons}";
        }, cancellationToken);
        var pods = await part.Lab.ItemsAsync("pods -A", cancellationToken);
        return pods.Count == 0 ? "kubelet, containerd and kube-proxy run; no CNI configuration, no pod" : throw new ShellException($"{pods.Count} pods exist already");
    }

    private async Task<string> WorkloadsAsync(CancellationToken cancellationToken)
    {
        var lab = part.Lab;
        var operatorAddress = await lab.KubectlAsync($"-n {Release.Namespace} get service vnetcni-operator -o jsonpath={{.spec.clusterIP}}", cancellationToken);
        await lab.ApplyAsync(Workloads.Dns([("web.default.svc.cluster.local", Workloads.WebAddress), ($"vnetcni-operator.{Release.Namespace}.svc.cluster.local", operatorAddress)]), cancellationToken);
        await lab.ApplyAsync(Workloads.Web(0), cancellationToken);
        await lab.ApplyAsync(Workloads.HostNetwork, cancellationToken);
        await lab.ApplyAsync(Workloads.Proxy(null), cancellationToken);
        await lab.KubectlAsync("-n kube-system rollout status deployment/dns --timeout=120s", cancellationToken);
        await lab.KubectlAsync("wait --for=condition=Ready pod/proxy --timeout=120s", cancellationToken);
        return "running";
    }
}
