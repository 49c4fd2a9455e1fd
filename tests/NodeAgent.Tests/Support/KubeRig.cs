using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Serialization;
using Vnetcni.Api.Settings;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.Ipam.Ledger;
using Vnetcni.NodeAgent.Allocation;
using Vnetcni.NodeAgent.Allocation.Checkpoint;
using Vnetcni.NodeAgent.Tests.Snat;
using Vnetcni.TestSupport.Kubernetes;

namespace Vnetcni.NodeAgent.Tests.Support;

/// <summary>An agent whose pool is a NodeIpPool on an in-memory API server; the test plays the operator.</summary>
internal sealed class KubeRig : IDisposable
{
    public const string Node = "node-1";
    public const string Mac = "00:0d:3a:01:02:03";
    public static readonly KubeKind<NodeIpPool> Pools = new(
        ApiKinds.NodeIpPool.Group, ApiKinds.NodeIpPool.Version, ApiKinds.NodeIpPool.Plural, ApiKinds.NodeIpPool.Kind, false,
        ApiKinds.NodeIpPool.Read, ApiKinds.NodeIpPool.Write);

    private static readonly ObjectKey Key = new(Node);
    private readonly string _folder = Directory.CreateTempSubdirectory("vnetcni-kube-").FullName;
    private readonly InMemoryKubeApi _operator;
    private CancellationTokenSource _stop = new();
    private FileLedgerStore? _store;
    private Task _run = Task.CompletedTask;

    private KubeRig()
    {
        Server = new InMemoryKubeServer(Time);
        _operator = Server.Client("operator");
    }

    public SettableClock Time { get; } = new();

    public InMemoryKubeServer Server { get; }

    public KubeFaults ApiFaults { get; } = new();

    public FakeKernel Kernel { get; } = new();

    public FakeSandboxes Sandboxes { get; } = new();

    public FakeEgress Egress { get; } = new();

    public Agent Agent { get; private set; } = null!;

    public NodeIpPool Pool => Pools.Read(System.Text.Encoding.UTF8.GetBytes(Server.Json(Pools, Key)!.ToJsonString()));

    public NodeIpPoolUsage Usage => Pool.Status!.Usage!;

    public static void Test(Func<KubeRig, Task> test)
    {
        using var rig = new KubeRig();
        SingleThread.Run(rig.Time, async () =>
        {
            await test(rig);
            await rig.StopAsync();
        });
    }

    public async Task StartAsync(bool loseLedger = false)
    {
        var path = Path.Combine(_folder, "ledger");
        if (loseLedger)
            File.Delete(path);
        _stop = new CancellationTokenSource();
        _store = new FileLedgerStore(path, "boot-1");
        var settings = new AgentSettings { NodeName = Node, BootId = "boot-1", MacAddresses = [Mac] };
        Agent = Agent.ForKubernetes(
            settings, Server.Client("agent", ApiFaults), new FakeNetwork(Kernel, new FaultPoints()), _store, Time, new Jitter(1), NullLoggerFactory.Instance,
            egress: Egress, sandboxes: Sandboxes);
        _run = Agent.RunAsync(_stop.Token);
        await Agent.Started;
        await WaitAsync(1);
    }

    public async Task StopAsync()
    {
        _stop.Cancel();
        await _run;
        _store?.Dispose();
        Agent?.Dispose();
    }

    public Task WaitAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), Time);

    /// <summary>The operator makes the pool.</summary>
    public void MakePool(params int[] addresses) => MakePool(Mac, new PoolSettings { MinFree = 2, BatchSize = 2, MaxFree = 4 }, addresses);

    public void MakePool(string mac, PoolSettings settings, params int[] addresses) => _operator.Seed(
        Pools,
        new NodeIpPool
        {
            Metadata = new V1ObjectMeta { Name = Node },
            Spec = new NodeIpPoolSpec { NodeName = Node, Pool = settings },
            Status = Status(mac, addresses, []),
        });

    /// <summary>The operator's conditional status write.</summary>
    public async Task PublishAsync(int[] available, int[]? releasing = null, string mac = Mac, int? share = null)
    {
        var target = ApplyTarget.Of(Pool.Metadata);
        await _operator.PatchAsync(
            Pools, Key, ApplyBodies.OperatorStatus(target, Status(mac, available, releasing ?? []) with { Share = share }),
            new KubePatchOptions(KubePatchType.Apply, "vnetcni-operator", Force: true, Subresource: "status"), CancellationToken.None);
        await WaitAsync(0.5);
    }

    public async Task BindPodsAsync(int from, int count, bool hostNetwork = false, string phase = "Pending")
    {
        for (var n = from; n < from + count; n++)
        {
            _operator.Seed(KubeKinds.Pods, new V1Pod
            {
                Metadata = new V1ObjectMeta { Name = $"p{n}", NamespaceProperty = "default" },
                Spec = new V1PodSpec { NodeName = Node, HostNetwork = hostNetwork ? true : null, Containers = [new V1Container { Name = "c", Image = "i" }] },
                Status = new V1PodStatus { Phase = phase },
            });
        }

        await WaitAsync(0.5);
    }

    public async Task DeletePodsAsync(int from, int count)
    {
        for (var n = from; n < from + count; n++)
            await _operator.RemovePodAsync(new ObjectKey("default", $"p{n}"));
        await WaitAsync(0.5);
    }

    public async Task<IReadOnlyList<Corev1Event>> EventsAsync(string reason) =>
        [.. (await _operator.ListAsync(KubeKinds.Events, new KubeListOptions(), CancellationToken.None)).Items.Where(e => e.Reason == reason)];

    public Task DeletePoolAsync() => _operator.DeleteAsync(Pools, Key, new KubeDeleteOptions(), CancellationToken.None);

    public Task<AddOutcome> AddAsync(int pod) => Agent.Attachments.AddAsync(
        new AddCommand(new Owner("net", $"c{pod}", "eth0"), new FakeNamespace((ulong)(1000 + pod)), "", 0), CancellationToken.None);

    public Task DeleteAsync(int pod) => Agent.Attachments.DeleteAsync(new Owner("net", $"c{pod}", "eth0"), CancellationToken.None);

    public void Dispose()
    {
        _store?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static NodeIpPoolStatus Status(string mac, int[] available, int[] releasing) => new()
    {
        NetworkInterfaces =
        [
            new NetworkInterfaceStatus
            {
                Name = "nic", MacAddress = mac, PrimaryAddress = "10.1.0.250",
                Addresses =
                [
                    .. available.Select(n => Address(n, AddressStates.Available)), .. releasing.Select(n => Address(n, AddressStates.Releasing)),
                ],
            },
        ],
    };

    private static AddressStatus Address(int n, string state) =>
        new() { Address = TestPool.Ip(n).ToString(), IpConfiguration = $"vnetcni-x-{n}", State = state };
}
