using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Vnetcni.Charts.Tests.Support;

/// <summary>Helm 3 and 4 as eng/helm.sh has them; where one cannot be fetched the test is skipped, and says why.</summary>
internal static class Helm
{
    public const string Chart = "charts/vnetcni";
    public const string Minimal = "charts/vnetcni/ci/minimal-values.yaml";
    private const int CannotBeFetched = 3;
    private static readonly ConcurrentDictionary<string, Lazy<(int, string, string)>> Paths = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, Lazy<(int Code, string Output, string Error)>> Runs = new(StringComparer.Ordinal);

    /// <summary>Names of the examples in charts/vnetcni/ci, each a values file that a person could use.</summary>
    public static IReadOnlyList<string> Examples { get; } =
    [
        .. Directory.GetFiles(Repository.PathOf("charts/vnetcni/ci"), "*-values.yaml")
            .Select(file => Path.GetFileName(file)[..^"-values.yaml".Length]).Order(StringComparer.Ordinal),
    ];

    public static string ValuesOf(string example) => $"charts/vnetcni/ci/{example}-values.yaml";

    public static (int Code, string Output, string Error) Run(string version, params string[] arguments)
    {
        var program = ProgramOf(version);
        return Runs.GetOrAdd($"{version} {string.Join('\n', arguments)}", _ => new(() => Repository.Run(program, arguments))).Value;
    }

    /// <summary>The path of a helm. Skips the test where there is none.</summary>
    public static string ProgramOf(string version)
    {
        var (code, path, error) = Paths.GetOrAdd(version, v => new(() => Repository.Run(Repository.PathOf("eng/helm.sh"), v))).Value;
        if (code == CannotBeFetched)
            Assert.Skip($"there is no helm {version} here: {error.Trim()}");
        Assert.True(code == 0, error);
        return path.Trim();
    }

    /// <summary>What the chart renders to.</summary>
    public static string Template(string version, string values, params string[] more)
    {
        var (code, output, error) = Run(version, ["template", "vnetcni", Chart, "--namespace", "vnetcni-system", "--values", values, .. more]);
        Assert.True(code == 0, error);
        return output;
    }

    /// <summary>The objects that the chart renders to, in Helm 4's order, but those of an uninstall.</summary>
    public static IReadOnlyList<JsonObject> Objects(string values, params string[] more) => [.. AllObjects(values, more).Where(o => !IsOfUninstall(o))];

    /// <summary>All objects, those that helm uninstall makes for a while too.</summary>
    public static IReadOnlyList<JsonObject> AllObjects(string values, params string[] more) => Manifests.Parse(Template("4", values, more));

    /// <summary>The objects that helm uninstall makes, in the order that it makes them.</summary>
    public static IReadOnlyList<JsonObject> UninstallObjects(string values, params string[] more) =>
    [
        .. AllObjects(values, more).Where(IsOfUninstall)
            .OrderBy(o => int.Parse((string)o["metadata"]!["annotations"]!["helm.sh/hook-weight"]!, System.Globalization.CultureInfo.InvariantCulture)),
    ];

    private static bool IsOfUninstall(JsonObject value) => (string?)value["metadata"]?["annotations"]?["helm.sh/hook"] == "pre-delete";
}
