using System.Globalization;
using Vnetcni.Lab.Demo;
using Vnetcni.Lab.Network;
using Vnetcni.Lab.Nodes;

namespace Vnetcni.Lab.Pods;

/// <summary>Starts and stops pods as kubelet and a container runtime do together.</summary>
internal sealed class PodActions(DemoLab lab)
{
    private const int Parallel = 8;
    private int _made;

    /// <summary>Creates the Pod objects, bound to their nodes, then runs a sandbox with CNI ADD for each. Says how long ADD took.</summary>
    public async Task<string> StartAsync(IReadOnlyList<(string Name, LabNode Node)> pods, CancellationToken cancellationToken)
    {
        await lab.ApplyAsync(Manifests.Pods(pods.Select(p => (p.Name, p.Node.Name))), cancellationToken);
        return await EachAsync("ADD", pods, async pod =>
        {
            var number = Interlocked.Increment(ref _made);
            var space = await NetworkNamespace.CreateAsync($"{DemoLab.Prefix}p-{pod.Name}", cancellationToken);
            var sandbox = new PodSandbox(
                pod.Name, pod.Node.Name, string.Create(CultureInfo.InvariantCulture, $"sandbox{number:x8}{pod.Name}"), space);
            var start = TimeProvider.System.GetTimestamp();
            sandbox.Result = await lab.Runtime.AddAsync(pod.Node, sandbox, cancellationToken);
            var took = TimeProvider.System.GetElapsedTime(start);
            lock (lab.Pods)
                lab.Pods.Add(pod.Name, sandbox);
            return took;
        });
    }

    /// <summary>CNI DEL, the namespace and the Pod object of each. Says how long DEL took.</summary>
    public async Task<string> StopAsync(IReadOnlyList<PodSandbox> pods, CancellationToken cancellationToken)
    {
        if (pods.Count == 0)
            return "no DEL";
        // As kubelet does: the deletion is seen first, the object goes last.
        await DeleteObjectsAsync(pods, ["--grace-period=30"], cancellationToken);
        var times = await EachAsync("DEL", pods, async pod =>
        {
            var start = TimeProvider.System.GetTimestamp();
            await lab.Runtime.DeleteAsync(lab.Nodes.First(n => n.Name == pod.Node), pod, cancellationToken);
            var took = TimeProvider.System.GetElapsedTime(start);
            await pod.Space.DeleteAsync();
            lock (lab.Pods)
                lab.Pods.Remove(pod.Name);
            return took;
        });
        await DeleteObjectsAsync(pods, ["--grace-period=0", "--force"], cancellationToken);
        return times;
    }

    // From a manifest and not by name: by name kubectl reads each object first and throttles itself to 5 requests a second.
    private Task<string> DeleteObjectsAsync(IReadOnlyList<PodSandbox> pods, string[] flags, CancellationToken cancellationToken) =>
        lab.Cluster.KubectlAsync(
            ["delete", "--wait=false", "--ignore-not-found", .. flags, "-f", "-"], cancellationToken, Manifests.Pods(pods.Select(pod => (pod.Name, pod.Node))));

    private static async Task<string> EachAsync<T>(string verb, IReadOnlyList<T> items, Func<T, Task<TimeSpan>> body)
    {
        using var slots = new SemaphoreSlim(Parallel);
        var times = await Task.WhenAll(items.Select(async item =>
        {
            await slots.WaitAsync();
            try
            {
                return await body(item);
            }
            finally
            {
                slots.Release();
            }
        }));
        Array.Sort(times);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{verb} p50 {times[times.Length / 2].TotalMilliseconds:0} ms, slowest {times[^1].TotalMilliseconds:0} ms");
    }
}
