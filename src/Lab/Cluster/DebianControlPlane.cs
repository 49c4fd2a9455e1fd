using Vnetcni.Lab.Fabric;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Cluster;

/// <summary>etcd and a real kube-apiserver, built from Debian's packages by eng/kube.</summary>
internal sealed class DebianControlPlane : ControlPlane
{
    private readonly string _root;
    private readonly string _state;

    private DebianControlPlane(string root, string state, string kubeConfig, string nodeKubeConfig)
        : base(kubeConfig, nodeKubeConfig)
    {
        _root = root;
        _state = state;
    }

    /// <inheritdoc/>
    public override string Description => "kube-apiserver 1.20 and etcd, built from Debian's packages";

    /// <summary>Builds where needed (minutes, once), then starts.</summary>
    public static async Task<ControlPlane> StartAsync(string root, string folder, CancellationToken cancellationToken)
    {
        await Shell.RunAsync(Path.Combine(root, "eng/kube/build.sh"), [], cancellationToken);
        var state = Path.Combine(folder, "kube");
        await Shell.RunAsync(
            Path.Combine(root, "eng/kube/up.sh"),
            [state, "--bind", "0.0.0.0", "--san", VNetFabric.HostAddress.ToString()],
            cancellationToken);
        var kubeConfig = Path.Combine(state, "kubeconfig");
        return new DebianControlPlane(root, state, kubeConfig, WriteForNodes(kubeConfig, folder, ServerOf(kubeConfig).Port));
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync() =>
        await Shell.TryRunAsync(Path.Combine(_root, "eng/kube/down.sh"), [_state], CancellationToken.None);
}
