using System.Text;
using System.Text.RegularExpressions;

namespace Vnetcni.Lab.E2e.Checks;

/// <summary>
/// A page of the documentation with commands and their outputs, compared with the outputs of now. What differs from run to run
/// (numbers, ages, ids, dates, times, the width of columns) counts as the same, and so does how often a line is repeated.
/// </summary>
internal static partial class GoldenPage
{
    private const int Repeats = 2;
    private const string Elided = "...";

    /// <summary>A console block: the command and its output, where lines that repeat the same thing are left out after the second.</summary>
    public static string Block(string command, string output)
    {
        var text = new StringBuilder("```console\n$ ").Append(command).Append('\n');
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var elided = false;
        foreach (var line in Lines(output))
        {
            var times = seen[Pattern(line)] = seen.GetValueOrDefault(Pattern(line)) + 1;
            if (times <= Repeats)
                text.Append(line).Append('\n');
            else if (!elided)
                text.Append(Elided).Append('\n');
            elided = times > Repeats;
        }

        return text.Append("```\n").ToString();
    }

    /// <summary>What the page's block of a command does not share with an output, in words; empty when they agree.</summary>
    /// <param name="page">The page.</param>
    /// <param name="command">As in the page, after the dollar sign.</param>
    /// <param name="output">The output of now.</param>
    /// <param name="more">Whether the output may have lines that the page does not show.</param>
    public static IReadOnlyList<string> Differences(string page, string command, string output, bool more)
    {
        var start = page.IndexOf($"$ {command}\n", StringComparison.Ordinal);
        if (start < 0)
            return [$"the page has no '$ {command}'"];
        start = page.IndexOf('\n', start) + 1;
        var shown = Patterns(page[start..page.IndexOf("```", start, StringComparison.Ordinal)]);
        var now = Patterns(output);
        return
        [
            .. shown.Except(now, StringComparer.Ordinal).Select(line => $"{command}: only on the page: {line}"),
            .. (more ? [] : now.Except(shown, StringComparer.Ordinal)).Select(line => $"{command}: not on the page: {line}"),
        ];
    }

    private static string[] Patterns(string text) => [.. Lines(text).Where(line => line.Trim() != Elided).Select(Pattern).Distinct(StringComparer.Ordinal)];

    private static IEnumerable<string> Lines(string text) => text.Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0);

    private static string Pattern(string line) => Blanks().Replace(Number().Replace(Identity().Replace(Date().Replace(line, "N"), "ID"), "N"), " ").Trim();

    // RFC 1123, as kubectl describe prints times: the weekday and the month go by as the numbers do.
    [GeneratedRegex(@"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Date();

    // The cluster's id in the names of our ipConfigurations may be of letters alone.
    [GeneratedRegex(@"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b(?=[0-9a-f]*[0-9])[0-9a-f]{8,}\b|(?<=\bvnetcni-)[0-9a-f]{8}\b", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Identity();

    // Also ages (5m12s), addresses, times and quotients such as 65468/65531.
    [GeneratedRegex(@"(?<![A-Za-z])[0-9]+([.:/T-]?[0-9]+)*(ms|[smhdZ])?([0-9]+[smh])*", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Number();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Blanks();
}
