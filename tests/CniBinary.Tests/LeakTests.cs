using System.Diagnostics;
using System.Text.Json;
using Vnetcni.AgentProtocol;
using Vnetcni.CniBinary.Tests.Support;
using Vnetcni.TestSupport.Network;

namespace Vnetcni.CniBinary.Tests;

/// <summary>The real binary, the real kernel, and an agent that compares its ledger with the kernel every 200 ms: what leaks is put right while it runs.</summary>
public sealed class LeakTests(PublishedBinary binary) : IDisposable
{
    private const int LookEvery = 200;
    private const int Addresses = 3;
    private readonly string _folder = Directory.CreateTempSubdirectory("vnetcni-leaks-").FullName;
    private readonly List<IDisposable> _owned = [];
    private NodeNetns _nodes = null!;
    private NodeLeaks _leaks = null!;
    private FaultAgent _agent = null!;

    private string Socket => Path.Combine(_folder, "run", "agent.sock");

    public void Dispose()
    {
        _owned.Reverse();
        _owned.ForEach(owned => owned.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_namespace_that_goes_without_a_DEL_gives_its_address_back_and_the_pod_beside_it_keeps_its_own()
    {
        Prepare();
        var (gone, stays) = (Pod("pod1"), Pod("pod2"));
        await AddAsync("c1", gone);
        await AddAsync("c2", stays);
        Assert.Equal(2, Held());
        // Whoever holds a namespace keeps it alive: the last one lets go.
        gone.Dispose();
        _owned.Remove(gone);
        await EventuallyAsync(() => Held() == 1);
        Assert.Equal("vnetcni:vnet/c2/eth0", Assert.Single(Links()).Alias);
        // A DEL that comes after all is a success, and the address serves the next pod.
        Ok(await CallAsync("DEL", "c1", ""));
        await AddAsync("c3", Pod("pod3"));
        Assert.True(_nodes.Node.Ping(AddressOf("c3")));
        Assert.True(_nodes.Node.Ping(AddressOf("c2")));
        await NothingButAsync("c2", "c3");
    }

    [Fact]
    public async Task Links_with_our_alias_that_nobody_stands_for_go_and_all_others_stay()
    {
        Prepare();
        await AddAsync("c1", Pod("pod1"));
        _nodes.Node.Ip("link add azvorphan type veth peer name azvnahpro");
        _nodes.Node.Ip("link set azvorphan alias vnetcni:vnet/c9/eth0");
        _nodes.Node.Ip("link add azvforeign type veth peer name azvngierof");
        _nodes.Node.Ip("link set azvforeign alias somebody:vnet/c9/eth0");
        await EventuallyAsync(() => Links().All(link => link.Name != "azvorphan"));
        await Task.Delay(5 * LookEvery, TestContext.Current.CancellationToken);
        Assert.Equal(["azvforeign", "azvngierof"], Links().Where(link => !link.Alias.StartsWith("vnetcni:", StringComparison.Ordinal)).Select(link => link.Name).Order());
        Assert.True(_nodes.Node.Ping(AddressOf("c1")));
        await NothingButAsync("c1");
    }

    [Fact]
    public async Task An_address_that_the_kernel_routes_to_a_pod_unknown_to_the_ledger_is_used_by_nobody_else()
    {
        Prepare();
        await AddAsync("c1", Pod("pod1"));
        _nodes.Node.Ip("link add azvother type veth peer name azvrehto");
        _nodes.Node.Ip("link set azvother alias vnetcni:vnet/c9/eth0 up");
        _nodes.Node.Ip($"route add {Address(1)}/32 dev azvother proto 118 scope link");
        await EventuallyAsync(() => _agent.Records.Contains($"{Address(1)}=Quarantined", StringComparison.Ordinal));
        await AddAsync("c2", Pod("pod2"));
        Assert.Equal(Address(2), AddressOf("c2"));
        // Its DEL ends it, and takes the link along.
        Ok(await CallAsync("DEL", "c9", ""));
        await EventuallyAsync(() => _agent.Records.Contains($"{Address(1)}=Free", StringComparison.Ordinal));
        Assert.DoesNotContain(Links(), link => link.Name == "azvother");
        Ok(await CallAsync("DEL", "c1", ""));
        await NothingButAsync("c2");
    }

    private void Prepare()
    {
        Assert.SkipWhen(TestNetns.Unavailable is not null, TestNetns.Unavailable ?? "");
        _nodes = new NodeNetns("node");
        _owned.Add(_nodes);
        _leaks = new NodeLeaks(_nodes.Node);
        var pool = Path.Combine(_folder, "pool.json");
        File.WriteAllText(pool, JsonSerializer.Serialize(new
        {
            addresses = Enumerable.Range(0, Addresses).Select(Address),
            pool = new { reuseCooldown = "0s" },
        }));
        _agent = FaultAgent.Start(_nodes.Node, Socket, pool, lookEvery: LookEvery).Serving();
        _owned.Add(_agent);
    }

    // All that these tests do to the node by hand hangs on links with these names.
    private Task NothingButAsync(params string[] pods) => EventuallyAsync(
        () => _leaks.Find(new NodePods
        {
            Attached = [.. pods.Select(pod => $"vnetcni:vnet/{pod}/eth0")],
            UnreachableRoutes = Addresses,
            Ledger = _agent.Records.Split(' '),
            Agent = _agent.ProcessId,
            RunFolder = Path.GetDirectoryName(Socket),
            IsForeign = name => name is "azvforeign" or "azvngierof",
        }));

    private static string Address(int n) => $"10.240.0.{64 + n}";

    private TestNetns Pod(string name)
    {
        var pod = new TestNetns(name);
        _owned.Add(pod);
        return pod;
    }

    private int Held() => _agent.Records.Split(' ').Count(record => record.EndsWith("=Assigned", StringComparison.Ordinal));

    private async Task AddAsync(string id, TestNetns pod) => Ok(await CallAsync("ADD", id, pod.Path));

    private Task<PluginResult> CallAsync(string command, string id, string netns) => PluginRun.RunAsync(
        binary.Path,
        new Dictionary<string, string>
        {
            ["CNI_COMMAND"] = command,
            ["CNI_CONTAINERID"] = id,
            ["CNI_IFNAME"] = "eth0",
            ["CNI_NETNS"] = netns,
            ["CNI_PATH"] = "/opt/cni/bin",
            [AgentPaths.SocketVariable] = Socket,
        },
        PluginRun.Config());

    private static void Ok(PluginResult result) => Assert.True(result.ExitCode == 0, $"{result.ExitCode}: {result.Output} {result.Errors}");

    private (string Name, string Alias)[] Links() =>
    [
        .. _nodes.Node.IpJson("link show")
            .Select(link => (link.GetProperty("ifname").GetString()!, link.TryGetProperty("ifalias", out var alias) ? alias.GetString()! : ""))
            .Where(link => link.Item1 is not ("lo" or "eth0")),
    ];

    private string AddressOf(string id)
    {
        var name = Links().Single(link => link.Alias == $"vnetcni:vnet/{id}/eth0").Name;
        return _nodes.Node.IpJson($"route show table all proto 118 dev {name}").Single().GetProperty("dst").GetString()!;
    }

    private static async Task EventuallyAsync(Func<IReadOnlyList<string>> faults)
    {
        var watch = Stopwatch.StartNew();
        while (faults() is { Count: > 0 } found)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), string.Join("; ", found));
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private static async Task EventuallyAsync(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), "not within 20 s");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
