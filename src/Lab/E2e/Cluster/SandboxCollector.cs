using Vnetcni.Lab.E2e.Cluster.Messages;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.E2e.Cluster;

/// <summary>
/// Removes stopped sandboxes of deleted pods soon after they stopped. The kubelet of Kubernetes 1.20.2 means to do that itself, misses
/// most of them, and collects them once a minute; until then the API server shows the pods. Kubelets since then do not.
/// </summary>
/// <remarks>
/// Source: https://github.com/kubernetes/kubernetes/issues/97288. Nothing of CNI depends on it: the kubelet has stopped the sandbox by
/// then, which is when the runtime calls DEL; a sandbox that is not stopped is left alone.
/// </remarks>
internal sealed class SandboxCollector(E2eLab lab)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Looks again and again until cancelled. While the API server or a runtime is away, it waits for them.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(cancellationToken);
                await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            }
            catch (Exception e) when (e is ShellException or IOException)
            {
                // The tests restart servers and runtimes, and end machines: the next look finds what this one did not.
                await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        const string columns = "custom-columns=NODE:.spec.nodeName,UID:.metadata.uid,DELETED:.metadata.deletionTimestamp";
        var lines = (await lab.KubectlAsync($"get pods -A --no-headers -o {columns}", cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var deleted = lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(words => words is [_, _, not "<none>"]).ToLookup(words => words[0], words => words[1], StringComparer.Ordinal);
        foreach (var node in lab.Nodes.Values.Where(node => deleted.Contains(node.Name)))
        {
            var pods = deleted[node.Name].ToHashSet(StringComparer.Ordinal);
            using var runtime = await node.RuntimeAsync(cancellationToken);
            foreach (var sandbox in await runtime.SandboxesAsync(cancellationToken))
            {
                if (sandbox.State == PodSandboxState.SandboxNotready && pods.Contains(sandbox.Metadata.Uid))
                    await runtime.RemoveAsync(sandbox.Id, cancellationToken);
            }
        }
    }
}
