using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Vnetcni.Lab.Soak.Running;

/// <summary>Pod objects as the scheduler and kubelet write them.</summary>
internal sealed class PodObjects(string kubeConfig) : IDisposable
{
    private const string Namespace = "default";
    private readonly Kubernetes _api = new(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeConfig));

    /// <summary>Makes a pod that is bound to its node.</summary>
    public Task CreateAsync(string name, string node, CancellationToken cancellationToken) =>
        _api.CoreV1.CreateNamespacedPodAsync(
            new V1Pod
            {
                ApiVersion = "v1",
                Kind = "Pod",
                Metadata = new V1ObjectMeta { Name = name, Labels = new Dictionary<string, string> { ["app"] = "vnetcni-soak" } },
                Spec = new V1PodSpec
                {
                    NodeName = node,
                    TerminationGracePeriodSeconds = 30,
                    Containers = [new V1Container { Name = "main", Image = "soak.invalid/none" }],
                },
            },
            Namespace, cancellationToken: cancellationToken);

    /// <summary>Marks it as leaving; kubelet has yet to stop it.</summary>
    public Task LeaveAsync(string name, CancellationToken cancellationToken) => DeleteAsync(name, 30, cancellationToken);

    /// <summary>Removes it for good, as kubelet does at the end.</summary>
    public Task RemoveAsync(string name, CancellationToken cancellationToken) => DeleteAsync(name, 0, cancellationToken);

    /// <summary>How many there are.</summary>
    public async Task<int> CountAsync(CancellationToken cancellationToken) =>
        (await _api.CoreV1.ListNamespacedPodAsync(Namespace, cancellationToken: cancellationToken)).Items.Count;

    /// <inheritdoc/>
    public void Dispose() => _api.Dispose();

    private async Task DeleteAsync(string name, int grace, CancellationToken cancellationToken)
    {
        try
        {
            await _api.CoreV1.DeleteNamespacedPodAsync(name, Namespace, gracePeriodSeconds: grace, cancellationToken: cancellationToken);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            // Gone is what was wanted.
            _ = e;
        }
    }
}
