using System.Text.Json;
using Vnetcni.Scale;

// usage: Vnetcni.Scale [--check] [--seed N] [--out DIR] [--page FILE] [CASE...]      ends with 1 when --check is given and a bound is missed
var check = false;
var seed = 1;
var output = "artifacts/bench-scale";
string? page = null;
var names = new List<string>();
for (var i = 0; i < args.Length; i++)
{
    if (args[i] == "--check")
        check = true;
    else if (args[i] == "--seed" && i + 1 < args.Length && int.TryParse(args[i + 1], out var number))
        (seed, i) = (number, i + 1);
    else if (args[i] == "--out" && i + 1 < args.Length)
        (output, i) = (args[i + 1], i + 1);
    else if (args[i] == "--page" && i + 1 < args.Length)
        (page, i) = (args[i + 1], i + 1);
    else
        names.Add(args[i]);
}

var loads = names.Count == 0 ? [.. ScaleCase.Measured] : names.ConvertAll(n => ScaleCase.All.Single(c => c.Name == n));
Directory.CreateDirectory(output);
var results = new List<ScaleResult>();
foreach (var load in loads)
{
    Console.WriteLine($"{load.Name}: {load.Title}, seed {seed}");
    var result = ScaleRun.Run(load, seed, Console.Out);
    results.Add(result);
    File.WriteAllText(Path.Combine(output, $"{load.Name}.json"), JsonSerializer.Serialize(result, ScaleJson.Default.ScaleResult));
    File.WriteAllText(Path.Combine(output, $"{load.Name}.svg"), ProgressPlot.Svg(result));
}

Console.WriteLine(ResultTable.Markdown(results));
if (page is not null)
    ResultsPage.Write(page, output);
foreach (var result in results)
{
    foreach (var missed in result.Missed)
        Console.WriteLine($"MISSED {result.Name}: {missed}");
}

return check && results.Exists(static r => r.Missed.Count > 0) ? 1 : 0;
