using System.Text.RegularExpressions;
using Xunit;

namespace Vnetcni.Architecture.Tests;

/// <summary>Rules about files: what a reviewer would otherwise have to look for.</summary>
public partial class SourceTreeTests
{
    private static readonly string Root = FindRoot();

    private static IEnumerable<string> SourceFiles =>
        Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    [Fact]
    public void No_exception_is_swallowed_without_a_word()
    {
        var found = SourceFiles.Where(file => EmptyCatch().IsMatch(File.ReadAllText(file)));
        Assert.Empty(found);
    }

    [Fact]
    public void Nothing_is_left_unimplemented()
    {
        var found = SourceFiles.Where(file => Unfinished().IsMatch(File.ReadAllText(file)));
        Assert.Empty(found);
    }

    [Fact]
    public void Files_stay_small()
    {
        var lines = SourceFiles.Select(file => (file, count: File.ReadLines(file).Count())).ToArray();
        Assert.DoesNotContain(lines, entry => entry.count > 400);
        Assert.InRange(lines.Select(entry => entry.count).Order().ElementAt(lines.Length / 2), 1, 120);
    }

    [Fact]
    public void A_banned_API_is_used_only_with_a_reason()
    {
        var found = SourceFiles
            .SelectMany(file => File.ReadLines(file).Select((text, index) => (file, line: index + 1, text)))
            .Where(entry => entry.text.Contains("#pragma warning disable RS0030", StringComparison.Ordinal)
                && !entry.text.Contains("//", StringComparison.Ordinal));
        Assert.Empty(found);
    }

    [Fact]
    public void Every_file_is_named_after_a_type_in_it()
    {
        var wrong = SourceFiles
            .Where(file => !Path.GetFileName(file).StartsWith("Program", StringComparison.Ordinal)
                && Path.GetFileName(file) is not ("AssemblyInfo.cs" or "GlobalUsings.cs"))
            .Where(file => !Regex.IsMatch(
                File.ReadAllText(file),
                $@"\b(class|struct|interface|enum|record|delegate)\b[^\n;{{]*\b{Regex.Escape(StemOf(file))}\b"))
            .Select(file => Path.GetRelativePath(Root, file))
            // A family of small records may share a file named after the family.
            .Except(
            [
                "src/ControllerRuntime/Api/KubeOptions.cs", "src/Api/Settings/Choices.cs",
                "src/Dataplane/Linux/Netlink/Wire/Headers.cs", "src/Dataplane/Linux/Netlink/Wire/Constants.cs",
            ]);
        Assert.Empty(wrong);
    }

    [Fact]
    public void The_tests_that_stand_for_pains_of_other_systems_exist()
    {
        var tests = string.Join('\n', Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .Select(File.ReadAllText));
        var rows = File.ReadLines(Path.Combine(Root, "docs", "pains.md")).Where(line => line.StartsWith("| ", StringComparison.Ordinal)).ToArray();
        var named = rows.SelectMany(row => TestName().Matches(row[row.LastIndexOf(" | ", StringComparison.Ordinal)..]))
            .Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal).ToArray();
        Assert.InRange(named.Length, 50, 200);
        Assert.Equal(string.Empty, string.Join(' ', named.Where(name => !Regex.IsMatch(tests, $@"(class|void|Task) {name}\b"))));
    }

    private static string StemOf(string file) => Path.GetFileName(file).Split('.')[0];

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Operator.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException("Operator.sln was not found above the tests");
    }

    [GeneratedRegex(@"catch\s*(\([^)]*\))?\s*(when\s*\([^)]*\)\s*)?\{\s*\}")]
    private static partial Regex EmptyCatch();

    [GeneratedRegex("`([A-Z][A-Za-z0-9_]*)`")]
    private static partial Regex TestName();

    [GeneratedRegex("NotImplementedException|TODO|FIXME|HACK")]
    private static partial Regex Unfinished();
}
