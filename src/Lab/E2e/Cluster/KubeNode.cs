using System.Globalization;
using Vnetcni.Lab.Network;
using Vnetcni.Lab.Nodes;
using Vnetcni.Lab.Processes;
using Vnetcni.Lab.Soak.Ending;

namespace Vnetcni.Lab.E2e.Cluster;

/// <summary>A machine with a real containerd, kubelet and kube-proxy in namespaces of its own.</summary>
internal sealed class KubeNode : IAsyncDisposable
{
    private readonly Daemon _init;

    private KubeNode(LabNodeSettings settings, NetworkNamespace space, NodeKernel before, string folder, Daemon init) =>
        (Settings, Space, Before, Folder, _init) = (settings, space, before, folder, init);

    /// <summary>What it is in Azure.</summary>
    public LabNodeSettings Settings { get; }

    /// <summary>Its network namespace.</summary>
    public NetworkNamespace Space { get; }

    /// <summary>Its network before anything of Kubernetes ran on it.</summary>
    public NodeKernel Before { get; }

    /// <summary>Its state.</summary>
    public string Folder { get; }

    /// <summary>Kubernetes name.</summary>
    public string Name => Settings.Name;

    /// <summary>Starts it; the network namespace is plugged into the fabric already.</summary>
    public static async Task<KubeNode> StartAsync(
        LabNodeSettings settings, NetworkNamespace space, E2eOptions options, FullControlPlane cluster, CancellationToken cancellationToken)
    {
        var before = await KernelReader.ReadAsync(space, cancellationToken);
        var folder = Path.Combine(options.Folder, "nodes", settings.Name);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        NodeFiles.Write(folder, settings, cluster);
        var init = Daemon.Start(
            $"node {settings.Name}", Path.Combine(options.Folder, $"{settings.Name}.log"), space.Name,
            Path.Combine(options.Root, "eng/e2e/node-up.sh"), [settings.Name, settings.Address, folder, options.Programs, .. options.Images]);
        return new KubeNode(settings, space, before, folder, init);
    }

    /// <summary>Runs a command on the node: all its namespaces, its root.</summary>
    public async Task<string> RunAsync(IEnumerable<string> words, CancellationToken cancellationToken) =>
        await Shell.RunAsync("nsenter", ["-t", await FirstProcessAsync(cancellationToken), "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", "--", .. words], cancellationToken);

    /// <summary>Its container runtime; the caller disposes it.</summary>
    public async Task<NodeRuntime> RuntimeAsync(CancellationToken cancellationToken) =>
        new($"/proc/{await FirstProcessAsync(cancellationToken)}/root");

    /// <summary>Kills containerd, kubelet or kube-proxy with SIGKILL; the node starts it again.</summary>
    public async Task KillServiceAsync(string service, CancellationToken cancellationToken) =>
        await RunAsync(["/bin/sh", "-c", $"kill -9 $(cat {Folder}/run/{service}.pid)"], cancellationToken);

    /// <summary>Ends the machine as a loss of power does: every process of it at once, and its network.</summary>
    public async Task DestroyAsync()
    {
        if (!_init.HasExited)
        {
            var first = await FirstProcessAsync(CancellationToken.None);
            await Shell.TryRunAsync("kill", ["-KILL", first], CancellationToken.None);
            await _init.StopAsync(TimeSpan.FromSeconds(10));
        }

        await Space.DeleteAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await DestroyAsync();
        await _init.DisposeAsync();
    }

    // unshare's child: process 1 of the node.
    private async Task<string> FirstProcessAsync(CancellationToken cancellationToken)
    {
        var id = _init.Id.ToString(CultureInfo.InvariantCulture);
        var children = (await File.ReadAllTextAsync($"/proc/{id}/task/{id}/children", cancellationToken)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return children.Length > 0 ? children[0] : throw new ShellException($"node {Name} has ended:\n{_init.Tail()}");
    }
}
