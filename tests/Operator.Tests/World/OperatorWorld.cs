using k8s.Models;
using Vnetcni.Api.Conditions;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Settings;
using Vnetcni.Api.VirtualNetworks;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Seeding;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Tests.Azure;
using Vnetcni.TestSupport.Azure;
using Vnetcni.TestSupport.Kubernetes;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Operator.Tests.World;

/// <summary>An API server and an ARM in memory, on one thread under a virtual clock; operators and agents are added by the test.</summary>
internal sealed class OperatorWorld : IDisposable
{
    public const string Group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/vnetcni/providers/";
    public const string NetworkId = Group + "Microsoft.Network/virtualNetworks/net";
    private readonly Simulator sim;
    private readonly List<CancellationTokenSource> stops = [];
    private Exception? broken;

    public OperatorWorld(
        Simulator sim, int nodes = 1, string subnet = "10.1.0.0/24", SimSettings? arm = null, NodeKind kind = NodeKind.Standalone, bool secondNic = false)
    {
        this.sim = sim;
        (Kind, Names) = (kind, new NodeNames(kind, Group[..Group.IndexOf("/providers", StringComparison.Ordinal)]));
        Kube = new InMemoryKubeServer(sim.Time);
        Kube.Committed += change =>
        {
            Commits.Add($"{change.Resource} {change.Key}");
            var status = change.After?["status"];
            if (change.Resource.EndsWith(".vnetcni.dev", StringComparison.Ordinal))
                sim.Trace.Add($"commit {change.Key} held {status?["held"]} settled {status?["settledReservation"]} used {status?["usedByUs"]} {status?["reservations"]?.ToJsonString()}");
        };
        Admin = Kube.Client("admin");
        Arm = new SimulatedArm(sim.Time, (ulong)sim.NextSeed(), arm ?? new SimSettings());
        Arm.Seed(new Scenario
        {
            Vnets = [new ScenarioVnet("net", ["10.1.0.0/16"], [new ScenarioSubnet("pods", subnet)])],
            ScaleSets = [new ScenarioScaleSet(NodeNames.UniformSet)],
            Vms = [.. Enumerable.Range(0, nodes).Select(i => new ScenarioVm(VmName(i)) { VmScaleSet = Names.FlexSetId })],
            Nics =
            [
                .. Enumerable.Range(0, nodes).Select(i => new ScenarioNic($"nic{i}", "net/pods") { Vm = VmName(i), Extra = ForeignParts.Of(NetworkId, "pods") }),
                .. Enumerable.Range(0, secondNic ? nodes : 0).Select(i => new ScenarioNic(SecondNic(i), "net/pods") { Vm = VmName(i) }),
            ],
        });
        Admin.Seed(KubeKinds.Namespaces, new V1Namespace { Metadata = new V1ObjectMeta { Name = "vnetcni-system" } });
        for (var i = 0; i < nodes; i++)
            AddNode($"node{i}", $"azure://{VmId(i)}");
        Client = new TracingArm(new SimulatorArm(Arm), Arm, sim);
    }

    public InMemoryKubeServer Kube { get; }

    public InMemoryKubeApi Admin { get; }

    public SimulatedArm Arm { get; }

    public IArm Client { get; }

    public List<string> Commits { get; } = [];

    /// <summary>
    /// What has to hold after every commit. An assertion that fails there would reach whoever wrote, as a failed write that is tried
    /// again: it is kept, and fails the test.
    /// </summary>
    public void Always(Action<KubeChange> check) => Kube.Committed += change =>
    {
        try
        {
            check(change);
        }
        catch (Xunit.Sdk.XunitException e)
        {
            broken ??= e;
        }
    };

    /// <summary>What the nodes are.</summary>
    public NodeKind Kind { get; }

    public NodeNames Names { get; }

    public string VmName(int i) => Names.Vm($"vm{i}", i);

    /// <summary>ARM id of a node's VM, whatever its kind.</summary>
    public string VmId(int i) => Names.VmId(VmName(i));

