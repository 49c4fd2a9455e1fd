using Vnetcni.Lab.Cluster;
using Vnetcni.Lab.Fabric;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.E2e.Cluster;

/// <summary>etcd, kube-apiserver, kube-controller-manager and kube-scheduler of Debian's Kubernetes 1.20.</summary>
internal sealed class FullControlPlane : ControlPlane
{
    private readonly string _root;
    private readonly string _state;
    private readonly List<Daemon> _daemons = [];

    private FullControlPlane(string root, string state, string kubeConfig, string nodeKubeConfig)
        : base(kubeConfig, nodeKubeConfig) => (_root, _state) = (root, state);

    /// <inheritdoc/>
    public override string Description => "etcd, kube-apiserver, kube-controller-manager and kube-scheduler 1.20";

    /// <summary>Folder with ca.crt and ca.key.</summary>
    public string Pki => Path.Combine(_state, "pki");

    /// <summary>The API server as the nodes reach it.</summary>
    public string Server => $"https://{VNetFabric.HostAddress}:{ServerOf(KubeConfig).Port}";

    /// <summary>Port of the API server.</summary>
    public int Port => ServerOf(KubeConfig).Port;

    /// <summary>Starts all four.</summary>
    public static async Task<FullControlPlane> StartAllAsync(string root, string folder, string programs, CancellationToken cancellationToken)
    {
        var state = Path.Combine(folder, "kube");
        await UpAsync(root, state, cancellationToken);
        var kubeConfig = Path.Combine(state, "kubeconfig");
        var made = new FullControlPlane(root, state, kubeConfig, WriteForNodes(kubeConfig, folder, ServerOf(kubeConfig).Port));
        made._daemons.Add(Daemon.Start("kube-controller-manager", Path.Combine(folder, "controller-manager.log"), null, Path.Combine(programs, "kube-controller-manager"),
        [
            $"--kubeconfig={kubeConfig}", "--leader-elect=false", "--bind-address=127.0.0.1", "--use-service-account-credentials=true",
            $"--service-account-private-key-file={made.Pki}/sa.key", $"--root-ca-file={made.Pki}/ca.crt",
            // As docs/install for clusters of one's own say: no pod CIDRs and no routes.
            "--allocate-node-cidrs=false", "--configure-cloud-routes=false",
            "--node-monitor-period=2s", "--node-monitor-grace-period=20s",
        ]));
        made._daemons.Add(Daemon.Start("kube-scheduler", Path.Combine(folder, "scheduler.log"), null, Path.Combine(programs, "kube-scheduler"),
            [$"--kubeconfig={kubeConfig}", "--leader-elect=false", "--bind-address=127.0.0.1"]));
        var start = TimeProvider.System.GetTimestamp();
        while ((await Shell.TryRunAsync("kubectl", ["--kubeconfig", kubeConfig, "get", "serviceaccount", "default"], cancellationToken)).ExitCode != 0)
        {
            if (made._daemons.Find(d => d.HasExited) is { } ended)
                throw new ShellException($"{ended.Name} ended:\n{ended.Tail()}");
            if (TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(60))
                throw new ShellException("the controller-manager makes no service accounts");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
        }

        return made;
    }

    /// <summary>Stops kube-apiserver and starts it again on the same data.</summary>
    public async Task RestartApiServerAsync(CancellationToken cancellationToken)
    {
        await Shell.RunAsync(Path.Combine(_root, "eng/kube/down.sh"), [_state, "--only", "kube-apiserver"], cancellationToken);
        await UpAsync(_root, _state, cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        foreach (var daemon in _daemons)
            await daemon.DisposeAsync();
        await Shell.TryRunAsync(Path.Combine(_root, "eng/kube/down.sh"), [_state], CancellationToken.None);
    }

    private static Task<string> UpAsync(string root, string state, CancellationToken cancellationToken) => Shell.RunAsync(
        Path.Combine(root, "eng/kube/up.sh"),
        [state, "--bind", "0.0.0.0", "--san", VNetFabric.HostAddress.ToString(), "--service-accounts"],
        cancellationToken,
        environment: new Dictionary<string, string>
        {
            // A test that kills a node does not wait five minutes for its pods.
            ["APISERVER_FLAGS"] = "--default-not-ready-toleration-seconds=15 --default-unreachable-toleration-seconds=15",
        });
}
