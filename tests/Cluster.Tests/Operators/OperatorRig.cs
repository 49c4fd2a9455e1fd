using System.Security.Cryptography.X509Certificates;
using k8s.Models;
using Vnetcni.Api.Names;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.Api.NodeIpPools;
using Vnetcni.Api.Serialization;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Http;
using Vnetcni.ArmSimulator.Seeding;
using Vnetcni.Cluster.Tests.Fixture;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.Operator;
using Vnetcni.Operator.Azure;
using Vnetcni.Operator.Azure.Http;
using Vnetcni.TestSupport.Azure;
using Xunit;

namespace Vnetcni.Cluster.Tests.Operators;

/// <summary>Operators against the real API server and the simulator over https; the test plays the agents.</summary>
internal sealed class OperatorRig : IAsyncDisposable
{
    private const string Group = "vnetcni";
    private readonly string _run;
    private readonly List<Task> _running = [];
    private readonly List<IDisposable> _clients = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _sampling = Task.CompletedTask;
    private int _seed;

    private OperatorRig(ClusterFixture cluster, SimulatorHost arm)
    {
        Cluster = cluster;
        Arm = arm;
        Direct = cluster.Api();
        _run = cluster.Name("op");
    }

    public ClusterFixture Cluster { get; }

    public SimulatorHost Arm { get; }

    public HttpKubeApi Direct { get; }

    public List<StatusGuard> Guards { get; } = [];

    /// <summary>The most ipConfigurations of ours that ARM ever had at once, over all NICs, as sampled.</summary>
    public int Most { get; private set; }

    public IReadOnlyList<string> Nodes { get; private set; } = [];

    private IReadOnlyList<string> Machines { get; init; } = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>CRDs, a class that selects this rig's nodes alone, and the nodes with their VMs.</summary>
    public static async Task<OperatorRig> StartAsync(ClusterFixture cluster, int nodes, NodeKind kind, SimSettings settings)
    {
        var kubeconfig = cluster.Require().Kubeconfig;
        // The server of the tests may be too old for the rules inside the CRDs; its clients refuse them then.
        await Script.RunAsync("eng/kubectl.sh", ["--kubeconfig", kubeconfig, "apply", "--validate=false", "-f", "crds"], TimeSpan.FromSeconds(60));
        await EstablishedAsync(kubeconfig);
        var prefix = cluster.Name("node");
        var names = Enumerable.Range(1, nodes).Select(i => $"{prefix}-{i}").ToArray();
        var group = $"/subscriptions/{new Scenario().Subscription}/resourceGroups/{Group}";
        var ids = new NodeNames(kind, group);
        var vms = names.Select((n, i) => ids.Vm(n, i)).ToArray();
        var host = await SimulatorHost.StartAsync(
            new HostOptions
            {
                Scenario = new Scenario
                {
                    ResourceGroup = Group,
                    Vnets = [new ScenarioVnet(prefix, ["10.9.0.0/16"], [new ScenarioSubnet("pods", "10.9.0.0/20")])],
                    ScaleSets = [new ScenarioScaleSet(NodeNames.UniformSet)],
                    Vms = [.. vms.Select(vm => new ScenarioVm(vm) { VmScaleSet = ids.FlexSetId })],
                    Nics = [.. names.Zip(vms, (n, vm) => new ScenarioNic($"{n}-nic", $"{prefix}/pods")
                    {
                        Vm = vm,
                        // The simulator notes whoever touches it.
                        Extra = ForeignParts.Of($"{group}/providers/Microsoft.Network/virtualNetworks/{prefix}", "pods"),
                    })],
                },
                Settings = settings with { RequireAuthorization = true, Latency = new LatencySettings { Scale = 0.05 } },
            },
            Token);
        var rig = new OperatorRig(cluster, host) { Nodes = names, Machines = [.. vms.Select(ids.VmId)] };
        await rig.MakeObjectsAsync();
        rig._sampling = rig.SampleAsync();
        return rig;
    }

