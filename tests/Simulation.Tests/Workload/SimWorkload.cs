using Vnetcni.Simulation.Tests.World;

namespace Vnetcni.Simulation.Tests.Workload;

/// <summary>Pods that come and go, processes that are killed, machines that reboot: all drawn from the seed.</summary>
internal sealed class SimWorkload
{
    private readonly SimWorld world;
    private readonly SimTrouble troubles;
    private int names;

    /// <summary>Pods to approach now: it goes up and down, so that pools do.</summary>
    private int wanted = int.MaxValue;

    public SimWorkload(SimWorld world)
    {
        this.world = world;
        Kubelets = [.. world.Nodes.Select(node => new SimKubelet(world, node))];
        troubles = new SimTrouble(world, Kubelets);
        world.AgentWrote = troubles.RestartQuickly;
    }

    public IReadOnlyList<SimKubelet> Kubelets { get; }

    public IEnumerable<SimPod> Pods => Kubelets.SelectMany(kubelet => kubelet.Pods).Where(pod => !pod.IsDeleted);

    public async Task RunAsync(TimeSpan duration)
    {
        _ = world.Simulator.Spawn("trouble", () => troubles.RunAsync(duration), endless: true);
        var end = world.Simulator.Time.Elapsed + duration;
        while (world.Simulator.Time.Elapsed < end)
        {
            await world.Weather.PassAsync(0.1, 4);
            if (world.Weather.Pick(12) == 0)
                wanted = world.Weather.Pick(world.Options.Pods + 1);
            Step();
        }
    }

    /// <summary>Deletes the pods that could not have an address in the end, pools being as large as they like.</summary>
    public void Trim()
    {
        var pool = world.Options.Pool;
        var staying = Kubelets.Where(kubelet => !kubelet.Node.IsGone).ToArray();
        var share = world.Room / Math.Max(1, staying.Length);
        var most = Math.Min(pool.MaxAddresses!.Value, share - pool.MinFree!.Value - pool.BatchSize!.Value);
        foreach (var kubelet in staying)
        {
            foreach (var pod in kubelet.Pods.Where(pod => !pod.IsDeleted).Skip(Math.Max(0, most)).ToArray())
                pod.Delete();
        }
    }

    // A scheduler does not take a Node that is gone.
    public void StartPod()
    {
        var kubelet = Kubelets[world.Weather.Pick(Kubelets.Count)];
        if (!kubelet.Node.IsGone && !kubelet.Node.IsBusy)
            kubelet.Start($"pod-{++names}");
    }

    private void Step()
    {
        switch (world.Weather.Pick(40))
        {
            case 0 when world.Weather.IsRough:
                world.Nodes[world.Weather.Pick(world.Nodes.Count)].AgentProcess.Kill();
                break;
            case 1 when world.Weather.IsRough && world.Operators.Count > 0:
                world.Operators[world.Weather.Pick(world.Operators.Count)].Kill();
                break;
            case 2 when world.Operators.Count > 0:
                world.Operators[world.Weather.Pick(world.Operators.Count)].Stop();
                break;
            case 3:
                world.Nodes[world.Weather.Pick(world.Nodes.Count)].AgentProcess.Stop();
                break;
            case 4 when world.Weather.IsRough && world.Weather.Pick(3) == 0:
                troubles.Reboot();
                break;
            case 5:
                world.Kube.DropWatches();
                break;
            case 6 when world.Weather.IsRough:
                world.Kube.Compact();
                break;
            case < 12:
            case < 30 when Pods.Count() > wanted:
                foreach (var pod in Pods.Take(world.Weather.Pick(6)).ToArray())
                    pod.Delete();
                break;
            default:
                for (var more = world.Weather.Pick(5); more > 0 && Pods.Count() < Math.Min(wanted, world.Options.Pods); more--)
                    StartPod();
                break;
        }
    }
}
