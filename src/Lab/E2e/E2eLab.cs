using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Vnetcni.Lab.Arm;
using Vnetcni.Lab.E2e.Cluster;
using Vnetcni.Lab.Fabric;
using Vnetcni.Lab.Network;
using Vnetcni.Lab.Nodes;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.E2e;

/// <summary>Everything that the cluster tests run on: simulated Azure, control plane, nodes, helm.</summary>
internal sealed class E2eLab(E2eOptions options) : IAsyncDisposable
{
    /// <summary>Machines that exist in ARM; the last one joins late.</summary>
    public const int Machines = 3;

    /// <summary>An address beyond the virtual network. TEST-NET-3, RFC 5737.</summary>
    public const string Internet = "203.0.113.1";

    private static readonly TimeSpan ExecPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ExecPause = TimeSpan.FromMilliseconds(500);
    private readonly CancellationTokenSource _stop = new();
    private Task _fabricLoop = Task.CompletedTask;
    private Task _collecting = Task.CompletedTask;
    private Daemon? _internet;
    private ImmutableSortedDictionary<string, KubeNode> _nodes = ImmutableSortedDictionary.Create<string, KubeNode>(StringComparer.Ordinal);

    /// <summary>Options of the run.</summary>
    public E2eOptions Options => options;

    /// <summary>The simulated Azure.</summary>
    public LabAzure Azure { get; } = new(Machines);

    /// <summary>The wires.</summary>
    public VNetFabric Fabric { get; private set; } = null!;

    /// <summary>ARM simulator.</summary>
    public ArmProcess Arm { get; private set; } = null!;

    /// <summary>Control plane.</summary>
    public FullControlPlane Cluster { get; private set; } = null!;

    /// <summary>Running nodes by name.</summary>
    /// <remarks>Nodes start side by side: the list is replaced, never changed.</remarks>
    public ImmutableSortedDictionary<string, KubeNode> Nodes => _nodes;

