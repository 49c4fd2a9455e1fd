using System.Globalization;
using Vnetcni.Lab.Demo;
using Vnetcni.Lab.E2e.Checks;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.E2e.Parts;

/// <summary>What every part of the scenario uses.</summary>
internal sealed record E2ePart(E2eLab Lab, DemoReport Report, Addresses Addresses, Traffic Traffic, Release Release)
{
    /// <summary>Free addresses that a pool may keep: maxFree of the class in force.</summary>
    public int MostFree { get; set; } = 24;

    /// <summary>A DEL that was lost, until what it left is freed.</summary>
    public LostDel? Lost { get; set; }

    /// <summary>Scales the web Deployment and waits until exactly that many pods are there and ready.</summary>
    public async Task<TimeSpan> ScaleAsync(int replicas, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        await Lab.KubectlAsync(string.Create(CultureInfo.InvariantCulture, $"scale deployment/web --replicas={replicas}"), cancellationToken);
        // Waits by a watch, since asking twice a second takes the processor that the pods start with. Its word decides nothing.
        await Shell.TryRunAsync("kubectl", ["--kubeconfig", Lab.Cluster.KubeConfig, "rollout", "status", "deployment/web", "--timeout=180s"], cancellationToken);
        await WebAsync(replicas, cancellationToken);
        return TimeProvider.System.GetElapsedTime(start);
    }

    /// <summary>Scales the web Deployment as <see cref="ScaleAsync"/>, and sees to it that every node has some of its pods.</summary>
    /// <remarks>
    /// A ReplicaSet that shrinks deletes the pods that were ready last, wherever they are: with a slower node, all that stay may be on the others.
    /// Half of them are deleted then; the scheduler puts the new ones where there are none.
    /// </remarks>
    public async Task ScaleAcrossAsync(int replicas, CancellationToken cancellationToken)
    {
        await ScaleAsync(replicas, cancellationToken);
        for (var round = 0; round < 3; round++)
        {
            var pods = await Traffic.WebPodsAsync(cancellationToken);
            if (pods.Select(pod => pod.Node).Distinct().Count() == Lab.Nodes.Count)
                return;
            await Lab.KubectlAsync($"delete --wait=false pod {string.Join(' ', pods.Take(replicas / 2).Select(pod => pod.Name))}", cancellationToken);
            await WebAsync(replicas, cancellationToken);
        }

        throw new ShellException(string.Create(CultureInfo.InvariantCulture, $"the scheduler puts no web pod on some of {Lab.Nodes.Count} nodes: see artifacts/e2e-logs for why"));
    }

    /// <summary>
    /// Waits until exactly that many web pods are there and ready, besides those that are on their way out and those of machines that are
    /// gone: these are shown as ready until they are collected.
    /// </summary>
    public Task<TimeSpan> WebAsync(int replicas, CancellationToken cancellationToken) => Wait.ForAsync(
        string.Create(CultureInfo.InvariantCulture, $"{replicas} web pods"), TimeSpan.FromSeconds(180),
        async () =>
        {
            var pods = (await Lab.ItemsAsync("pods -l app=web", cancellationToken))
                .Where(pod => pod!["metadata"]!["deletionTimestamp"] is null)
                .Where(pod => pod!["spec"]!["nodeName"]?.GetValue<string>() is not { } node || Lab.Nodes.ContainsKey(node)).ToArray();
            var ready = pods.Count(pod => (pod!["status"]?["containerStatuses"]?[0]?["ready"]?.GetValue<bool>() ?? false));
            return pods.Length == replicas && ready == replicas ? null : string.Create(CultureInfo.InvariantCulture, $"{pods.Length} exist and {ready} are ready");
        },
        cancellationToken);

    /// <summary>Waits until no web pod is on its way out any more.</summary>
    public Task<TimeSpan> GoneAsync(CancellationToken cancellationToken) => Wait.ForAsync("pods that were deleted", TimeSpan.FromSeconds(180), async () =>
    {
        var left = (await Lab.ItemsAsync("pods -l app=web", cancellationToken)).Count(pod => pod!["metadata"]!["deletionTimestamp"] is not null);
        return left == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{left} are still there");
    }, cancellationToken);

    /// <summary>Removes everything that needs an address of ours, and waits until it is gone.</summary>
    public async Task NoPodsAsync(CancellationToken cancellationToken)
    {
        await Lab.KubectlAsync("delete deployment/web pod/proxy daemonset/on-host --ignore-not-found --wait=false", cancellationToken);
        await Lab.KubectlAsync("-n kube-system delete deployment/dns --ignore-not-found --wait=false", cancellationToken);
        await Wait.ForAsync("no pods", TimeSpan.FromSeconds(120), async () =>
        {
            var pods = (await Lab.ItemsAsync("pods -A", cancellationToken)).Where(pod => pod!["metadata"]!["namespace"]!.GetValue<string>() != Release.Namespace).ToArray();
            return pods.Length == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{pods.Length} pods are left, such as {pods[0]!["metadata"]!["name"]}");
        }, cancellationToken);
    }
}
