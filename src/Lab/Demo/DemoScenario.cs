using System.Globalization;
using Vnetcni.Lab.Pods;

namespace Vnetcni.Lab.Demo;

/// <summary>The story of the demo, step by step.</summary>
/// <param name="lab">What runs.</param>
/// <param name="options">What is asked for.</param>
/// <param name="report">Where steps are recorded.</param>
/// <param name="show">Shows the objects as kubectl does, at the story's height.</param>
internal sealed class DemoScenario(DemoLab lab, DemoOptions options, DemoReport report, Func<Task> show)
{
    private readonly PodActions _pods = new(lab);
    private readonly DemoChecks _checks = new(lab);

    /// <summary>Plays it; throws at the first step that fails.</summary>
    public async Task PlayAsync(CancellationToken cancellationToken)
    {
        await report.StepAsync("virtual network, machines and ARM", async () =>
        {
            await lab.StartAzureAsync(cancellationToken);
            return $"{lab.Nodes.Count} machines on {Arm.LabAzure.VNetCidr}, ARM at {lab.Arm.Endpoint}";
        });
        await report.StepAsync("API server, CRDs, a class and the Nodes", async () =>
        {
            await lab.StartClusterAsync(Manifests.Class, cancellationToken);
            return lab.Cluster.Description;
        });
        await report.StepAsync("operators and agents", async () =>
        {
            lab.StartOperator();
            lab.StartOperator();
            await Task.WhenAll(lab.Nodes.Select(node => lab.StartAgentAsync(node, cancellationToken)));
            return $"{lab.Operators.Count} operators, {lab.Nodes.Count} agents";
        });
        await report.StepAsync($"{options.Pods} pods", () => StartPodsAsync(Names("web", options.Pods), cancellationToken));
        await report.StepAsync("every pod pings every pod", () => _checks.PingAllAsync(cancellationToken));
        await report.StepAsync("CNI CHECK of every pod", () => _checks.CheckAllAsync(cancellationToken));
        await report.StepAsync("half of the pods go", () => StopPodsAsync(every: 2, cancellationToken));
        await report.StepAsync("kill -9 an agent while pods start and stop", () => KillAgentAsync(cancellationToken));
        await report.StepAsync("kill -9 the leading operator, pods start", () => KillOperatorAsync(cancellationToken));
        await report.StepAsync("every pod pings every pod again", () => _checks.PingAllAsync(cancellationToken));
        await report.StepAsync("CNI CHECK of every pod again", () => _checks.CheckAllAsync(cancellationToken));
        await report.StepAsync("nothing is lost, doubled or left over", () => _checks.NothingLeaksAsync(cancellationToken));
        await show();
        await report.StepAsync("all pods go, the pools shrink", () => ShrinkAsync(cancellationToken));
        if (!options.Keep)
            await report.StepAsync("the VMs are deallocated, their Nodes go", () => _checks.NodesGoneAsync(cancellationToken));
        await report.StepAsync("ARM's invariants held throughout", () => _checks.InvariantsAsync(cancellationToken));
    }

    private static IEnumerable<string> Names(string prefix, int count) =>
        Enumerable.Range(1, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{i:d2}"));

    private async Task<string> StartPodsAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var placed = names.Select((name, index) => (name, lab.Nodes[index % lab.Nodes.Count])).ToArray();
        var times = await _pods.StartAsync(placed, cancellationToken);
        return $"{placed.Length} started; {times}";
    }

    private async Task<string> StopPodsAsync(int every, CancellationToken cancellationToken)
    {
        var leaving = lab.Pods.Values.Where((_, index) => index % every == 0).ToArray();
        var times = await _pods.StopAsync(leaving, cancellationToken);
        return $"{leaving.Length} stopped, {lab.Pods.Count} stay; {times}";
    }

    private async Task<string> KillAgentAsync(CancellationToken cancellationToken)
    {
        var victim = lab.Nodes[1];
        var leaving = lab.Pods.Values.Where(pod => pod.Node == victim.Name).Take(2).ToArray();
        var coming = Names("late", 6).Select((name, index) => (name, lab.Nodes[index % lab.Nodes.Count])).ToArray();

        // ADDs are under way when the agent dies; they wait for the socket and go on with the next agent.
        var starting = _pods.StartAsync(coming, cancellationToken);
        await victim.KillAgentAsync();
        // A DEL while nobody listens must not block: it is written down and carried out later.
        await _pods.StopAsync(leaving, cancellationToken);
        await lab.StartAgentAsync(victim, cancellationToken);
        await starting;
        return $"{victim.Name}: {leaving.Length} DELs without an agent, {coming.Length} ADDs across the restart";
    }

    private async Task<string> KillOperatorAsync(CancellationToken cancellationToken)
    {
        var leader = await _checks.LeaderAsync(cancellationToken);
        await lab.Operators[leader].KillAsync();
        var start = TimeProvider.System.GetTimestamp();
        // More than the pools hold: these pods wait until another replica leads and the pools have grown.
        var seen = await StartPodsAsync(Names("more", options.Pods * 2), cancellationToken);
        var took = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        lab.StartOperator();
        return string.Create(CultureInfo.InvariantCulture, $"replica {leader + 1} killed, {seen}, within {took:0.0} s");
    }

    private async Task<string> ShrinkAsync(CancellationToken cancellationToken)
    {
        await _pods.StopAsync([.. lab.Pods.Values], cancellationToken);
        return await _checks.ShrunkAsync(cancellationToken);
    }
}
