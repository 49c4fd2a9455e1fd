using System.Globalization;
using System.Text.Json;
using Vnetcni.Lab.Bench.Figures;
using Vnetcni.Lab.Bench.Report;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Bench;

/// <summary><c>lab bench</c>: measures, prints the tables, writes JSON, page and plot.</summary>
internal static class BenchCommand
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>0; 1 when something failed or, if asked to check, a gate was missed; 2 when the machine can't run it.</summary>
    public static async Task<int> RunAsync(BenchOptions options, CancellationToken cancellationToken)
    {
        if (Environment.UserName != "root")
        {
            Console.WriteLine("The bench makes network namespaces: run it as root (sudo make bench).");
            return 2;
        }

        var start = TimeProvider.System.GetTimestamp();
        void Tell(string text) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetElapsedTime(start).TotalSeconds,7:0.0} s  {text}"));

        BenchResult result;
        try
        {
            result = await new BenchRun(options, Tell).RunAsync(cancellationToken);
        }
        catch (Exception e) when (e is ShellException or FormatException or IOException)
        {
            Console.WriteLine($"The bench did not come to its end: {e.Message}");
            return 1;
        }

        await WriteAsync(options.Json, JsonSerializer.Serialize(result, Json) + "\n", cancellationToken);
        var text = $"{Heading(result)}\n\n{ResultTables.Write(result)}";
        Console.WriteLine($"\n{text}");
        if (result.Operations.Any(o => o.Errors > 0))
        {
            Console.WriteLine("Operations failed: the figures are worth nothing.");
            return 1;
        }

        if (options.Plot is { } plot)
            await WriteAsync(plot, PlotWriter.Write(result), cancellationToken);
        if (options.Page is { } page)
            await WriteAsync(page, ResultsSection.Replace(await File.ReadAllTextAsync(page, cancellationToken), text), cancellationToken);
        var missed = Gates.Of(result).Where(gate => gate.Binding && !gate.Holds).ToArray();
        if (!options.Check || missed.Length == 0)
            return 0;
        Console.WriteLine($"Gates missed: {string.Join("; ", missed.Select(gate => $"{gate.Name}: {gate.Measured}, wanted {gate.Wanted}"))}");
        return 1;
    }

    private static string Heading(BenchResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"{result.Started:yyyy-MM-dd}, {result.Machine}; {result.Rounds} rounds of {BenchOptions.PodsATurn} pods in which each candidate has its turn.");

    private static Task WriteAsync(string file, string content, CancellationToken cancellationToken)
    {
        if (Path.GetDirectoryName(file) is { Length: > 0 } folder)
            Directory.CreateDirectory(folder);
        return File.WriteAllTextAsync(file, content, cancellationToken);
    }
}
