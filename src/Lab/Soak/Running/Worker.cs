using Vnetcni.Lab.Nodes;
using Vnetcni.Lab.Soak.Plan;

namespace Vnetcni.Lab.Soak.Running;

/// <summary>One of a machine's workers: burst after burst of pods until the part is over.</summary>
internal sealed class Worker(SoakContext soak, CniCaller cni, LabNode node, int machine, int number, SoakPart part)
{
    /// <summary>Runs until <paramref name="stop"/>; then its pods are stopped too.</summary>
    public async Task RunAsync(IReadOnlyList<Sandbox> residents, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var burst = Burst.Draw(soak.Options.Seed, part.Number, machine, number, i);
            var start = soak.Now;
            var pods = await StartAsync(burst, residents, stop);
            await PauseAsync(burst.Hold, stop);
            foreach (var pod in pods)
                await pod.StopAsync();
            var pace = part.PodsPerSecond is { } rate ? TimeSpan.FromSeconds(burst.Pods.Count * soak.Options.Workers / rate) : TimeSpan.Zero;
            var left = start + pace - soak.Now;
            await PauseAsync(left > burst.Idle ? left : burst.Idle, stop);
        }
    }

    private async Task<List<Sandbox>> StartAsync(Burst burst, IReadOnlyList<Sandbox> residents, CancellationToken stop)
    {
        var pods = new List<Sandbox>();
        foreach (var plan in burst.Pods)
        {
            var pod = new Sandbox(soak, cni, node, plan);
            if (!await pod.StartAsync(stop))
                break;
            pods.Add(pod);
            await pod.LiveAsync(residents, stop);
        }

        return pods;
    }

    private static async Task PauseAsync(TimeSpan pause, CancellationToken stop)
    {
        if (pause <= TimeSpan.Zero)
            return;
        try
        {
            await Task.Delay(pause, TimeProvider.System, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The part is over: pods are stopped at once.
            return;
        }
    }
}
