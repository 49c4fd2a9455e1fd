namespace Vnetcni.Lab.Bench.Report;

/// <summary>The part of a page that the bench writes: between two comments that Markdown does not show.</summary>
internal static class ResultsSection
{
    private const string Begin = "<!-- make bench writes from here -->";
    private const string End = "<!-- to here -->";

    /// <summary>The page with other results. Throws <see cref="FormatException"/> when the comments are not there, once and in order.</summary>
    public static string Replace(string page, string results)
    {
        var from = page.IndexOf(Begin, StringComparison.Ordinal);
        var to = from < 0 ? -1 : page.IndexOf(End, from, StringComparison.Ordinal);
        if (to < 0 || page.IndexOf(Begin, from + 1, StringComparison.Ordinal) >= 0)
            throw new FormatException($"the page has no section of results: it begins with a line '{Begin}' and ends with a line '{End}'");
        return $"{page[..from]}{Begin}\n\n{results.Trim()}\n\n{page[to..]}";
    }
}
