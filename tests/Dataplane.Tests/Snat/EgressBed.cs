using System.Text.Json;
using Vnetcni.Dataplane.Linux.Snat;
using Vnetcni.Dataplane.Snat;
using Vnetcni.TestSupport.Network;
using Xunit;

namespace Vnetcni.Dataplane.Tests.Snat;

/// <summary>A node with egress rules. Skips the test when namespaces or nft are not to be had.</summary>
internal sealed class EgressBed : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly SemaphoreSlim _changed = new(0);

    public EgressBed(DataplaneMode mode = DataplaneMode.Transparent)
    {
        Bed = new DataplaneBed(mode: mode);
        Assert.SkipWhen(!File.Exists("/usr/sbin/nft"), "`nft` (nftables) is not installed");
        Egress = Start();
        Egress.Listen(() => _changed.Release());
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public DataplaneBed Bed { get; }

    public TestNetns Node => Bed.Node;

    public LinuxPodEgress Egress { get; }

    /// <summary>Rules as an agent with defaults would ask for them.</summary>
    public static EgressRules Rules(params string[] excluded) => new()
    {
        Translate = true,
        Pods = [DataplaneBed.Address(0), DataplaneBed.Address(1)],
        Untranslated = CidrSet.Of(excluded.Length > 0 ? excluded : ["10.240.0.0/16"]),
        CloseWireServer = true,
        CloseMetadata = true,
    };

    /// <summary>Another one in the same node, as after a restart of the agent.</summary>
    public LinuxPodEgress Start()
    {
        var egress = Node.Run(() => new LinuxPodEgress(null, Bed.Network));
        _owned.Add(egress);
        return egress;
    }

    /// <summary>Waits until a change is told of; forgets what was told of before.</summary>
    public async Task<bool> ChangesAsync(TimeSpan limit, Action? after = null)
    {
        while (await _changed.WaitAsync(100, Token))
            Assert.True(_changed.CurrentCount < 1_000_000);
        after?.Invoke();
        return await _changed.WaitAsync(limit, Token);
    }

    /// <summary>Runs nft in the node: an independent witness.</summary>
    public string Nft(string arguments)
    {
        var (exitCode, output) = Node.Execute("/usr/sbin/nft", arguments);
        return exitCode == 0 ? output : throw new InvalidOperationException($"nft {arguments} ended with {exitCode}: {output}");
    }

    /// <summary>Feeds rules to nft in the node.</summary>
    public void NftFile(string text)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, text);
            Nft($"-f {file}");
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Our table as nft prints it, without handles and counts; empty when there is none.</summary>
    public string Table()
    {
        var (exitCode, output) = Node.Execute("/usr/sbin/nft", "list table ip vnetcni");
        return exitCode == 0 ? System.Text.RegularExpressions.Regex.Replace(output, "packets [0-9]+ bytes [0-9]+ ", "") : "";
    }

    /// <summary>Packets that a rule's counter has seen, by a part of the rule's comment.</summary>
    public long Packets(string comment)
    {
        using var json = JsonDocument.Parse(Nft("-j list table ip vnetcni"));
        foreach (var entry in json.RootElement.GetProperty("nftables").EnumerateArray())
        {
            if (!entry.TryGetProperty("rule", out var rule) || !rule.TryGetProperty("comment", out var text) || !text.GetString()!.Contains(comment))
                continue;
            foreach (var expression in rule.GetProperty("expr").EnumerateArray())
            {
                if (expression.TryGetProperty("counter", out var counter))
                    return counter.GetProperty("packets").GetInt64();
            }
        }
        throw new InvalidOperationException($"no counter in a rule with '{comment}'");
    }

    /// <summary>A namespace behind the fabric with addresses of its own; the fabric and the node know the way.</summary>
    public TestNetns Behind(string name, string link, params string[] addresses)
    {
        var outside = Bed.Pod(name);
        Bed.Nodes.Fabric.Run(() => File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1"));
        Bed.Nodes.Fabric.Ip($"link add {link} type veth peer name eth0 netns {outside.Path}");
        Bed.Nodes.Fabric.Ip($"link set {link} up");
        Bed.Nodes.Fabric.Ip($"address add 192.0.2.1/32 dev {link}");
        outside.Ip("link set eth0 up");
        foreach (var address in addresses)
        {
            outside.Ip($"address add {address}/32 dev eth0");
            Bed.Nodes.Fabric.Ip($"route add {address}/32 dev {link}");
        }
        outside.Ip("route add 192.0.2.1/32 dev eth0");
        outside.Ip($"route add default via 192.0.2.1 dev eth0 src {addresses[0]}");
        return outside;
    }

    /// <summary>A pod that has an address on the node.</summary>
    public async Task<TestNetns> PodAsync(int number = 0)
    {
        var pod = Bed.Pod($"pod{number}");
        await Bed.Network.AttachAsync(Bed.Request(pod, number), Token);
        return pod;
    }

    public void Dispose()
    {
        _owned.ForEach(owned => owned.Dispose());
        _changed.Dispose();
        Bed.Dispose();
    }
}
