using Vnetcni.Lab.Bench.Figures;

namespace Vnetcni.Lab.Bench.Running;

/// <summary>ADD and DEL. Each candidate has its turn in each round, so that what else the machine does hits all of them.</summary>
internal sealed class OperationBench(BenchOptions options, Action<string> tell)
{
    private readonly Dictionary<(string Name, int Residents, int Parallel, string Verb), List<DriverRun>> _runs = [];

    /// <summary>Runs all rounds; the first turn of each candidate warms up and is not counted.</summary>
    public async Task RunAsync(IReadOnlyList<Candidate> candidates, CancellationToken cancellationToken)
    {
        foreach (var candidate in candidates)
            await candidate.TurnAsync(options, options.Pods, 1, cancellationToken, "-V");
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var parallel in options.Parallel)
            {
                foreach (var candidate in candidates)
                {
                    foreach (var run in await candidate.TurnAsync(options, options.Pods, parallel, cancellationToken))
                        Add((candidate.Name, candidate.Residents, parallel, run.Verb), run);
                }
            }

            tell($"ADD and DEL: round {round + 1} of {options.Rounds}");
        }
    }

    /// <summary>The figures of all rounds.</summary>
    public IReadOnlyList<OperationFigures> Figures() =>
    [
        .. _runs.Select(pair => new OperationFigures(
            pair.Key.Name, pair.Key.Verb, pair.Key.Parallel, pair.Key.Residents,
            pair.Value.Sum(run => run.Samples.Count),
            Statistics.Median(pair.Value.SelectMany(run => run.Samples)),
            Statistics.Quantile(pair.Value.SelectMany(run => run.Samples), 0.99),
            Statistics.Median(pair.Value.Select(run => run.PerSecond)),
            pair.Value.Average(run => run.PluginCpu),
            pair.Value.Average(run => run.AgentCpu),
            pair.Value.Sum(run => run.Errors))),
    ];

    private void Add((string Name, int Residents, int Parallel, string Verb) key, DriverRun run)
    {
        if (!_runs.TryGetValue(key, out var runs))
            _runs[key] = runs = [];
        runs.Add(run);
    }
}
