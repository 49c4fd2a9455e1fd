using System.Globalization;

namespace Vnetcni.Lab.Bench.Figures;

/// <summary>A promise and what was measured.</summary>
/// <param name="Name">What for.</param>
/// <param name="Wanted">The bound, for people.</param>
/// <param name="Measured">What was seen, for people.</param>
/// <param name="Holds">Whether it holds.</param>
/// <param name="Binding">A gate; else a goal, which is only reported.</param>
internal sealed record Gate(string Name, string Wanted, string Measured, bool Holds, bool Binding);

/// <summary>The bounds. All ratios are of figures of the same run.</summary>
internal static class Gates
{
    private const long Megabyte = 1_000_000;

    /// <summary>Each gate and goal with its verdict. Throws <see cref="InvalidOperationException"/> when a figure is missing.</summary>
    public static IReadOnlyList<Gate> Of(BenchResult result)
    {
        var add = Find(result, Names.Ours, "ADD", 1).P50;
        var delete = Find(result, Names.Ours, "DEL", 1).P50;
        var addRatio = Find(result, Names.Bridge, "ADD", 1).P50 / add;
        var deleteRatio = Find(result, Names.Bridge, "DEL", 1).P50 / delete;
        var rate = Find(result, Names.Ours, "ADD", 8).PerSecond / Find(result, Names.Bridge, "ADD", 8).PerSecond;
        var floor = add / Find(result, Names.Floor, "ADD", 1).P50;
        var full = Math.Max(FullNode(result, "ADD"), FullNode(result, "DEL"));
        var start = result.Starts.Single(s => s.Candidate == Names.Ours);
        var programs = result.Programs;
        var (ours, host) = (PathOf(result, Names.Transparent), PathOf(result, Names.Host));
        var (plain, whole) = (CostOf(result, Names.Untranslated, Names.PlainBridge), CostOf(result, Names.Transparent, Names.NodeBridge));
        return
        [
            AtLeast("ADD p50, times as fast as Debian's bridge+host-local", addRatio, 4, true),
            AtLeast("ADD p50, times as fast as Debian's bridge+host-local", addRatio, 5, false),
            AtLeast("DEL p50, times as fast", deleteRatio, 10, true),
            AtLeast("DEL p50, times as fast", deleteRatio, 12, false),
            AtLeast("ADD/s at 8 in parallel, times as many", rate, 3.5, true),
            AtMost("ADD p50, times the floor (static C, exec and kernel)", floor, 2.2, string.Empty, false),
            AtMost("full node (250 pods), times as slow as an empty one", full, 1.25, string.Empty, true),
            AtMost("3,000 mounts cost the binary", start.MountCost, 0.3, " ms", true),
            AtMost("DEL → link gone, p99", result.After.GoneP99, 100, " ms", true),
            AtMost("DEL → address in use again, p99", result.After.ReuseP99, 100, " ms", true),
            new("CNI binary is static", "yes", programs.BinaryIsStatic ? "yes" : "no", programs.BinaryIsStatic, true),
            AtMost("CNI binary", (double)programs.BinaryBytes / Megabyte, 2.5, " MB", true),
            AtMost("CNI binary, resident", start.PeakKiB * 1024.0 / Megabyte, 3, " MB", true),
            AtMost("agent with 250 pods, RssAnon", programs.AgentAnonymousKiB * 1024.0 / Megabyte, 45, " MB", true),
            AtMost("agent with 250 pods, RSS", programs.AgentResidentKiB * 1024.0 / Megabyte, 75, " MB", true),
            Settled("throughput between nodes, of a plain bridge's; nothing translated", plain.Stream),
            Settled("throughput between nodes, of a bridge's that translates too", whole.Stream),
            AtLeast("throughput between nodes, of the host network's", ours.GigabitsPerSecond / host.GigabitsPerSecond, 0.78, true),
            Settled("TCP_RR between nodes, of a plain bridge's; nothing translated", plain.Transactions),
            Settled("TCP_RR between nodes, of a bridge's that translates too", whole.Transactions),
            AtLeast("TCP_RR between nodes, of the host network's", ours.TransactionsPerSecond / host.TransactionsPerSecond, 0.78, true),
        ];
    }

    /// <summary>The figures of one candidate, verb and number in parallel on a node that is empty otherwise.</summary>
    public static OperationFigures Find(BenchResult result, string candidate, string verb, int parallel) =>
        result.Operations.Single(o => o.Candidate == candidate && o.Verb == verb && o.Parallel == parallel && o.Residents == 0);

    private static double FullNode(BenchResult result, string verb) =>
        result.Operations.Single(o => o.Candidate == Names.Ours && o.Verb == verb && o.Parallel == 1 && o.Residents > 0).P50
        / Find(result, Names.Ours, verb, 1).P50;

    private static PathFigures PathOf(BenchResult result, string path) => result.Paths.Single(p => p.Path == path);

    private static PathCost CostOf(BenchResult result, string path, string beside) =>
        result.Costs.Single(cost => cost.Path == path && cost.Beside == beside);

    // Differences of a hundredth count here: with the interval, for people. The median decides.
    private static Gate Settled(string name, Interval ratio) => new(
        name, "≥ 1", string.Create(CultureInfo.InvariantCulture, $"{ratio.Median:0.000} ({ratio.Low:0.000} to {ratio.High:0.000})"), ratio.Median >= 1, true);

    private static Gate AtLeast(string name, double measured, double bound, bool binding) =>
        new(name, $"≥ {Text(bound)}", Text(measured), measured >= bound, binding);

    private static Gate AtMost(string name, double measured, double bound, string unit, bool binding) =>
        new(name, $"≤ {Text(bound)}{unit}", Text(measured) + unit, measured <= bound, binding);

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
