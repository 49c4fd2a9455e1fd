using System.Diagnostics;
using k8s.Models;
using Vnetcni.Api.NodeIpPoolClasses;
using Vnetcni.ArmSimulator.Core;
using Vnetcni.ArmSimulator.Seeding;
using Vnetcni.ControllerRuntime.Api;
using Vnetcni.ControllerRuntime.Diagnostics;
using Vnetcni.Operator;
using Vnetcni.TestSupport.Kubernetes;
using Vnetcni.TestSupport.Simulation;

namespace Vnetcni.Scale;

/// <summary>Runs a load: the operator's own code against the simulator with its real quotas, in virtual time on one thread.</summary>
internal static class ScaleRun
{
    private const string Group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/vnetcni/providers/";
    private const double Megabyte = 1_048_576;
    private const int TakeoverMinutes = 10;
    private static readonly TimeSpan Longest = TimeSpan.FromHours(2);
    // The agents' loop looks at a node every 20 ms.
    private static readonly TimeSpan FoundFree = TimeSpan.FromMilliseconds(100);

    public static ScaleResult Run(ScaleCase load, int seed, TextWriter log)
    {
        ScaleResult? result = null;
        Simulator.Run(seed, async sim => result = await RunAsync(sim, load, seed, log), new SimulationOptions { Shuffle = false, MaxSteps = long.MaxValue });
        return result! with { Missed = Bounds.Missed(load, result!) };
    }

    private static async Task<ScaleResult> RunAsync(Simulator sim, ScaleCase load, int seed, TextWriter log)
    {
        var process = Process.GetCurrentProcess();
        var (cpu, real) = (process.TotalProcessorTime, Stopwatch.StartNew());
        var kube = new InMemoryKubeServer(sim.Time, historyWindow: 2_000);
        var clock = new OperationClock(sim.Time);
        using var azure = new SimulatedArm(clock, (ulong)seed, new SimSettings { JournalCapacity = 100 });
        Seed(azure, kube, load);
        long writes = 0;
        kube.Committed += _ => writes++;
        var arm = new MeasuredArm(azure, clock, sim.Time);
        var fleet = new AgentFleet(sim, kube, load);
        using var stopAgents = new CancellationTokenSource();
        _ = sim.Spawn("agents", () => fleet.RunAsync(stopAgents.Token), endless: true);
        using var stop = new CancellationTokenSource();
        Start(sim, kube, arm, "operator", stop);

        var began = sim.Time.Elapsed;
        var progress = new List<int>();
        for (var tick = 0; fleet.Served < load.Nodes && sim.Time.Elapsed - began < Longest; tick++)
        {
            if (tick % 10 == 0)
                progress.Add(fleet.Held);
            if (tick % 600 == 0)
                await log.WriteLineAsync($"  {sim.Time.Elapsed - began:mm\\:ss} virtual, {real.Elapsed:mm\\:ss} real: {fleet.Served} of {load.Nodes} nodes, {fleet.Held} addresses");
            await sim.Delay(TimeSpan.FromMilliseconds(100));
        }

        var converged = sim.Time.Elapsed - began;
        progress.Add(fleet.Held);
        var (totals, calls, addresses, toConverge) = (azure.Totals, arm.Kinds.ToDictionary(), fleet.Held, writes);
        var throttled = arm.Throttled.ToArray();
        var slowestSeen = arm.SlowestSeen;
        var churn = load.ReplacedPerMinute > 0 ? await ChurnAsync(sim, load, fleet, arm, () => writes, log, real) : null;
        var rest = load.RestMinutes > 0 ? await RestAsync(sim, load, arm) : null;
        stop.Cancel();
        var takeover = load.MostMegabytes is not null ? await TakeOverAsync(sim, kube, arm, load.MostMegabytes.Value) : null;
        stopAgents.Cancel();
        process.Refresh();
        return new ScaleResult
        {
            Name = load.Name,
            Title = load.Title,
            Seed = seed,
            Nodes = load.Nodes,
            Addresses = addresses,
            ConvergedSeconds = converged.TotalSeconds,
            FloorSeconds = FloorOracle.Of(load.Nodes, load.Networks, slowestSeen).TotalSeconds,
            SlowestOperationSeconds = clock.Longest.TotalSeconds,
            SlowestSeenSeconds = slowestSeen.TotalSeconds,
            Reads = totals.Reads,
            Writes = totals.Writes,
            Polls = totals.Polls,
            PutsPerInterface = (double)totals.Writes / load.Nodes,
            ThrottledFirstMinute = throttled.Count(static at => at < TimeSpan.FromMinutes(1)),
            ThrottledLater = throttled.Count(static at => at >= TimeSpan.FromMinutes(1)),
            ApiServerWrites = toConverge,
            Calls = calls,
            Churn = churn,
            Rest = rest,
            Takeover = takeover,
            RealSeconds = real.Elapsed.TotalSeconds,
            CpuSeconds = (process.TotalProcessorTime - cpu).TotalSeconds,
            PeakMegabytes = process.PeakWorkingSet64 / Megabyte,
            ArmViolations = azure.Violations.Count,
            Progress = progress,
        };
    }