    /// <summary>ARM id of a node's interface, whatever its kind.</summary>
    public string NicId(int i) => Names.NicId(VmName(i), $"nic{i}");

    /// <summary>Name of a node's second interface, where it has one.</summary>
    public static string SecondNic(int i) => $"second{i}";

    public static string Vm(int i) => $"{Group}Microsoft.Compute/virtualMachines/vm{i}";

    public static string Nic(int i) => $"{Group}Microsoft.Network/networkInterfaces/nic{i}";

    public string NetworkName => VirtualNetworkNames.For(NetworkId);

    public V1Node AddNode(string name, string? providerId) => Admin.Seed(KubeKinds.Nodes, new V1Node
    {
        Metadata = new V1ObjectMeta { Name = name, Labels = new Dictionary<string, string> { ["kubernetes.io/os"] = "linux" } },
        Spec = new V1NodeSpec { ProviderID = providerId },
    });

    public NodeIpPoolClass AddClass(
        string name = "default", PoolSettings? pool = null, int? priority = null, bool? dryRun = null, (string Label, string Value)? selector = null,
        SnatSettings? snat = null, NetworkInterfaceSettings? nic = null) =>
        Admin.Seed(OperatorKinds.Classes, new NodeIpPoolClass
        {
            Metadata = new V1ObjectMeta { Name = name, Generation = 1 },
            Spec = new NodeIpPoolClassSpec
            {
                Pool = pool,
                Priority = priority,
                DryRun = dryRun,
                Snat = snat,
                NetworkInterface = nic,
                NodeSelector = selector is { } wanted
                    ? new NodeSelector { MatchLabels = new Dictionary<string, string> { [wanted.Label] = wanted.Value } }
                    : null,
            },
        });

    public async Task LabelAsync(string node, string label, string value)
    {
        var read = (await Admin.GetAsync(KubeKinds.Nodes, new ObjectKey(node), CancellationToken.None))!;
        read.Metadata.Labels[label] = value;
        await Admin.ReplaceAsync(KubeKinds.Nodes, read, CancellationToken.None);
    }

    /// <summary>Starts an operator; the source kills it.</summary>
    public RunningOperator Start(
        string name = "operator-a", Func<OperatorSettings, OperatorSettings>? change = null, KubeFaults? faults = null, IArm? arm = null)
    {
        var settings = new OperatorSettings { Identity = name, LeaseName = string.Empty };
        settings = change?.Invoke(settings) ?? settings;
        var observer = new FailingObserver(sim);
        var instance = new OperatorInstance(Kube.Client(name, faults), arm ?? Client, sim.Time, settings, new Jitter(sim.NextSeed()), observer);
        var kill = new CancellationTokenSource();
        stops.Add(kill);
        var ended = sim.Spawn(name, () => instance.RunAsync(kill.Token), endless: true);
        return new RunningOperator(instance, kill, ended);
    }

    public FakeAgent StartAgent(string node, int desired = 0)
    {
        var agent = new FakeAgent(sim, Kube.Client($"agent-{node}"), node) { Desired = desired };
        var stop = new CancellationTokenSource();
        stops.Add(stop);
        _ = sim.Spawn($"agent-{node}", () => agent.RunAsync(stop.Token), endless: true);
        return agent;
    }

    public async Task<NodeIpPool?> PoolAsync(string name = "node0") =>
        await Admin.GetAsync(OperatorKinds.Pools, new ObjectKey(name), CancellationToken.None);

    public async Task<VirtualNetwork?> NetworkAsync() =>
        await Admin.GetAsync(OperatorKinds.VirtualNetworks, new ObjectKey(NetworkName), CancellationToken.None);

