using System.Net.Sockets;
using Testcontainers.K3s;

namespace Vnetcni.Lab.Cluster;

/// <summary>K3s in a container, where the machine has Docker.</summary>
internal sealed class K3sControlPlane : ForwardedControlPlane
{
    private readonly K3sContainer _container;

    private K3sControlPlane(K3sContainer container, string kubeConfig, ForwardedKubeConfig node, TcpListener listener)
        : base(kubeConfig, node, listener, "K3s in Docker") => _container = container;

    /// <summary>Starts the container and writes its kubeconfig.</summary>
    public static async Task<ControlPlane> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var container = new K3sBuilder("rancher/k3s:v1.33.5-k3s1").Build();
        await container.StartAsync(cancellationToken);
        var kubeConfig = Path.Combine(folder, "k3s.kubeconfig");
        await File.WriteAllTextAsync(kubeConfig, await container.GetKubeconfigAsync(), cancellationToken);
        File.SetUnixFileMode(kubeConfig, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var listener = Listen();
        return new K3sControlPlane(container, kubeConfig, await ForNodesAsync(kubeConfig, folder, listener, cancellationToken), listener);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _container.DisposeAsync();
    }
}