    // kubectl 1.20 fails at once, rather than wait, on a CRD that has no conditions yet.
    private static async Task EstablishedAsync(string kubeconfig)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                await Script.RunAsync(
                    "eng/kubectl.sh", ["--kubeconfig", kubeconfig, "wait", "--for=condition=Established", "--timeout=30s", "-f", "crds"], TimeSpan.FromSeconds(60));
                return;
            }
            catch (InvalidOperationException) when (TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromMinutes(1))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500), Token);
            }
        }
    }

    /// <summary>One operator process; it ends with the rig, or when its gates close.</summary>
    public (GatedApi Kube, GatedArm Arm, OperatorInstance Instance) StartOperator(OperatorSettings settings)
    {
        var guard = new StatusGuard(Cluster.Api($"vnetcni-operator/{settings.Identity}"));
        var kube = new GatedApi(guard);
        var roots = new X509Certificate2Collection();
        roots.ImportFromPem(Arm.CertificatePem);
        var credential = ArmCredentials.Create(ArmCredentialMode.StaticToken, new ArmCredentialOptions { Token = "test" }, TimeProvider.System);
        var http = new ArmHttp(new ArmHttpOptions { Endpoint = Arm.ArmUri, TrustedRoots = roots }, credential, TimeProvider.System);
        var arm = new GatedArm(http);
        var instance = new OperatorInstance(kube, arm, TimeProvider.System, settings, new Jitter(++_seed));
        _clients.Add(http);
        Guards.Add(guard);
        _running.Add(Task.Run(() => instance.RunAsync(_stop.Token)));
        return (kube, arm, instance);
    }

    /// <summary>Reports as the node's agent would: so many wanted, pods waiting.</summary>
    public async Task WantAsync(int desired)
    {
        foreach (var node in Nodes)
        {
            while (true)
            {
                var pool = await Direct.GetAsync(OperatorKinds.Pools, new ObjectKey(node), Token);
                if (pool is not null && await TryReportAsync(pool, desired))
                    break;
                await Task.Delay(50, Token);
            }
        }
    }

    /// <summary>Addresses listed in the status of all pools.</summary>
    public async Task<int[]> ListedAsync()
    {
        var counts = new List<int>();
        foreach (var node in Nodes)
        {
            var pool = await Direct.GetAsync(OperatorKinds.Pools, new ObjectKey(node), Token);
            counts.Add(pool?.Status?.NetworkInterfaces?.Sum(nic => nic.Addresses?.Count ?? 0) ?? 0);
        }

        return [.. counts];
    }

    /// <summary>Waits until the pools list that many addresses in all.</summary>
    public async Task UntilListedAsync(int total)
    {
        var end = DateTime.UtcNow.AddSeconds(90);
        int[] listed;
        while ((listed = await ListedAsync()).Sum() != total)
        {
            Assert.True(DateTime.UtcNow < end, $"the pools list {string.Join(" + ", listed)} addresses, not {total}");
            await Task.Delay(100, Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        await _sampling;
        foreach (var client in _clients)
            client.Dispose();
        foreach (var node in Nodes)
            await Direct.DeleteAsync(KubeKinds.Nodes, new ObjectKey(node), new KubeDeleteOptions(), default);
        await Direct.DeleteAsync(OperatorKinds.Classes, new ObjectKey(_run), new KubeDeleteOptions(), default);
        Direct.Dispose();
        await Arm.DisposeAsync();
        _stop.Dispose();
    }

    private async Task<bool> TryReportAsync(NodeIpPool pool, int desired)
    {
        var usage = new NodeIpPoolUsage
        {
            PoolUid = pool.Metadata.Uid,
            BootId = "boot",
            Revision = 1,
            Desired = desired,
            InUse = 0,
            Free = 0,
            Cooling = 0,
            Waiting = 1,
            Releasable = [],
            ObservedAt = DateTimeOffset.UnixEpoch,
        };
        try
        {
            await Direct.PatchAsync(
                OperatorKinds.Pools, pool.Key(), ApplyBodies.AgentUsage(ApplyTarget.Of(pool.Metadata), usage),
                new KubePatchOptions(KubePatchType.Apply, FieldManagers.Agent, Force: true, Subresource: "status"), Token);
            return true;
        }
        catch (KubeApiException e) when (e.IsConflict)
        {
            return false;
        }
    }

    private async Task MakeObjectsAsync()
    {
        var labels = new Dictionary<string, string> { ["vnetcni-test"] = _run, ["kubernetes.io/os"] = "linux" };
        await Direct.CreateAsync(
            OperatorKinds.Classes,
            new NodeIpPoolClass
            {
                Metadata = new V1ObjectMeta { Name = _run },
                Spec = new NodeIpPoolClassSpec { NodeSelector = new NodeSelector { MatchLabels = new Dictionary<string, string> { ["vnetcni-test"] = _run } } },
            },
            Token);
        foreach (var (node, machine) in Nodes.Zip(Machines))
        {
            await Direct.CreateAsync(
                KubeKinds.Nodes,
                new V1Node { Metadata = new V1ObjectMeta { Name = node, Labels = labels }, Spec = new V1NodeSpec { ProviderID = $"azure://{machine}" } },
                Token);
        }
    }

    private async Task SampleAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Most = Math.Max(Most, Arm.Arm.Addresses.Addresses.Count(a => a.IpConfiguration.StartsWith("vnetcni-", StringComparison.Ordinal)));
            await Task.Delay(10);
        }
    }
}
