using System.Globalization;
using System.Text;

namespace Vnetcni.Scale;

/// <summary>Results as a Markdown table.</summary>
internal static class ResultTable
{
    public static string Markdown(IReadOnlyList<ScaleResult> results)
    {
        var text = new StringBuilder();
        Row("", results.Select(static r => r.Title));
        Row("---", results.Select(static _ => "---"));
        Row("virtual time to converge", results.Select(static r => F($"{r.ConvergedSeconds:F1} s")));
        Row("floor", results.Select(static r => F($"{r.FloorSeconds:F1} s (slowest operation {r.SlowestOperationSeconds:F1} s, {r.SlowestSeenSeconds:F1} s by Retry-After)")));
        Row("times the floor", results.Select(static r => F($"{r.TimesFloor:F2}")));
        Row("PUTs per interface", results.Select(static r => F($"{r.PutsPerInterface:F2}")));
        Row("ARM reads, writes, polls", results.Select(static r => F($"{r.Reads}, {r.Writes}, {r.Polls}")));
        Row("by kind", results.Select(static r => string.Join(", ", r.Calls.Select(static c => F($"{c.Key} {c.Value}")))));
        Row("the same per address", results.Select(static r => F($"{(double)r.Reads / r.Addresses:F3}, {(double)r.Writes / r.Addresses:F3}, {(double)r.Polls / r.Addresses:F3}")));
        Row("429s in the first minute, later", results.Select(static r => F($"{r.ThrottledFirstMinute}, {r.ThrottledLater}")));
        Row("API-server writes", results.Select(static r => F($"{r.ApiServerWrites}")));
        Row("pods replaced: found a free one within (p99); waited for a PUT (p99)", results.Select(static r => r.Churn is { } c ? F($"{c.Pods}: {c.FreeP99Milliseconds:F0} ms; {c.Waited}: {c.WaitedP99Seconds:F1} s") : "-"));
        Row("meanwhile PUTs, most in a minute; reads", results.Select(static r => r.Churn is { } c ? F($"{c.Writes}, {c.MostWritesInAMinute}; {c.Reads}") : "-"));
        Row("another operator takes over: peak, live memory", results.Select(static r => r.Takeover is { } t ? F($"{t.PeakMegabytes:F0} MB, {t.LiveMegabytes:F0} MB") : "-"));
        Row("its calls in the first 10 min", results.Select(static r => r.Takeover is { } t ? string.Join(", ", t.Calls.Select(static c => F($"{c.Key} {c.Value}"))) : "-"));
        if (results.Any(static r => r.Rest is not null))
            Row("calls in an hour of rest", results.Select(static r => r.Rest is { } rest ? string.Join(", ", rest.Select(static c => F($"{c.Key} {c.Value}"))) : "-"));
        Row("CPU of the whole bench, peak memory", results.Select(static r => F($"{r.CpuSeconds:F0} s, {r.PeakMegabytes:F0} MB")));
        return text.ToString();

        void Row(string name, IEnumerable<string> cells) => text.Append("| ").Append(name).Append(" | ").AppendJoin(" | ", cells).AppendLine(" |");
    }

    private static string F(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
