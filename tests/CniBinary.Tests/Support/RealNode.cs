using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Vnetcni.AgentProtocol;
using Vnetcni.NodeAgent.Hosting;
using Vnetcni.TestSupport.Network;

namespace Vnetcni.CniBinary.Tests.Support;

/// <summary>A node in namespaces, an agent process on the real kernel, and plug-ins run as a runtime runs them.</summary>
public sealed class RealNode : IDisposable
{
    private readonly string _binary;
    private readonly int _addresses;
    private readonly int? _lookEvery;
    private readonly string _folder = Directory.CreateTempSubdirectory("vnetcni-node-").FullName;
    private readonly NodeNetns _nodes;
    private readonly NodeLeaks _leaks;
    private readonly string _pool;
    private readonly List<IDisposable> _owned = [];

    public RealNode(PublishedBinary binary, int addresses, int? lookEvery = null)
    {
        ArgumentNullException.ThrowIfNull(binary);
        Assert.SkipWhen(TestNetns.Unavailable is not null, TestNetns.Unavailable ?? "");
        (_binary, _addresses, _lookEvery) = (binary.Path, addresses, lookEvery);
        _nodes = new NodeNetns("node");
        _leaks = new NodeLeaks(_nodes.Node);
        _pool = Path.Combine(_folder, "pool.json");
        WritePool("Transparent", 0);
        Agent = Start();
    }

    public FaultAgent Agent { get; private set; }

    public TestNetns Node => _nodes.Node;

    /// <summary>What is beyond the NIC.</summary>
    public TestNetns Fabric => _nodes.Fabric;

    /// <summary>For what plug-ins write to disk.</summary>
    public string Folder => _folder;

    /// <summary>The agent's socket.</summary>
    public string Socket => Path.Combine(RunFolder, "agent.sock");

    /// <summary>A CNI_PATH with Debian's plug-ins and ours.</summary>
    public string PluginPath
    {
        get
        {
            var own = Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName;
            if (!File.Exists(Path.Combine(own, "vnetcni")))
                File.CreateSymbolicLink(Path.Combine(own, "vnetcni"), _binary);
            return $"/usr/lib/cni:{own}";
        }
    }

    /// <summary>Writes the conflist that the agent would install; gives its folder.</summary>
    public string InstallConflist(params string[] chained)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "net.d")).FullName;
        File.WriteAllBytes(Path.Combine(folder, "10-vnetcni.conflist"), Conflist.Content("vnet", Socket, chained));
        return folder;
    }

    public TestNetns Pod(string name)
    {
        var pod = new TestNetns(name);
        _owned.Add(pod);
        return pod;
    }

    public Task<PluginResult> CallAsync(string command, string id, string netns, string? config = null) =>
        PluginRun.RunAsync(_binary, Variables(command, id, netns), config ?? PluginRun.Config());

    /// <summary>
    /// Runs another plug-in inside the node, where it would find iptables and the like; ours is beside Debian's plug-ins in CNI_PATH,
    /// as its IPAM.
    /// </summary>
    public Task<PluginResult> CallOtherAsync(string plugin, string command, string id, string netns, string config)
    {
        var variables = Variables(command, id, netns);
        variables["CNI_PATH"] = PluginPath;
        variables["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        return PluginRun.FinishAsync(Node.Run(() => PluginRun.Start(plugin, variables, Encoding.UTF8.GetBytes(config))));
    }

    /// <summary>
    /// Writes the pool anew, with that mode. The agent looks at the file every second; each <paramref name="version"/> is a change that makes
    /// it try the mode again.
    /// </summary>
    public void WritePool(string mode, int version)
    {
        var text = JsonSerializer.Serialize(new
        {
            addresses = Enumerable.Range(0, _addresses).Select(n => $"10.240.{n / 190}.{64 + (n % 190)}"),
            pool = new { reuseCooldown = "0s" },
            dataplane = new { mode },
        });
        // As one step: the agent must not read half of it.
        File.WriteAllText($"{_pool}.new", text + new string('\n', version));
        File.Move($"{_pool}.new", _pool, overwrite: true);
    }

    /// <summary>Ends the agent at once, where it has not died yet, and starts another.</summary>
    public void Restart(bool loseCheckpoint = false)
    {
        Agent.Dispose();
        if (loseCheckpoint)
            File.Delete(Path.Combine(RunFolder, "ledger"));
        Agent = Start();
    }

    /// <summary>Waits until node and ledger hold these pods' attachments and nothing else.</summary>
    public Task AssertNothingLeakedAsync(params string[] pods) => AssertNothingLeakedAsync(new NodePods { Attached = Aliases(pods) });

    /// <summary>The same for pods whose interfaces another plug-in makes; that plug-in's own links are not looked at.</summary>
    public Task AssertDelegatedAsync(params string[] pods) => AssertNothingLeakedAsync(new NodePods
    {
        StandIns = Aliases(pods),
        IsForeign = name => name == "cni0" || name.StartsWith("veth", StringComparison.Ordinal),
    });

    private async Task AssertNothingLeakedAsync(NodePods pods)
    {
        var watch = Stopwatch.StartNew();
        while (Faults(pods) is { Count: > 0 } faults)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), string.Join("; ", faults));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public void Dispose()
    {
        Agent.Dispose();
        _owned.Reverse();
        _owned.ForEach(owned => owned.Dispose());
        _nodes.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string RunFolder => Path.Combine(_folder, "run");

    private static string[] Aliases(string[] pods) => [.. pods.Select(pod => $"vnetcni:vnet/{pod}/eth0")];

    private FaultAgent Start() => FaultAgent.Start(_nodes.Node, Socket, _pool, lookEvery: _lookEvery).Serving();

    private IReadOnlyList<string> Faults(NodePods pods) => _leaks.Find(pods with
    {
        UnreachableRoutes = _addresses - pods.StandIns.Count,
        Ledger = Agent.Records.Split(' '),
        Agent = Agent.ProcessId,
        RunFolder = RunFolder,
        // Plug-ins that call iptables leave the tables behind, empty.
        Tables = ["ip filter", "ip nat", "ip mangle", "ip raw", "ip6 filter", "ip6 nat"],
    });

    private Dictionary<string, string> Variables(string command, string id, string netns) => new()
    {
        ["CNI_COMMAND"] = command,
        ["CNI_CONTAINERID"] = id,
        ["CNI_IFNAME"] = "eth0",
        ["CNI_NETNS"] = netns,
        ["CNI_PATH"] = "/usr/lib/cni",
        [AgentPaths.SocketVariable] = Socket,
    };
}
