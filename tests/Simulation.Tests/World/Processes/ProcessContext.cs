namespace Vnetcni.Simulation.Tests.World.Processes;

/// <summary>
/// Where the code of one process goes on after each await. A dead process does not go on: what it was about to do is dropped,
/// whatever it had in memory with it. A frozen one goes on later.
/// </summary>
/// <param name="world">The simulation's own context.</param>
/// <param name="beforeStep">Called before each step; false ends the process instead.</param>
internal sealed class ProcessContext(SynchronizationContext world, Func<bool> beforeStep) : SynchronizationContext
{
    private readonly List<(SendOrPostCallback Callback, object? State)> held = [];

    public bool IsDead { get; set; }

    public bool IsFrozen { get; private set; }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (!IsDead)
            world.Post(_ => Step(d, state), null);
    }

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("a simulation has one thread: nothing can wait for it");

    public override SynchronizationContext CreateCopy() => this;

    public void Freeze() => IsFrozen = true;

    public void Thaw()
    {
        IsFrozen = false;
        var waiting = held.ToArray();
        held.Clear();
        foreach (var (callback, state) in waiting)
            Post(callback, state);
    }

    private void Step(SendOrPostCallback callback, object? state)
    {
        if (IsDead)
            return;
        if (IsFrozen)
        {
            held.Add((callback, state));
            return;
        }

        if (!beforeStep())
            return;
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            callback(state);
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }
}
