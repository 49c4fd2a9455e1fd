using Vnetcni.Lab.Bench.Figures;

namespace Vnetcni.Lab.Bench.Running;

/// <summary>When a pod's link is gone after its DEL, and when its address is in use again where it is the only one.</summary>
internal static class AfterDeleteBench
{
    /// <summary>Measures both on a machine of ours.</summary>
    public static async Task<AfterDelete> RunAsync(BenchOptions options, Candidate ours, CancellationToken cancellationToken)
    {
        List<double> gone = [], reuse = [];
        var node = await BenchNode.CreateAsync(options.Folder, "single", cancellationToken);
        await using var agent = await BenchAgent.StartAsync(options.Agent, node, "10.224.1", 1, cancellationToken);
        File.Copy(Path.Combine(ours.Node.Folder, "bench.conflist"), Path.Combine(node.Folder, "bench.conflist"));
        var single = ours with { Node = node, Agent = agent };
        for (var round = 0; round < options.Rounds; round++)
        {
            gone.AddRange((await ours.TurnAsync(options, options.Pods, 1, cancellationToken, "-G")).Single().Samples);
            reuse.AddRange((await single.TurnAsync(options, options.Pods, 1, cancellationToken, "-R")).Single().Samples);
        }

        return new AfterDelete(Statistics.Median(gone), Statistics.Quantile(gone, 0.99), Statistics.Median(reuse), Statistics.Quantile(reuse, 0.99));
    }
}