    private static void Start(Simulator sim, InMemoryKubeServer kube, MeasuredArm arm, string name, CancellationTokenSource stop)
    {
        var settings = new OperatorSettings { Identity = name, LeaseName = string.Empty };
        var instance = new OperatorInstance(kube.Client(name), arm, sim.Time, settings, new Jitter(sim.NextSeed()));
        _ = sim.Spawn(name, () => instance.RunAsync(stop.Token), endless: true);
    }

    private static async Task<ChurnResult> ChurnAsync(Simulator sim, ScaleCase load, AgentFleet fleet, MeasuredArm arm, Func<long> apiWrites, TextWriter log, Stopwatch real)
    {
        var random = new Random(sim.NextSeed());
        var waits = fleet.Waits = [];
        var (puts, reads, api) = (arm.Writes.Count, Reads(arm), apiWrites());
        var perTick = load.Nodes * load.Pods * load.ReplacedPerMinute / 600;
        var left = 0.0;
        for (var tick = 0; tick < load.ChurnMinutes * 600; tick++)
        {
            if (tick % 600 == 0)
                await log.WriteLineAsync($"  {tick / 600} min of replacing pods, {real.Elapsed:mm\\:ss} real: {waits.Count} served, {fleet.Waiting} wait, {arm.Writes.Count - puts} PUTs");
            for (left += perTick; left >= 1; left--)
                fleet.ReplacePod(random);
            for (var network = 0; tick % 600 == 0 && network < load.Networks; network++)
            {
                fleet.ReplacePodsOnto(random, (network * load.NodesEach) + random.Next(load.NodesEach), load.BurstPods);
                left -= load.BurstPods;
            }

            await sim.Delay(TimeSpan.FromMilliseconds(100));
        }

        // Those that wait at the end are counted too.
        for (var tick = 0; tick < 1_200 && fleet.Waiting > 0; tick++)
            await sim.Delay(TimeSpan.FromMilliseconds(100));
        var sent = arm.Writes.Skip(puts).ToArray();
        var free = waits.Where(static w => w <= FoundFree).Order().ToArray();
        var waited = waits.Where(static w => w > FoundFree).Order().ToArray();
        return new ChurnResult(
            load.ChurnMinutes,
            waits.Count,
            waited.Length,
            free.Length == 0 ? 0 : free[(int)(free.Length * 0.99)].TotalMilliseconds,
            waited.Length == 0 ? 0 : waited[(int)(waited.Length * 0.99)].TotalSeconds,
            sent.Length == 0 ? 0 : sent.Max(at => sent.Count(other => other >= at && other < at + TimeSpan.FromMinutes(1))),
            sent.Length,
            Reads(arm) - reads,
            apiWrites() - api);
    }

