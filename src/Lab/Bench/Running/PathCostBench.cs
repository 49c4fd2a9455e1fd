using System.Globalization;
using System.Text.Json.Nodes;
using Vnetcni.Lab.Bench.Figures;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Bench.Running;

/// <summary>
/// What a packet's way costs (bench/net/pathcost.c): both ends of a connection in one thread, so that nothing is woken and nothing waits.
/// Between two processes, wake-ups hide differences of a few hundredths, and a busy machine hides all.
/// </summary>
internal static class PathCostBench
{
    private const int Transactions = 500, Megabytes = 8;

    /// <summary>What each is compared with: like with like. Ours has tracked connections in both; a plain bridge has none.</summary>
    private static readonly (string Path, string Beside)[] Pairs =
    [
        (Names.Host, Names.Host), (Names.PlainBridge, Names.Host), (Names.NodeBridge, Names.PlainBridge), (Names.Untranslated, Names.PlainBridge),
        (Names.Transparent, Names.NodeBridge), (Names.Transparent, Names.PlainBridge),
    ];

    /// <summary>Measures all ways in turn.</summary>
    public static async Task<IReadOnlyList<PathCost>> RunAsync(
        BenchOptions options, IReadOnlyList<PathWay> ways, Action<string> tell, CancellationToken cancellationToken)
    {
        string[] words = [Text(options.CostRounds), Text(Transactions), Text(Megabytes), .. ways.SelectMany(way => (string[])[way.Name, way.From.Path, way.To.Path, way.Address])];
        var output = await Shell.RunAsync(Path.Combine(options.Tools, "pathcost"), words, cancellationToken);
        tell($"what the ways cost: {options.CostRounds} rounds of {ways.Count} ways");
        var samples = Parse(output);
        return [.. Pairs.Select(pair => Compare(samples, pair.Path, pair.Beside))];
    }

    /// <summary>
    /// Figures of each kind, as the program prints them, one way a line. Those of ways of one kind follow one another, so that the n-th figure of each
    /// kind is of the same round. Throws <see cref="FormatException"/> for another text.
    /// </summary>
    public static IReadOnlyDictionary<string, CostSamples> Parse(string output)
    {
        try
        {
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)
                .GroupBy(way => way["name"]!.GetValue<string>(), StringComparer.Ordinal)
                .ToDictionary(kind => kind.Key, kind => new CostSamples(Figures(kind, "transaction_ns"), Figures(kind, "megabyte_ns")), StringComparer.Ordinal);
        }
        catch (Exception exception) when (exception is System.Text.Json.JsonException or NullReferenceException or InvalidOperationException)
        {
            throw new FormatException($"pathcost said: {output}", exception);
        }
    }

    /// <summary>One beside the other, round by round.</summary>
    public static PathCost Compare(IReadOnlyDictionary<string, CostSamples> samples, string path, string beside)
    {
        var (own, other) = (samples[path], samples[beside]);
        return new PathCost(
            path, beside, own.TransactionNs.Count, Statistics.Median(own.TransactionNs), Statistics.Median(own.MegabyteNs),
            Ratio(other.TransactionNs, own.TransactionNs), Ratio(other.MegabyteNs, own.MegabyteNs));
    }

    private static Interval Ratio(IReadOnlyList<double> slow, IReadOnlyList<double> quick) =>
        Statistics.MedianInterval(slow.Zip(quick, (theirs, ours) => theirs / ours));

    private static IReadOnlyList<double> Figures(IEnumerable<JsonNode> ways, string key) =>
        [.. ways.SelectMany(way => way[key]!.AsArray().Select(figure => figure!.GetValue<double>()))];

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>One figure a round and way.</summary>
/// <param name="TransactionNs">CPU time of one byte there and back.</param>
/// <param name="MegabyteNs">CPU time of 2^20 bytes.</param>
internal sealed record CostSamples(IReadOnlyList<double> TransactionNs, IReadOnlyList<double> MegabyteNs);
