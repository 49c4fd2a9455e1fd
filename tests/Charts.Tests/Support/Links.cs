using System.Text.RegularExpressions;

namespace Vnetcni.Charts.Tests.Support;

/// <summary>What Markdown pages point at.</summary>
internal static partial class Links
{
    /// <summary>Relative links: file (empty = the page itself) and heading.</summary>
    public static IEnumerable<(string File, string Heading)> In(string page) => Link().Matches(page)
        .Select(m => m.Groups["to"].Value)
        .Where(to => !to.Contains("://", StringComparison.Ordinal))
        .Select(to => to.Split('#'))
        .Select(parts => (parts[0], parts.Length > 1 ? parts[1] : string.Empty));

    /// <summary>As GitHub names them: lower case, spaces to hyphens, no punctuation.</summary>
    public static HashSet<string> HeadingsOf(string page) =>
    [
        .. Heading().Matches(page).Select(m => string.Concat(m.Groups["text"].Value.ToLowerInvariant()
            .Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-')),
    ];

    /// <summary>Settings of <c>--set</c> that name no variable of the shell as a key; variables in values stand for some text.</summary>
    public static IEnumerable<string> SettingsIn(string page) =>
        Setting().Matches(page).Select(m => Variable().Replace(m.Groups["setting"].Value.Trim('"', '\''), "x")).Distinct(StringComparer.Ordinal);

    [GeneratedRegex(@"\]\((?<to>[^)\s]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6} (?<text>.+)$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"--set (?<setting>[""']?[a-zA-Z.]+=[^\s`]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Setting();

    [GeneratedRegex(@"\$\{?[A-Za-z_]+\}?", RegexOptions.CultureInvariant)]
    private static partial Regex Variable();
}
