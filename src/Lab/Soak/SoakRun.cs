using System.Globalization;
using System.Text.Json.Nodes;
using Vnetcni.Lab.Demo;
using Vnetcni.Lab.Processes;
using Vnetcni.Lab.Soak.Ending;
using Vnetcni.Lab.Soak.Plan;
using Vnetcni.Lab.Soak.Running;
using Vnetcni.Lab.Soak.Truth;

namespace Vnetcni.Lab.Soak;

/// <summary>The story of a soak: machines, cluster, agents; one part after the other; then everything heals and nothing may be left.</summary>
internal sealed class SoakRun(SoakOptions options, DemoLab lab, Action<string> tell) : IDisposable
{
    private const int ResidentsPerMachine = 2;
    private static readonly TimeSpan Progress = TimeSpan.FromSeconds(10);

    // From the pools by the watches to the agents, which tell nobody what cooldown they keep.
    private static readonly TimeSpan Spread = TimeSpan.FromSeconds(10);
    private readonly Dictionary<string, NodeKernel> _before = new(StringComparer.Ordinal);
    private readonly CniCaller _cni = new(options.Binary);
    private PodObjects? _pods;

    /// <summary>What was seen; null before the lab stands.</summary>
    public SoakContext? Context { get; private set; }

    /// <summary>How long pods came and went in each part; parts count from 1.</summary>
    public SortedDictionary<int, TimeSpan> Active { get; } = [];

    /// <summary>Plays it to its end or to the first violation.</summary>
    public async Task PlayAsync(CancellationToken cancellationToken)
    {
        await BuildAsync(cancellationToken);
        var soak = Context!;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] watches = [ArmFollower.RunAsync(soak, ended.Token), ProcessWatch.RunAsync(soak, ended.Token), TellAsync(soak, ended.Token)];
        try
        {
            foreach (var part in SoakPart.Of(options.Length))
            {
                await PlayAsync(soak, part, cancellationToken);
                if (soak.Violation is not null)
                    return;
            }

            await EndAsync(soak, cancellationToken);
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(watches);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Context?.Dispose();
        _pods?.Dispose();
    }

    private async Task BuildAsync(CancellationToken cancellationToken)
    {
        await lab.StartAzureAsync(cancellationToken);
        foreach (var node in lab.Nodes)
            _before[node.Name] = await KernelReader.ReadAsync(node.Space, cancellationToken);
        await lab.StartClusterAsync(SoakClass.Of(TimeSpan.Zero), cancellationToken);
        lab.StartOperator();
        lab.StartOperator();
        await Task.WhenAll(lab.Nodes.Select(node => lab.StartAgentAsync(node, cancellationToken)));
        _pods = new PodObjects(lab.Cluster.KubeConfig);
        Context = new SoakContext(options, lab, _pods);
        tell($"{lab.Nodes.Count} machines, {lab.Operators.Count} operators, {lab.Cluster.Description}; {options.Workers} workers on each machine");
    }

