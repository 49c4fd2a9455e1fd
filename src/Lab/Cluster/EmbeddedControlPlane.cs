using System.Globalization;
using Vnetcni.Lab.Fabric;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Cluster;

/// <summary>The API server of src/Lab/ApiServer as a process of its own. It listens on the fabric's management link alone: machine and nodes reach it there.</summary>
internal sealed class EmbeddedControlPlane : ControlPlane
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Daemon _daemon;

    private EmbeddedControlPlane(Daemon daemon, string kubeConfig)
        : base(kubeConfig, kubeConfig) => _daemon = daemon;

    /// <inheritdoc/>
    public override string Description => $"the embedded API server, process {_daemon.Id.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Starts it and waits for its kubeconfig, which it writes once it listens.</summary>
    public static async Task<ControlPlane> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var state = Path.Combine(folder, "api-server");
        var daemon = Daemon.Start(
            "API server", Path.Combine(folder, "api-server.log"), null, LabPrograms.Of("Lab"),
            ["api-server", "--folder", state, "--address", VNetFabric.HostAddress.ToString()]);
        var kubeConfig = ApiServerCommand.KubeConfigIn(state);
        var start = TimeProvider.System.GetTimestamp();
        while (!File.Exists(kubeConfig))
        {
            if (daemon.HasExited || TimeProvider.System.GetElapsedTime(start) > Patience)
                throw new ShellException($"the embedded API server does not listen:\n{daemon.Tail()}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }

        return new EmbeddedControlPlane(daemon, kubeConfig);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _daemon.DisposeAsync();
}