    /// <summary>Waits in virtual time until something holds.</summary>
    public async Task UntilAsync(string what, Func<Task<bool>> holds, int seconds = 600)
    {
        for (var i = 0; i < seconds * 4; i++)
        {
            ThrowIfBroken();
            if (await holds())
                return;
            await sim.Delay(TimeSpan.FromMilliseconds(250));
        }

        var pool = await PoolAsync();
        Assert.Fail($"{what}: not within {seconds} s. Ready: {Ready(pool)} held {pool?.Status?.Held} "
            + $"desired {pool?.Status?.Usage?.Desired} vnet {(await NetworkAsync())?.Status} journal:\n"
            + string.Join('\n', Arm.Journal.TakeLast(15).Select(e => $"{e.At:T} {e.Method} {e.PathAndQuery} {e.Status} {e.Code}")));
    }

    public Task UntilHeldAsync(int count, string node = "node0", int seconds = 600) => UntilAsync(
        $"{node} holds {count}",
        async () =>
        {
            var pool = await PoolAsync(node);
            var network = await NetworkAsync();
            return pool?.Status?.Held == count
                && pool.Status.NetworkInterfaces![0].Addresses!.Count == count
                && network?.Status?.Reservations is null or { Count: 0 };
        },
        seconds);

    public Task UntilReasonAsync(string reason, string node = "node0", int seconds = 600) => UntilAsync(
        $"{node} is {reason}",
        async () => ReadyOf(await PoolAsync(node))?.Reason == reason,
        seconds);

    public static Condition? ReadyOf(NodeIpPool? pool) => ConditionSet.Find(pool?.Status?.Conditions, ConditionTypes.Ready);

    public static string Ready(NodeIpPool? pool) =>
        ReadyOf(pool) is { } ready ? $"{ready.Status} {ready.Reason}: {ready.Message}" : "none";

    public int OnNic(int i) => Arm.Addresses.Addresses.Count(a =>
        a.Nic.Equals(NicId(i), StringComparison.OrdinalIgnoreCase) && a.IpConfiguration.StartsWith("vnetcni-", StringComparison.Ordinal));

    public long Puts => Arm.Counters.Where(c => c.Method == "PUT").Sum(c => c.Count);

    public async Task<IReadOnlyList<string>> EventsAsync() =>
    [
        .. (await Admin.ListAsync(KubeKinds.Events, new KubeListOptions(), CancellationToken.None)).Items.Select(e => $"{e.Reason}: {e.Message}"),
    ];

    public void Dispose()
    {
        foreach (var stop in stops)
            stop.Cancel();
        var violations = Arm.Violations;
        Arm.Dispose();
        ThrowIfBroken();
        Assert.Empty(violations);
    }

    private void ThrowIfBroken()
    {
        if (broken is not null)
            throw new SimulationException($"broken after a commit: {broken.Message}", broken);
    }

    // What the operator cannot recover from by itself must not hide behind its retries.
    private sealed class FailingObserver(Simulator sim) : RuntimeObserver
    {
        public override void ReconcileFailed(string controller, ObjectKey key, Exception cause, int failures, TimeSpan delay)
        {
            sim.Trace.Add($"{controller} {key} failed {failures}: {cause.GetType().Name} {cause.Message}");
            if (cause is NullReferenceException or ArgumentException or InvalidOperationException or InvalidCastException)
                throw new SimulationException($"{controller} {key}: {cause}");
        }

        public override void HandlerFailed(string cache, ObjectKey key, Exception cause) =>
            throw new SimulationException($"handler of {cache} {key}: {cause}");
    }
}

/// <summary>An operator that runs.</summary>
internal sealed record RunningOperator(OperatorInstance Instance, CancellationTokenSource Kill, Task Ended);

/// <summary>Puts every exchange with ARM into the trace, with the interface's ETag before and after.</summary>
internal sealed class TracingArm(IArm inner, SimulatedArm simulator, Simulator sim) : IArm
{
    public async Task<ArmResponse> SendAsync(ArmRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await inner.SendAsync(request, cancellationToken);
        }
        finally
        {
            var entry = simulator.Journal[^1];
            var path = entry.PathAndQuery.Split('?')[0];
            sim.Trace.Add($"arm {entry.Method} {path[(path.LastIndexOf('/') + 1)..]} {entry.Status} {entry.Code} {entry.Fault} {entry.EtagBefore} -> {entry.EtagAfter}");
        }
    }
}
