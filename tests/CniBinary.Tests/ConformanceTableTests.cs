using System.Text.RegularExpressions;

namespace Vnetcni.CniBinary.Tests;

/// <summary>docs/cni.md says which test stands for each requirement of CNI. This keeps it true.</summary>
public sealed partial class ConformanceTableTests
{
    private static readonly int[] s_requirements = [.. Enumerable.Range(1, 45).Except([35, 39])];

    [Fact]
    public void Every_requirement_has_tests_and_every_named_test_exists()
    {
        var root = Root();
        var rows = File.ReadLines(Path.Combine(root, "docs", "cni.md")).Select(line => Row().Match(line)).Where(row => row.Success).ToArray();
        Assert.Equal(s_requirements, rows.Select(row => int.Parse(row.Groups["number"].Value, System.Globalization.CultureInfo.InvariantCulture)));
        var sources = Directory.EnumerateFiles(Path.Combine(root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .ToLookup(file => Path.GetFileNameWithoutExtension(file), StringComparer.Ordinal);
        foreach (var row in rows)
        {
            var named = Test().Matches(row.Groups["tests"].Value);
            Assert.True(named.Count > 0, $"requirement {row.Groups["number"].Value} has no test");
            foreach (Match test in named)
                Assert.True(IsTest(sources[test.Groups["class"].Value], test.Groups["method"].Value), $"requirement {row.Groups["number"].Value}: there is no test {test.Value}");
        }
    }

    // An attribute of a test, and other attributes after it, stand above the method.
    private static bool IsTest(IEnumerable<string> files, string method) => files.Any(file =>
        Regex.IsMatch(
            File.ReadAllText(file),
            $@"\[(Fact|Theory)\]\s+(\[[^\r\n]+\]\s+)*public (async Task|void) {method}\(",
            RegexOptions.CultureInvariant | RegexOptions.NonBacktracking));

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Operator.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Operator.sln is above none of the folders");
        return folder;
    }

    [GeneratedRegex(@"^\| (?<number>\d+) \| [^|]+ \| (?<tests>.+) \|$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Row();

    [GeneratedRegex("`(?<class>[A-Za-z0-9]+)\\.(?<method>[A-Za-z0-9_]+)`", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Test();
}
