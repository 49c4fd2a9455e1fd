using Vnetcni.Lab.Arm;
using Vnetcni.Lab.Cluster;
using Vnetcni.Lab.Fabric;
using Vnetcni.Lab.Network;
using Vnetcni.Lab.Nodes;
using Vnetcni.Lab.Pods;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Demo;

/// <summary>Everything that runs during the demo, and its removal.</summary>
internal sealed class DemoLab(DemoOptions options) : IAsyncDisposable
{
    /// <summary>Every namespace of the lab starts so.</summary>
    public const string Prefix = "vnetcni-lab-";

    private readonly CancellationTokenSource _stop = new();
    private Task _fabricLoop = Task.CompletedTask;

    /// <summary>The simulated Azure.</summary>
    public LabAzure Azure { get; } = new(options.Nodes);

    /// <summary>The simulated virtual network's wires.</summary>
    public VNetFabric Fabric { get; private set; } = null!;

    /// <summary>ARM simulator.</summary>
    public ArmProcess Arm { get; private set; } = null!;

    /// <summary>API server.</summary>
    public ControlPlane Cluster { get; private set; } = null!;

    /// <summary>The machines.</summary>
    public List<LabNode> Nodes { get; } = [];

    /// <summary>Operator replicas; one of them leads.</summary>
    public List<Daemon> Operators { get; } = [];

    /// <summary>Live sandboxes by pod name.</summary>
    public SortedDictionary<string, PodSandbox> Pods { get; } = new(StringComparer.Ordinal);

    /// <summary>Calls the CNI binary.</summary>
    public CniRuntime Runtime { get; } = new(options.Binary);

    /// <summary>Removes what an earlier run left behind, as after a crash.</summary>
    public static async Task SweepAsync(DemoOptions options, CancellationToken cancellationToken)
    {
        await LeftOverProcesses.EndAsync(options.Folder, cancellationToken);
        await Shell.TryRunAsync(Path.Combine(options.Root, "eng/kube/down.sh"), [Path.Combine(options.Folder, "kube")], cancellationToken);
        await NetworkNamespace.RemoveAllAsync(Prefix, cancellationToken);
        if (Directory.Exists(options.Folder))
            Directory.Delete(options.Folder, recursive: true);
        Directory.CreateDirectory(options.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Builds the virtual network with its machines, and starts ARM.</summary>
    public async Task StartAzureAsync(CancellationToken cancellationToken)
    {
        Fabric = await VNetFabric.CreateAsync($"{Prefix}fabric", LabAzure.VNetCidr, LabAzure.Gateway, cancellationToken);
        foreach (var settings in Azure.Machines)
        {
            var space = await NetworkNamespace.CreateAsync(Prefix + settings.Name, cancellationToken);
            await Fabric.PlugAsync(space, settings.Mac, settings.Address, LabAzure.SubnetLength, LabAzure.Gateway, cancellationToken);
            Nodes.Add(new LabNode(settings, space, options.Folder));
        }

        Arm = await ArmProcess.StartAsync(Azure, options.Folder, cancellationToken, options.Seed);
        _fabricLoop = FollowArmAsync(_stop.Token);
    }

    /// <summary>Starts or finds the API server, installs the CRDs, applies a NodeIpPoolClass and the Nodes.</summary>
    public async Task StartClusterAsync(string poolClass, CancellationToken cancellationToken)
    {
        Cluster = await ControlPlane.StartAsync(options.Cluster, options.Root, options.Folder, cancellationToken);
        // An API server older than 1.25 does not know the rules inside; client-side validation would refuse them.
        string[] validation = options.Cluster == "debian" ? ["--validate=false"] : [];
        await Cluster.KubectlAsync(["apply", .. validation, "-f", Path.Combine(options.Root, "crds")], cancellationToken);
        await Cluster.EstablishedAsync(cancellationToken);
        await ApplyAsync(poolClass, cancellationToken);
        await ApplyAsync(Manifests.Nodes(Nodes, LabAzure.ProviderId), cancellationToken);
    }

    /// <summary>Starts one more operator replica.</summary>
    public void StartOperator() => Operators.Add(LabPrograms.StartOperator(this, options, Operators.Count + 1));

    /// <summary>Starts a node's agent and waits until it answers CNI calls.</summary>
    public Task StartAgentAsync(LabNode node, CancellationToken cancellationToken) =>
        node.StartAgentAsync(LabPrograms.Agent, LabPrograms.AgentArguments(node, Cluster), cancellationToken);

    /// <summary>kubectl apply.</summary>
    public Task<string> ApplyAsync(string yaml, CancellationToken cancellationToken) =>
        Cluster.KubectlAsync(["apply", "-f", "-"], cancellationToken, yaml);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in Operators)
            await process.DisposeAsync();
        foreach (var node in Nodes)
            await node.DisposeAsync();
        await _stop.CancelAsync();
        await _fabricLoop;
        if (Arm is not null)
            await Arm.DisposeAsync();
        if (Cluster is not null)
            await Cluster.DisposeAsync();
        if (Fabric is not null)
            await Fabric.DisposeAsync();
        await NetworkNamespace.RemoveAllAsync(Prefix, CancellationToken.None);
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