    // What converging leaves to be looked at is over within a period.
    private static async Task<IReadOnlyDictionary<string, int>> RestAsync(Simulator sim, ScaleCase load, MeasuredArm arm)
    {
        await sim.Delay(TimeSpan.FromMinutes(30));
        var calls = arm.Kinds.ToDictionary();
        await sim.Delay(TimeSpan.FromMinutes(load.RestMinutes));
        return Since(arm, calls);
    }

    private static Dictionary<string, int> Since(MeasuredArm arm, Dictionary<string, int> calls) =>
        arm.Kinds.Select(k => KeyValuePair.Create(k.Key, k.Value - calls.GetValueOrDefault(k.Key))).Where(static k => k.Value > 0).ToDictionary();

    private static int Reads(MeasuredArm arm) => arm.Kinds.Where(static k => k.Key.StartsWith("GET", StringComparison.Ordinal)).Sum(static k => k.Value);

    // The first operator has stopped, and what it leaves in memory is there before and after.
    private static async Task<TakeoverResult> TakeOverAsync(Simulator sim, InMemoryKubeServer kube, MeasuredArm arm, int most)
    {
        await sim.Delay(TimeSpan.FromSeconds(1));
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        // What the simulators leave behind is collected as late as there is room: there is no more of it than the operator may use. Without
        // enough of it the run ends with OutOfMemoryException.
        AppContext.SetData("GCHeapHardLimit", (ulong)(GC.GetGCMemoryInfo().TotalCommittedBytes + (most * Megabyte)));
        GC.RefreshMemoryLimit();
        var calls = arm.Kinds.ToDictionary();
        using var stop = new CancellationTokenSource();
        Start(sim, kube, arm, "successor", stop);
        long peak = 0;
        for (var tick = 0; tick < TakeoverMinutes * 600; tick++)
        {
            peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: false) - before);
            await sim.Delay(TimeSpan.FromMilliseconds(100));
        }

        var live = GC.GetTotalMemory(forceFullCollection: true) - before;
        stop.Cancel();
        return new TakeoverResult(peak / Megabyte, live / Megabyte, Since(arm, calls), TakeoverMinutes);
    }

    private static void Seed(SimulatedArm azure, InMemoryKubeServer kube, ScaleCase load)
    {
        var nodes = Enumerable.Range(0, load.Nodes).ToArray();
        azure.Seed(new Scenario
        {
            // One /16 for each network, its pods in all of it.
            Vnets = [.. Enumerable.Range(0, load.Networks).Select(i => new ScenarioVnet($"net{i}", [$"10.{i + 1}.0.0/16"], [new ScenarioSubnet("pods", $"10.{i + 1}.0.0/16")]))],
            Vms = [.. nodes.Select(i => new ScenarioVm($"vm{i}"))],
            Nics = [.. nodes.Select(i => new ScenarioNic($"nic{i}", $"net{i / load.NodesEach}/pods") { Vm = $"vm{i}" })],
        });
        var admin = kube.Client("admin");
        admin.Seed(KubeKinds.Namespaces, new V1Namespace { Metadata = new V1ObjectMeta { Name = "vnetcni-system" } });
        foreach (var i in nodes)
        {
            admin.Seed(KubeKinds.Nodes, new V1Node
            {
                Metadata = new V1ObjectMeta { Name = $"node{i}", Labels = new Dictionary<string, string> { ["kubernetes.io/os"] = "linux" } },
                Spec = new V1NodeSpec { ProviderID = $"azure://{Group}Microsoft.Compute/virtualMachines/vm{i}" },
            });
        }

        admin.Seed(OperatorKinds.Classes, new NodeIpPoolClass { Metadata = new V1ObjectMeta { Name = "default", Generation = 1 }, Spec = new NodeIpPoolClassSpec() });
    }
}
