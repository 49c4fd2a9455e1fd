using System.Globalization;
using System.Text.Json.Nodes;
using Vnetcni.Lab.Bench.Figures;
using Vnetcni.Lab.Network;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Bench.Running;

/// <summary>A way from node to node.</summary>
/// <param name="Name">Its kind.</param>
/// <param name="From">Who asks.</param>
/// <param name="To">Who answers.</param>
/// <param name="Address">Where.</param>
internal sealed record PathWay(string Name, NetworkNamespace From, NetworkNamespace To, string Address);

/// <summary>
/// The ways that are compared: without pods, between pods on bridges, and between pods of ours; each between two nodes of its own that
/// are the ends of one wire. Bridges and ours both with and without translation.
/// </summary>
internal sealed class PathWays(BenchOptions options) : IAsyncDisposable
{
    private const string VNet = "10.224.0.0/16";
    private readonly List<Daemon> _agents = [];
    private readonly List<PathWay> _all = [];

    /// <summary>All of them: each kind <see cref="BenchOptions.WaysOfAKind"/> times.</summary>
    public IReadOnlyList<PathWay> All => _all;

    /// <summary>One of each kind.</summary>
    public IReadOnlyList<PathWay> OneOfEach => [.. _all.DistinctBy(way => way.Name)];

    /// <summary>Makes nodes and pods.</summary>
    public async Task BuildAsync(CancellationToken cancellationToken)
    {
        for (var copy = 0; copy < options.WaysOfAKind; copy++)
        {
            var (a, b) = await BenchNode.CreatePairAsync(options.Folder, Name("host", copy), cancellationToken);
            _all.Add(new PathWay(Names.Host, a.Space, b.Space, "10.224.0.5"));
            await AddAsync(Names.PlainBridge, Name("bridge", copy), (node, n) => BridgePodAsync(node, n, false, cancellationToken), cancellationToken);
            await AddAsync(Names.NodeBridge, Name("masq", copy), (node, n) => BridgePodAsync(node, n, true, cancellationToken), cancellationToken);
            await AddAsync(Names.Untranslated, Name("plain", copy), (node, n) => OurPodAsync(node, n, false, cancellationToken), cancellationToken);
            await AddAsync(Names.Transparent, Name("ours", copy), (node, n) => OurPodAsync(node, n, true, cancellationToken), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var agent in Enumerable.Reverse(_agents))
            await agent.DisposeAsync();
    }

    private static string Name(string kind, int copy) => string.Create(CultureInfo.InvariantCulture, $"{kind}{copy}-");

    private async Task AddAsync(
        string kind, string nodes, Func<BenchNode, int, Task<(NetworkNamespace Pod, string Address)>> pod, CancellationToken cancellationToken)
    {
        var (a, b) = await BenchNode.CreatePairAsync(options.Folder, nodes, cancellationToken);
        var from = await pod(a, 1);
        var to = await pod(b, 2);
        _all.Add(new PathWay(kind, from.Pod, to.Pod, to.Address));
    }

    private Task<(NetworkNamespace Pod, string Address)> BridgePodAsync(BenchNode node, int number, bool translate, CancellationToken cancellationToken) => PodAsync(
        node, Path.Combine(options.Peers, "bridge"),
        $$"""
        {"cniVersion": "1.0.0", "name": "bench", "type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": {{(translate ? "true" : "false")}},
         "ipam": {"type": "host-local", "dataDir": "{{node.Folder}}/leases", "subnet": "10.224.{{number}}.0/24", "routes": [{"dst": "0.0.0.0/0"}]} }
        """,
        cancellationToken);

    private async Task<(NetworkNamespace Pod, string Address)> OurPodAsync(BenchNode node, int number, bool translate, CancellationToken cancellationToken)
    {
        var prefix = string.Create(CultureInfo.InvariantCulture, $"10.224.{number}");
        _agents.Add(translate
            ? await BenchAgent.StartTranslatingAsync(options.Agent, node, prefix, 4, VNet, cancellationToken)
            : await BenchAgent.StartAsync(options.Agent, node, prefix, 4, cancellationToken));
        return await PodAsync(node, options.Binary, """{"cniVersion": "1.0.0", "name": "bench", "type": "vnetcni"}""", cancellationToken);
    }

    private async Task<(NetworkNamespace Pod, string Address)> PodAsync(BenchNode node, string program, string config, CancellationToken cancellationToken)
    {
        var pod = await NetworkNamespace.CreateAsync($"{node.Space.Name}-pod", cancellationToken);
        string[] variables =
        [
            "CNI_COMMAND=ADD", $"CNI_CONTAINERID={pod.Name}", $"CNI_NETNS={pod.Path}", "CNI_IFNAME=eth0", $"CNI_PATH={options.Peers}",
            $"VNETCNI_SOCKET={BenchAgent.SocketOf(node)}",
        ];
        var answer = await node.Space.RunAsync("env", [.. variables, program], cancellationToken, config);
        return (pod, JsonNode.Parse(answer)!["ips"]![0]!["address"]!.GetValue<string>().Split('/')[0]);
    }
}
