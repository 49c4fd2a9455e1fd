namespace Vnetcni.Simulation.Tests.World.Processes;

/// <summary>
/// One life of an operator or an agent. It may die between any two awaits: its code does not go on then, not even to clean up,
/// and what it had in memory is gone. A call that is on its way already still arrives, as on a network.
/// </summary>
internal sealed class SimProcess
{
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource killed = new();
    private readonly SynchronizationContext world =
        SynchronizationContext.Current ?? throw new InvalidOperationException("a process is started inside a simulation");

    /// <param name="name">For the timeline.</param>
    /// <param name="place">Where it runs.</param>
    /// <param name="time">The world's clock.</param>
    /// <param name="diesNow">Asked before each of its steps.</param>
    public SimProcess(string name, SimPlace place, TimeProvider time, Func<SimProcess, bool> diesNow)
    {
        (Name, Place) = (name, place);
        Context = new ProcessContext(world, () =>
        {
            if (!diesNow(this))
                return true;
            Kill();
            return false;
        });
        Time = new SimClock(time, this, place);
    }

    public string Name { get; }

    public SimPlace Place { get; }

    public ProcessContext Context { get; }

    /// <summary>Its clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>Killed, not just asked to stop.</summary>
    public bool IsDead => Context.IsDead;

    /// <summary>Completes at a kill.</summary>
    public Task Killed => killed.Task;

    /// <summary>Fires at a stop.</summary>
    public CancellationToken Stopping => stop.Token;

    /// <summary>What the system does about a dead process: its connections and handles close.</summary>
    public Action? CleanUp { get; set; }

    /// <summary>As by SIGTERM.</summary>
    public void Stop() => Context.Post(_ => stop.Cancel(), null);

    /// <summary>As by kill -9. May be called from within the process's own call.</summary>
    public void Kill()
    {
        if (IsDead)
            return;
        Context.IsDead = true;
        world.Post(_ => killed.SetResult(), null);
        CleanUp?.Invoke();
    }

    public void RequireAlive()
    {
        if (IsDead)
            throw new OperationCanceledException($"{Name} was killed", stop.Token);
    }

    /// <summary>Runs something in the process, for somebody outside. Never completes when it dies first.</summary>
    public Task<T> InsideAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken callerGone)
    {
        var answer = new TaskCompletionSource<T>();
        var gone = new CancellationTokenSource();
        var registration = callerGone.Register(() => Context.Post(_ => gone.Cancel(), null));
        Context.Post(_ => Forward(() => work(gone.Token), answer, registration), null);
        return answer.Task;
    }

    /// <summary>Sends a call that arrives whatever becomes of the caller.</summary>
    public async Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        RequireAlive();
        cancellationToken.ThrowIfCancellationRequested();
        var answer = new TaskCompletionSource<T>();
        world.Post(_ => Forward(call, answer, default), null);
        var result = await answer.Task.WaitAsync(cancellationToken);
        RequireAlive();
        return result;
    }

    private static async void Forward<T>(Func<Task<T>> call, TaskCompletionSource<T> answer, CancellationTokenRegistration registration)
    {
        try
        {
            answer.TrySetResult(await call());
        }
        catch (OperationCanceledException e)
        {
            answer.TrySetCanceled(e.CancellationToken);
        }
        catch (Exception e)
        {
            answer.TrySetException(e);
        }
        finally
        {
            registration.Dispose();
        }
    }
}