    private async Task PlayAsync(SoakContext soak, SoakPart part, CancellationToken cancellationToken)
    {
        tell(string.Create(
            CultureInfo.InvariantCulture,
            $"part {part.Number + 1}: reuseCooldown {SoakClass.CooldownText(part.Cooldown)} for {part.Length.TotalSeconds:0} s, {(part.PodsPerSecond is { } rate ? $"at most {rate} pods/s on a machine" : "at full speed")}"));
        soak.Calls.Part = part.Number + 1;
        await SetCooldownAsync(part.Cooldown, cancellationToken);
        if (part.Cooldown > TimeSpan.Zero)
            soak.Truth.Require(part.Cooldown, soak.Now);

        using var broken = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, soak.Broken);
        var residents = await StartResidentsAsync(soak, broken.Token);
        foreach (var fault in ArmFaults.Lasting)
            await lab.Arm.AddFaultAsync(fault, cancellationToken);
        using var over = new CancellationTokenSource(part.Length, TimeProvider.System);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(broken.Token, over.Token);
        var start = soak.Now;
        var disturber = new Disturber(soak, part, tell).RunAsync(stop.Token);
        var workers = lab.Nodes.SelectMany((node, machine) => Enumerable.Range(0, options.Workers)
            .Select(number => new Worker(soak, _cni, node, machine, number, part).RunAsync(residents, stop.Token)));
        await Task.WhenAll([disturber, .. workers]);
        Active[part.Number + 1] = soak.Now - start;
        await CountFaultsAsync(soak, cancellationToken);
        await StopResidentsAsync(soak, residents);
        if (part.Cooldown > TimeSpan.Zero)
            Judge(soak, part);
    }

    // What was not seen was not proven.
    private static void Judge(SoakContext soak, SoakPart part)
    {
        if (soak.Violation is null && soak.Truth.Reuses == 0)
            soak.Report(new SoakViolation("the part with a rest proves it", $"no address came back within {part.Length.TotalSeconds:0} s"));
    }

    private async Task<IReadOnlyList<Sandbox>> StartResidentsAsync(SoakContext soak, CancellationToken stop)
    {
        var residents = lab.Nodes.SelectMany(node => Enumerable.Range(0, ResidentsPerMachine).Select(_ => new Sandbox(soak, _cni, node, PodPlan.Plain))).ToArray();
        var started = await Task.WhenAll(residents.Select(async resident => (resident, up: await resident.StartAsync(stop))));
        return [.. started.Where(one => one.up).Select(one => one.resident)];
    }

    private static async Task StopResidentsAsync(SoakContext soak, IReadOnlyList<Sandbox> residents)
    {
        if (soak.Violation is null)
            await Task.WhenAll(residents.Select(resident => resident.PingAsync(residents)));
        if (soak.Violation is null)
            await Task.WhenAll(residents.Select(resident => resident.CheckAsync()));
        await Task.WhenAll(residents.Select(resident => resident.StopAsync()));
    }

    private async Task SetCooldownAsync(TimeSpan cooldown, CancellationToken cancellationToken)
    {
        await lab.ApplyAsync(SoakClass.Of(cooldown), cancellationToken);
        var text = SoakClass.CooldownText(cooldown);
        await Wait.ForAsync($"the pools take over reuseCooldown {text}", TimeSpan.FromSeconds(60), async () =>
        {
            var pools = JsonNode.Parse(await lab.Cluster.KubectlAsync(["get", "nodeippools", "-o", "json"], cancellationToken))!["items"]!.AsArray();
            var told = pools.Select(pool => pool!["spec"]?["pool"]?["reuseCooldown"]?.GetValue<string>() ?? "none").ToArray();
            return told.Length == lab.Nodes.Count && told.All(value => value == text)
                ? null
                : string.Create(CultureInfo.InvariantCulture, $"{told.Length} pools of {lab.Nodes.Count} machines have: {string.Join(", ", told)}");
        }, cancellationToken);
        await Task.Delay(Spread, TimeProvider.System, cancellationToken);
    }

    // Heals ARM: rules are removed with their counts.
    private async Task CountFaultsAsync(SoakContext soak, CancellationToken cancellationToken)
    {
        foreach (var rule in await lab.Arm.FaultsAsync(cancellationToken))
            soak.Calls.Note("faults of ARM", rule!["fired"]!.GetValue<int>());
        await lab.Arm.RemoveFaultsAsync(null, cancellationToken);
    }

    private async Task EndAsync(SoakContext soak, CancellationToken cancellationToken)
    {
        var checks = new EndChecks(soak, _before, tell);
        var start = soak.Now;
        tell(await checks.ConvergeAsync(SoakClass.MaxFree, cancellationToken));
        soak.Calls.Note("seconds until all was given back", (int)(soak.Now - start).TotalSeconds);
        ProcessWatch.Look(soak);
        if (soak.Violation is null)
            tell(await checks.NodesGoneAsync(cancellationToken));
        tell(await checks.InvariantsAsync(cancellationToken));
        foreach (var breach in soak.Growth.Breaches())
            soak.Report(new SoakViolation("memory and descriptors stay within bounds", breach));
    }

    private async Task TellAsync(SoakContext soak, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Progress, TimeProvider.System, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }

            if (soak.Truth.Live > 0)
                tell($"{soak.Calls.CountOf("ADD")} ADDs, {soak.Calls.CountOf("DEL")} DELs, {soak.Truth.Live} addresses in use");
        }
    }
}
