namespace Vnetcni.Simulation.Tests.World.Processes;

/// <summary>
/// One life of an operator or an agent. Killed, it does nothing any more: every further call of it fails before it has an
/// effect. A call that is on its way already still arrives, as on a network.
/// </summary>
internal sealed class SimProcess(string name)
{
    private readonly CancellationTokenSource stop = new();
    private readonly TaskCompletionSource killed = new();
    private readonly SynchronizationContext context =
        SynchronizationContext.Current ?? throw new InvalidOperationException("a process is started inside a simulation");

    public string Name { get; } = name;

    /// <summary>Killed, not just asked to stop.</summary>
    public bool IsDead { get; private set; }

    /// <summary>Completes at a kill.</summary>
    public Task Killed => killed.Task;

    /// <summary>Fires at a kill and at a stop.</summary>
    public CancellationToken Stopping => stop.Token;

    /// <summary>As by SIGTERM.</summary>
    public void Stop() => context.Post(_ => stop.Cancel(), null);

    /// <summary>As by kill -9. May be called from within the process's own call.</summary>
    public void Kill()
    {
        if (IsDead)
            return;
        IsDead = true;
        context.Post(_ => killed.SetResult(), null);
        // Frees what its code waits for; nothing it does on the way out has an effect.
        Stop();
    }

    public void RequireAlive()
    {
        if (IsDead)
            throw new OperationCanceledException($"{Name} was killed", stop.Token);
    }

    /// <summary>Sends a call that arrives whatever becomes of the caller.</summary>
    public async Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        RequireAlive();
        cancellationToken.ThrowIfCancellationRequested();
        var result = await call().WaitAsync(cancellationToken);
        RequireAlive();
        return result;
    }
}
