using Vnetcni.ControllerRuntime.Api;
using Vnetcni.Dataplane;

namespace Vnetcni.Simulation.Tests.World.Processes;

/// <summary>Keeps one process running, as a kubelet does with a container: whatever ends it, it is started again after a while.</summary>
internal sealed class SimSupervisor(SimWorld world, string name, Func<SimProcess, Task> main)
{
    private readonly SimTimeline timeline = world.Timeline;
    private readonly Weather weather = world.Weather;
    private TaskCompletionSource? held;
    private int lives;

    /// <summary>What runs now; null between two lives.</summary>
    public SimProcess? Current { get; private set; }

    public int Kills { get; private set; }

    public string Name => name;

    /// <summary>Where it runs, life after life.</summary>
    public SimPlace Place { get; } = new();

    public async Task RunAsync()
    {
        while (true)
        {
            await (held?.Task ?? Task.CompletedTask);
            var process = Current = new SimProcess($"{name}.{++lives}", Place, world.Simulator.Time, DiesNow);
            process.CleanUp = () => world.Kube.DropWatches(call => call.Client == process.Name);
            timeline.Add($"{process.Name} starts");
            var work = process.InsideAsync(async _ =>
            {
                await main(process);
                return true;
            }, CancellationToken.None);
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

    /// <summary>It does nothing for a while, and does not know: as a machine that is suspended, or starved of its processors.</summary>
    public async Task FreezeAsync(TimeSpan time)
    {
        if (Current is not { IsDead: false, Context.IsFrozen: false } process)
            return;
        timeline.Add($"{process.Name} is frozen for {time.TotalSeconds:F0} s");
        process.Context.Freeze();
        await world.Simulator.Delay(time);
        process.Context.Thaw();
        if (!process.IsDead)
            timeline.Add($"{process.Name} goes on");
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

    private bool DiesNow(SimProcess process)
    {
        if (!weather.Happens(weather.Rates.ProcessDies))
            return false;
        timeline.Add($"{process.Name} dies between two awaits");
        return true;
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