    /// <summary>The fabric, ARM, and a web server on the Internet that says who asks.</summary>
    public async Task StartAzureAsync(CancellationToken cancellationToken)
    {
        Fabric = await VNetFabric.CreateAsync("fabric", LabAzure.VNetCidr, LabAzure.Gateway, cancellationToken);
        // The API server reaches the kubelets, and a client outside reaches NodePorts.
        await Shell.RunAsync("ip", ["route", "add", LabAzure.VNetCidr, "via", "198.51.100.2"], cancellationToken);
        await Fabric.Space.IpAsync($"addr add {Internet}/32 dev lo", cancellationToken);
        Arm = await ArmProcess.StartAsync(Azure, options.Folder, cancellationToken, forNodes: true);
        _fabricLoop = FollowArmAsync(_stop.Token);
        var site = Path.Combine(options.Folder, "internet");
        Directory.CreateDirectory(Path.Combine(site, "cgi-bin"));
        var who = Path.Combine(site, "cgi-bin", "who");
        await File.WriteAllTextAsync(who, "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n'\necho \"from=$REMOTE_ADDR\"\n", cancellationToken);
        File.SetUnixFileMode(who, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _internet = Daemon.Start("internet", Path.Combine(options.Folder, "internet.log"), Fabric.Space.Name, "busybox", ["httpd", "-f", "-p", $"{Internet}:80", "-h", site]);
    }

    /// <summary>The control plane.</summary>
    public async Task StartClusterAsync(CancellationToken cancellationToken)
    {
        Cluster = await FullControlPlane.StartAllAsync(options.Root, options.Folder, options.Programs, cancellationToken);
        _collecting = new SandboxCollector(this).RunAsync(_stop.Token);
    }

    /// <summary>Starts a machine and waits until its Node exists.</summary>
    public async Task<KubeNode> StartNodeAsync(LabNodeSettings settings, CancellationToken cancellationToken)
    {
        var space = await NetworkNamespace.CreateAsync(settings.Name, cancellationToken);
        await Fabric.PlugAsync(space, settings.Mac, settings.Address, LabAzure.SubnetLength, LabAzure.Gateway, cancellationToken);
        await space.SysctlAsync([("net/ipv4/ip_forward", "1")], cancellationToken);
        var node = await KubeNode.StartAsync(settings, space, options, Cluster, cancellationToken);
        ImmutableInterlocked.Update(ref _nodes, list => list.SetItem(settings.Name, node));
        await Wait.ForAsync($"Node {settings.Name}", TimeSpan.FromSeconds(150), async () =>
            (await KubectlAsync($"get node {settings.Name} --ignore-not-found -o name", cancellationToken)).Length > 0 ? null : $"it does not register, see {node.Folder}/log", cancellationToken);
        return node;
    }

    /// <summary>Ends a machine at once.</summary>
    public async Task DestroyNodeAsync(string name, CancellationToken cancellationToken)
    {
        var node = Nodes[name];
        ImmutableInterlocked.Update(ref _nodes, list => list.Remove(name));
        await Fabric.UnplugAsync(node.Settings.Mac, cancellationToken);
        await node.DisposeAsync();
    }

    /// <summary>kubectl with words split at blanks.</summary>
    public async Task<string> KubectlAsync(string words, CancellationToken cancellationToken) =>
        (await Cluster.KubectlAsync(words.Split(' ', StringSplitOptions.RemoveEmptyEntries), cancellationToken)).Trim();

    /// <summary>Items of <c>kubectl get WHAT -o json</c>.</summary>
    public async Task<JsonArray> ItemsAsync(string what, CancellationToken cancellationToken) =>
        JsonNode.Parse(await KubectlAsync($"get {what} -o json", cancellationToken))!["items"]!.AsArray();

    /// <summary>kubectl apply.</summary>
    public Task<string> ApplyAsync(string yaml, CancellationToken cancellationToken) =>
        Cluster.KubectlAsync(["apply", "-f", "-"], cancellationToken, yaml);

    /// <summary>A shell command in a pod. Where the API server does not reach the kubelet, nothing has run: then it is tried again for 30 s.</summary>
    public async Task<string> ExecAsync(string pod, string command, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return (await Cluster.KubectlAsync(["exec", pod, "--", "/bin/sh", "-c", command], cancellationToken)).Trim();
            }
            catch (ShellException e) when (e.Message.Contains("error dialing backend", StringComparison.Ordinal) && TimeProvider.System.GetElapsedTime(start) < ExecPatience)
            {
                await Task.Delay(ExecPause, TimeProvider.System, cancellationToken);
            }
        }
    }

    /// <summary>helm with words split at blanks.</summary>
    public async Task<ShellResult> HelmAsync(string words, CancellationToken cancellationToken) => await Shell.TryRunAsync(
        options.Helm, words.Split(' ', StringSplitOptions.RemoveEmptyEntries), cancellationToken,
        environment: new Dictionary<string, string> { ["KUBECONFIG"] = Cluster.KubeConfig, ["HELM_CACHE_HOME"] = $"{options.Folder}/helm", ["HELM_CONFIG_HOME"] = $"{options.Folder}/helm", ["HELM_DATA_HOME"] = $"{options.Folder}/helm" });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _collecting;
        foreach (var node in Nodes.Values)
            await node.DisposeAsync();
        await _fabricLoop;
        if (_internet is not null)
            await _internet.DisposeAsync();
        if (Arm is not null)
            await Arm.DisposeAsync();
        if (Cluster is not null)
            await Cluster.DisposeAsync();
        if (Fabric is not null)
            await Fabric.DisposeAsync();
        _stop.Dispose();
    }

    private async Task FollowArmAsync(CancellationToken cancellationToken)
    {
        var version = 0L;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                (version, var owners) = await Arm.AddressesAsync(version, cancellationToken);
                await Fabric.UpdateAsync(owners, cancellationToken);
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException)
            {
                if (cancellationToken.IsCancellationRequested || Arm.HasExited)
                    return;
            }
        }
    }
}
