using Vnetcni.Lab.Bench.Figures;
using Vnetcni.Lab.Bench.Running;
using Vnetcni.Lab.Network;
using Vnetcni.Lab.Processes;

namespace Vnetcni.Lab.Bench;

/// <summary>Sets the candidates up, measures, removes everything.</summary>
internal sealed class BenchRun(BenchOptions options, Action<string> tell)
{
    /// <summary>Measures all. Throws <see cref="ShellException"/> when a candidate fails.</summary>
    public async Task<BenchResult> RunAsync(CancellationToken cancellationToken)
    {
        await TidyAsync();
        Directory.CreateDirectory(options.Folder);
        List<Candidate> candidates = [];
        try
        {
            return await RunAsync(candidates, cancellationToken);
        }
        finally
        {
            foreach (var agent in candidates.Select(c => c.Agent).OfType<Daemon>())
                await agent.DisposeAsync();
            await TidyAsync();
        }
    }

    private async Task<BenchResult> RunAsync(List<Candidate> candidates, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetUtcNow();
        candidates.Add(await Candidate.OursAsync(options, 0, cancellationToken));
        candidates.Add(await Candidate.PeerAsync(options, options.Peers, Names.Bridge, 0, cancellationToken));
        candidates.Add(await Candidate.FloorAsync(options, cancellationToken));
        candidates.Add(await Candidate.OursAsync(options, options.Residents, cancellationToken));
        candidates.Add(await Candidate.PeerAsync(options, options.Peers, Names.Bridge, options.Residents, cancellationToken));
        candidates.Add(await Candidate.PeerAsync(options, options.Peers, Names.PointToPoint, 0, cancellationToken));
        if (options.NewerPeers is { } newer)
        {
            candidates.Add(await Candidate.PeerAsync(options, newer, Names.Newer(Names.Bridge), 0, cancellationToken));
            candidates.Add(await Candidate.PeerAsync(options, newer, Names.Newer(Names.PointToPoint), 0, cancellationToken));
        }

        tell($"{candidates.Count} candidates stand");
        var operations = new OperationBench(options, tell);
        await operations.RunAsync(candidates, cancellationToken);
        var full = candidates.Single(c => c.Name == Names.Ours && c.Residents > 0);
        await full.TurnAsync(options, options.Pods, 1, cancellationToken);
        var memory = ProcessMemory.Of(full.Agent!.Id);
        tell("what follows a DEL");
        var after = await AfterDeleteBench.RunAsync(options, candidates[0], cancellationToken);
        tell("starts of the programs");
        var starts = await StartBench.RunAsync(
            options, [.. candidates.Where(c => c.Residents == 0 && c.Name != Names.Floor).Select(c => (c.Name, Path.Combine(c.Plugins, c.Program)))], cancellationToken);
        IReadOnlyList<PathFigures> paths;
        IReadOnlyList<PathCost> costs;
        await using (var ways = new PathWays(options))
        {
            await ways.BuildAsync(cancellationToken);
            costs = await PathCostBench.RunAsync(options, ways.All, tell, cancellationToken);
            paths = await new PathBench(options, ways, tell).RunAsync(cancellationToken);
        }

        return new BenchResult(
            BenchResult.CurrentSchema, started, Machine.Describe(), options.Rounds, options.Smoke, operations.Figures(), starts, after, paths, costs,
            new ProgramFigures(
                new FileInfo(options.Binary).Length, Machine.IsStatic(options.Binary), new FileInfo(options.Agent).Length, memory.ResidentKiB, memory.AnonymousKiB,
                memory.Threads));
    }

    // Also what an earlier run left that was killed.
    private async Task TidyAsync()
    {
        await LeftOverProcesses.EndAsync(options.Folder, CancellationToken.None);
        await NetworkNamespace.RemoveAllAsync(BenchNode.PrefixOf(options.Folder), CancellationToken.None);
        if (!Directory.Exists(options.Folder))
            return;
        // The driver's pods are mounts.
        foreach (var netns in Directory.EnumerateDirectories(options.Folder).Select(node => Path.Combine(node, "netns")).Where(Directory.Exists))
        {
            foreach (var mount in Directory.EnumerateFiles(netns))
                await Shell.TryRunAsync("umount", ["-l", mount], CancellationToken.None);
        }

        Directory.Delete(options.Folder, recursive: true);
    }
}
