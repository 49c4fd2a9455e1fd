using System.Globalization;
using System.Text.RegularExpressions;
using Vnetcni.Lab.Bench.Figures;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Bench.Running;

/// <summary>How long the programs take to start, on the machine as it is and among 3,000 mounts more, in turn.</summary>
internal static partial class StartBench
{

    /// <summary>Measures them.</summary>
    /// <param name="options">Of the bench.</param>
    /// <param name="programs">Name and program of each.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<StartFigures>> RunAsync(
        BenchOptions options, IReadOnlyList<(string Name, string Program)> programs, CancellationToken cancellationToken)
    {
        var empty = Path.Combine(options.Folder, "mounts");
        Directory.CreateDirectory(empty);
        var taken = programs.ToDictionary(p => p.Name, _ => (Plain: new List<double>(), Many: new List<double>(), Peak: 0L));
        for (var round = 0; round < Math.Max(1, options.Rounds / 2); round++)
        {
            foreach (var (name, program) in programs)
            {
                var spawn = new[] { Path.Combine(options.Tools, "spawnbench"), options.Smoke ? "10" : "60", program };
                var plain = await MeasureAsync(spawn[0], spawn[1..], cancellationToken);
                string[] among = [BenchOptions.Mounts.ToString(CultureInfo.InvariantCulture), empty, .. spawn];
                var many = await MeasureAsync(Path.Combine(options.Tools, "manymounts"), among, cancellationToken);
                taken[name].Plain.Add(plain.P50);
                taken[name].Many.Add(many.P50);
                taken[name] = taken[name] with { Peak = Math.Max(taken[name].Peak, plain.PeakKiB) };
            }
        }

        // The least of some medians: what others do on the machine only ever adds.
        return [.. programs.Select(p => new StartFigures(p.Name, taken[p.Name].Plain.Min(), taken[p.Name].Many.Min(), taken[p.Name].Peak))];
    }

    private static async Task<(double P50, long PeakKiB)> MeasureAsync(string file, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var output = await Shell.RunAsync(
            file, arguments, cancellationToken, environment: new Dictionary<string, string> { ["CNI_COMMAND"] = "VERSION" });
        var match = Line().Match(output);
        return match.Success
            ? (double.Parse(match.Groups["p50"].Value, CultureInfo.InvariantCulture), long.Parse(match.Groups["rss"].Value, CultureInfo.InvariantCulture))
            : throw new FormatException($"spawnbench printed something else than its figures: {output}");
    }

    [GeneratedRegex(@"p50 (?<p50>[\d.]+) .* rss (?<rss>\d+) KB", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Line();
}
