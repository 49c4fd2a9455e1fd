using System.Globalization;
using System.Text.Json.Nodes;
using Vnetcni.Lab.Bench.Figures;
using Vnetcni.Lab.Network;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Bench.Running;

/// <summary>
/// One TCP stream (iperf3) and one TCP request/response (tcprr) from a node to another, between two processes: what a user sees, wake-ups included.
/// In turn, as everything, and another way first in each round.
/// </summary>
internal sealed class PathBench(BenchOptions options, PathWays ways, Action<string> tell)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Measures one way of each kind.</summary>
    public async Task<IReadOnlyList<PathFigures>> RunAsync(CancellationToken cancellationToken)
    {
        var kinds = ways.OneOfEach;
        var samples = kinds.ToDictionary(way => way.Name, _ => (Streams: new List<double>(), Transactions: new List<Transactions>()), StringComparer.Ordinal);
        List<Server> servers = [];
        try
        {
            servers.AddRange(kinds.SelectMany(Serve));
            foreach (var server in servers)
                await ListensAsync(server, cancellationToken);
            for (var round = 0; round < options.PathRounds; round++)
            {
                PathWay[] order = [.. kinds.Skip(round % kinds.Count), .. kinds.Take(round % kinds.Count)];
                foreach (var way in order)
                    samples[way.Name].Streams.Add(await StreamAsync(way, cancellationToken));
                foreach (var way in order)
                    samples[way.Name].Transactions.Add(await TransactionsAsync(way, cancellationToken));
                if (round % 3 == 2 || round + 1 == options.PathRounds)
                    tell($"throughput and latency: round {round + 1} of {options.PathRounds}");
            }
        }
        finally
        {
            foreach (var server in servers)
                await server.Daemon.DisposeAsync();
        }

        return
        [
            .. samples.Select(pair => new PathFigures(
                pair.Key, Statistics.Median(pair.Value.Streams), Statistics.Median(pair.Value.Transactions.Select(t => t.PerSecond)),
                Statistics.Median(pair.Value.Transactions.Select(t => t.P50)), Statistics.Median(pair.Value.Transactions.Select(t => t.P99)))),
        ];
    }

    private IEnumerable<Server> Serve(PathWay way) =>
    [
        new(Daemon.Start($"iperf3 of {way.Name}", Path.Combine(options.Folder, "iperf3.log"), way.To.Name, "iperf3", ["-s"]), way.To, 5201),
        new(Daemon.Start($"tcprr of {way.Name}", Path.Combine(options.Folder, "tcprr.log"), way.To.Name, Path.Combine(options.Tools, "tcprr"), ["-s", "7000"]), way.To, 7000),
    ];

    // Asks the kernel: a connection made to find out would be a client to the server.
    private static async Task ListensAsync(Server server, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while ((await server.Space.RunAsync("ss", ["-Hltn", $"sport = :{server.Port}"], cancellationToken)).Trim().Length == 0)
        {
            if (server.Daemon.HasExited)
                throw new ShellException($"{server.Daemon.Name} has ended: {server.Daemon.Tail()}");
            if (TimeProvider.System.GetElapsedTime(start) > Patience)
                throw new ShellException($"{server.Daemon.Name} does not listen on port {server.Port} after {Patience.TotalSeconds} s: {server.Daemon.Tail()}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    private static async Task<double> StreamAsync(PathWay way, CancellationToken cancellationToken)
    {
        var output = await way.From.RunAsync("iperf3", ["-c", way.Address, "-J", "-t", Seconds], cancellationToken);
        return JsonNode.Parse(output)!["end"]!["sum_received"]!["bits_per_second"]!.GetValue<double>() / 1e9;
    }

    private async Task<Transactions> TransactionsAsync(PathWay way, CancellationToken cancellationToken)
    {
        var output = await way.From.RunAsync(Path.Combine(options.Tools, "tcprr"), ["-c", way.Address, "7000", Seconds], cancellationToken);
        var figures = JsonNode.Parse(output)!;
        return new Transactions(figures["per_s"]!.GetValue<double>(), figures["p50_us"]!.GetValue<double>(), figures["p99_us"]!.GetValue<double>());
    }

    private static string Seconds => BenchOptions.PathSeconds.ToString(CultureInfo.InvariantCulture);

    private sealed record Server(Daemon Daemon, NetworkNamespace Space, int Port);

    private sealed record Transactions(double PerSecond, double P50, double P99);
}
