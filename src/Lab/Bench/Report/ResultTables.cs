using System.Globalization;
using System.Text;
using Vnetcni.Lab.Bench.Figures;

namespace Vnetcni.Lab.Bench.Report;

/// <summary>The figures as Markdown, for the terminal and for the page.</summary>
internal static class ResultTables
{
    private static readonly string[] Verbs = ["ADD", "DEL"];

    /// <summary>All tables.</summary>
    public static string Write(BenchResult result)
    {
        var text = new StringBuilder();
        Operations(text, result);
        Starts(text, result);
        Paths(text, result);
        Promises(text, result);
        return text.ToString();
    }

    private static void Operations(StringBuilder text, BenchResult result)
    {
        Line(text, $"| one at a time | ADD p50 | p99 | × ours | DEL p50 | p99 | × ours | CPU ADD / DEL |");
        Line(text, $"|---|---|---|---|---|---|---|---|");
        foreach (var group in result.Operations.Where(o => o.Parallel == 1).GroupBy(o => (o.Candidate, o.Residents)))
        {
            var (add, delete) = (Of(group, "ADD"), Of(group, "DEL"));
            var (ourAdd, ourDelete) = (Ours(result, "ADD", 1, add.Residents), Ours(result, "DEL", 1, add.Residents));
            Line(text,
                $"| {Name(add)} | {add.P50:0.00} ms | {add.P99:0.0} ms | {add.P50 / ourAdd.P50:0.0} | {delete.P50:0.00} ms | {delete.P99:0.0} ms | {delete.P50 / ourDelete.P50:0.0} | {Cpu(add)} / {Cpu(delete)} ms |");
        }

        text.AppendLine();
        var parallels = result.Operations.Select(o => o.Parallel).Distinct().Order().ToArray();
        Line(text, $"| operations a second | {string.Join(" | ", parallels.Select(p => Invariant($"ADD × {p}")))} | {string.Join(" | ", parallels.Select(p => Invariant($"DEL × {p}")))} |");
        Line(text, $"|---|{string.Concat(parallels.Select(_ => "---|---|"))}");
        foreach (var group in result.Operations.GroupBy(o => (o.Candidate, o.Residents)))
        {
            var cells = Verbs.SelectMany(verb => parallels.Select(p => group.Single(o => o.Verb == verb && o.Parallel == p)))
                .Select(o => Invariant($"{o.PerSecond:0}"));
            Line(text, $"| {Name(group.First())} | {string.Join(" | ", cells)} |");
        }

        text.AppendLine();
    }

    private static void Starts(StringBuilder text, BenchResult result)
    {
        Line(text, $"| start of the program (VERSION) | p50 | with 3,000 mounts more | peak memory |");
        Line(text, $"|---|---|---|---|");
        foreach (var start in result.Starts)
            Line(text, $"| {start.Candidate} | {start.Plain:0.00} ms | {start.ManyMounts:0.00} ms | {start.PeakKiB / 1024.0:0.0} MiB |");
        text.AppendLine();
        var after = result.After;
        Line(text, $"| after the end of a DEL of ours, `reuseCooldown: 0s` | p50 | p99 |");
        Line(text, $"|---|---|---|");
        Line(text, $"| the pod's link on the node is gone | {after.GoneP50:0.0} ms | {after.GoneP99:0.0} ms |");
        Line(text, $"| the next pod has the address, where it is the only one; its ADD included | {after.ReuseP50:0.0} ms | {after.ReuseP99:0.0} ms |");
        text.AppendLine();
    }

    private static void Paths(StringBuilder text, BenchResult result)
    {
        var host = result.Paths.Single(p => p.Path == Names.Host);
        Line(text, $"| from node to node | one TCP stream | of the host network's | TCP_RR | of the host network's | p50 | p99 |");
        Line(text, $"|---|---|---|---|---|---|---|");
        foreach (var path in result.Paths)
        {
            Line(text,
                $"| {path.Path} | {path.GigabitsPerSecond:0.0} Gbit/s | {path.GigabitsPerSecond / host.GigabitsPerSecond:0.00} | {path.TransactionsPerSecond:0}/s | {path.TransactionsPerSecond / host.TransactionsPerSecond:0.00} | {path.P50:0.0} µs | {path.P99:0.0} µs |");
        }

        text.AppendLine();
        Line(text, $"| CPU time of the way, both ends in one thread | a byte there and back | 1 MiB | beside | transactions | stream |");
        Line(text, $"|---|---|---|---|---|---|");
        foreach (var cost in result.Costs)
        {
            var none = cost.Path == cost.Beside;
            Line(text,
                $"| {cost.Path} | {cost.TransactionNs / 1000:0.00} µs | {cost.MegabyteNs / 1000:0} µs | {(none ? "" : cost.Beside)} | {(none ? "" : Of(cost.Transactions))} | {(none ? "" : Of(cost.Stream))} |");
        }

        text.AppendLine();
        var programs = result.Programs;
        Line(text, $"| our programs | |");
        Line(text, $"|---|---|");
        Line(text, $"| CNI binary | {programs.BinaryBytes / 1e6:0.00} MB, {(programs.BinaryIsStatic ? "static" : "not static")} |");
        Line(text, $"| agent | {programs.AgentBytes / 1e6:0.0} MB |");
        Line(text, $"| agent with 250 pods (pool from a file) | RSS {programs.AgentResidentKiB * 1024 / 1e6:0.0} MB, of these RssAnon {programs.AgentAnonymousKiB * 1024 / 1e6:0.0} MB; {programs.AgentThreads} threads |");
        text.AppendLine();
    }

    private static void Promises(StringBuilder text, BenchResult result)
    {
        Line(text, $"| | wanted | measured | |");
        Line(text, $"|---|---|---|---|");
        foreach (var gate in Gates.Of(result))
            Line(text, $"| {(gate.Binding ? "gate" : "goal")}: {gate.Name} | {gate.Wanted} | {gate.Measured} | {(gate.Holds ? "holds" : "**missed**")} |");
    }

    private static string Of(Interval ratio) => Invariant($"× {ratio.Median:0.000} ({ratio.Low:0.000} to {ratio.High:0.000})");

    private static OperationFigures Of(IEnumerable<OperationFigures> group, string verb) => group.Single(o => o.Verb == verb);

    private static OperationFigures Ours(BenchResult result, string verb, int parallel, int residents) =>
        result.Operations.Single(o => o.Candidate == Names.Ours && o.Verb == verb && o.Parallel == parallel && o.Residents == residents);

    private static string Name(OperationFigures figures) =>
        figures.Residents == 0 ? figures.Candidate : Invariant($"{figures.Candidate}, full node ({figures.Residents} pods stay)");

    private static string Cpu(OperationFigures figures) => Invariant($"{figures.PluginCpu + figures.AgentCpu:0.0}");

    private static void Line(StringBuilder text, FormattableString line) => text.Append(Invariant(line)).Append('\n');

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
