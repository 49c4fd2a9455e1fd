namespace Vnetcni.TestSupport.Simulation;

/// <summary>Continuations wait here until the simulation's loop runs them, on its own thread.</summary>
internal sealed class SimulationContext(Action<string> foreign) : SynchronizationContext
{
    private readonly List<(SendOrPostCallback Callback, object? State)> ready = [];
    private readonly int thread = Environment.CurrentManagedThreadId;

    public int Ready => ready.Count;

    public bool IsOwnThread => Environment.CurrentManagedThreadId == thread;

    public override void Post(SendOrPostCallback d, object? state)
    {
        // Work that comes back from another thread comes at a random moment: no replay could repeat it.
        if (IsOwnThread)
            ready.Add((d, state));
        else
            foreign($"{d.Method.DeclaringType?.FullName}.{d.Method.Name}");
    }

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("a simulation has one thread: nothing can wait for it");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs one continuation; <paramref name="pick"/> chooses among those that are ready.</summary>
    public void RunOne(Func<int, int> pick)
    {
        var index = pick(ready.Count);
        var (callback, state) = ready[index];
        ready.RemoveAt(index);
        callback(state);
    }
}
