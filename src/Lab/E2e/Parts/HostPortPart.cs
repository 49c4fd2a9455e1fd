namespace Vnetcni.Lab.E2e.Parts;

/// <summary>hostPort, by the portmap plug-in chained behind ours.</summary>
internal sealed class HostPortPart(E2ePart part)
{
    /// <summary>Plays it.</summary>
    public Task PlayAsync(CancellationToken cancellationToken) => part.Report.StepAsync("hostPort by chained portmap", async () =>
    {
        // Removing the pod and adding one shows DEL and ADD of the chain.
        await part.Lab.KubectlAsync("delete pod proxy --ignore-not-found", cancellationToken);
        await part.Lab.ApplyAsync(Workloads.Proxy(Workloads.ProxyHostPort), cancellationToken);
        await part.Lab.KubectlAsync("wait --for=condition=Ready pod/proxy --timeout=120s", cancellationToken);
        return await part.Traffic.HostPortAsync(cancellationToken);
    });
}
