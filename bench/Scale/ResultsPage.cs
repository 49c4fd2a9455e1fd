using System.Text.Json;

namespace Vnetcni.Scale;

/// <summary>The section of a page that shows the results: a table, and a plot of each load.</summary>
internal static class ResultsPage
{
    private const string Begin = "<!-- make bench-scale writes from here -->";
    private const string End = "<!-- bench-scale ends here -->";

    /// <summary>
    /// Writes what the folder has of the loads that the project is measured by into the page, and their plots beside it. Throws
    /// <see cref="FormatException"/> when the page has no such section, <see cref="FileNotFoundException"/> when a load was not run.
    /// </summary>
    public static void Write(string page, string results)
    {
        var all = ScaleCase.Measured.Select(load => Read(Path.Combine(results, $"{load.Name}.json"))).ToArray();
        var text = File.ReadAllText(page);
        var from = text.IndexOf(Begin, StringComparison.Ordinal);
        var to = from < 0 ? -1 : text.IndexOf(End, from, StringComparison.Ordinal);
        if (to < 0)
            throw new FormatException($"{page} has no section of results: it begins with a line '{Begin}' and ends with a line '{End}'");
        var plots = all.Select(result =>
        {
            var name = $"{Path.GetFileNameWithoutExtension(page)}-scale-{result.Name}.svg";
            File.WriteAllText(Path.Combine(Path.GetDirectoryName(page)!, name), ProgressPlot.Svg(result));
            return $"![{result.Title}: addresses over time]({name})";
        });
        var missed = all.SelectMany(static r => r.Missed.Select(m => $"- **missed** by {r.Title}: {m}")).ToArray();
        var verdict = missed.Length == 0 ? "All bounds hold." : string.Join('\n', missed);
        File.WriteAllText(page, $"{text[..from]}{Begin}\n\nSeed {all[0].Seed}. {verdict}\n\n{ResultTable.Markdown(all).TrimEnd()}\n\n{string.Join('\n', plots)}\n\n{text[to..]}");
    }

    private static ScaleResult Read(string file) => JsonSerializer.Deserialize(File.ReadAllText(file), ScaleJson.Default.ScaleResult)
        ?? throw new FormatException($"{file} holds no result");
}
