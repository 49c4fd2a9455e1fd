using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Dataplane;

namespace Vnetcni.Simulation.Tests.World.Processes;

/// <summary>Keeps one process running, as a kubelet does with a container: whatever ends it, it is started again after a while.</summary>
internal sealed class SimSupervisor(SimTimeline timeline, Weather weather, string name, Func<SimProcess, Task> main)
{
    private TaskCompletionSource? held;
    private int lives;

    /// <summary>What runs now; null between two lives.</summary>
    public SimProcess? Current { get; private set; }

    public int Kills { get; private set; }

    public async Task RunAsync()
    {
        while (true)
        {
            await (held?.Task ?? Task.CompletedTask);
            var process = Current = new SimProcess($"{name}.{++lives}");
            timeline.Add($"{process.Name} starts");
            var work = main(process);
            await Task.WhenAny(work, process.Killed);
            Current = null;
            if (process.IsDead)
                timeline.Add($"{process.Name} is dead");
            else
                await EndedAsync(process, work);
            // Its process is gone, and with it whatever its code left behind.
            process.Kill();
            await weather.PassAsync(0.5, 6);
        }
    }

    public void Kill()
    {
        if (Current is not { IsDead: false } process)
            return;
        Kills++;
        timeline.Add($"{process.Name} is killed");
        process.Kill();
    }

    /// <summary>SIGTERM; it is started again.</summary>
    public void Stop()
    {
        if (Current is not { } process)
            return;
        timeline.Add($"{process.Name} is asked to stop");
        process.Stop();
    }

    /// <summary>No new life until <see cref="Release"/>.</summary>
    public void Hold() => held ??= new TaskCompletionSource();

    public void Release()
    {
        var waiting = held;
        held = null;
        waiting?.SetResult();
    }

    private async Task EndedAsync(SimProcess process, Task work)
    {
        try
        {
            await work;
            timeline.Add($"{process.Name} has ended");
        }
        catch (OperationCanceledException) when (process.Stopping.IsCancellationRequested)
        {
            timeline.Add($"{process.Name} has stopped");
        }
        catch (Exception e) when (e is IOException or KubeApiException or DataplaneException)
        {
            timeline.Add($"{process.Name} gave up: {e.Message}");
        }
        catch (Exception e)
        {
            timeline.Fault($"{process.Name} failed: {e}");
        }
    }
}
