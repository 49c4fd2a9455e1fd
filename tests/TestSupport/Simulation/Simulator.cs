using System.Globalization;

namespace Vnetcni.TestSupport.Simulation;

/// <summary>
/// Runs async code on one thread under a virtual clock. One seed decides every interleaving and every random choice, so
/// that a failing run can be repeated exactly.
/// </summary>
/// <remarks>
/// Code under simulation takes time from <see cref="Time"/> and chance from <see cref="Random"/> or
/// <see cref="NextSeed"/>, and never leaves the thread; a continuation that comes back from another thread fails the run.
/// What leaves it unawares: CancelAsync, WhenAny or WhenAll over a delay that is then cancelled. And a wait below one
/// millisecond is no wait: a loop that waits for the rest of a time rounds it up.
/// </remarks>
public sealed class Simulator
{
    private readonly SimulationOptions options;
    private readonly SimulationContext context;
    private readonly Random scheduler;
    private readonly List<(string Name, Task Task)> spawned = [];
    private volatile string? foreign;
    private long steps;

    private Simulator(int seed, SimulationOptions options)
    {
        (Seed, this.options) = (seed, options);
        context = new SimulationContext(what => foreign ??= what);
        Time = new VirtualTime(options.Start, CheckThread);
        Random = new Random(seed);
        // Apart, so that one more random number in the code does not reorder everything.
        scheduler = new Random(unchecked((seed * 397) ^ 0x5bd1e995));
        Trace = new SimulationTrace(() => Time.Elapsed);
    }

    public int Seed { get; }

    public VirtualTime Time { get; }

    public Random Random { get; }

    public SimulationTrace Trace { get; }

    /// <summary>Steps run so far.</summary>
    public long Steps => steps;

    /// <summary>Called after each step, outside the code under simulation: for invariants. Throwing fails the run.</summary>
    public Action? AfterStep { get; set; }

    /// <summary>
    /// Runs <paramref name="main"/> to its end and returns the finished simulation. Throws
    /// <see cref="SimulationException"/> when it throws, when a spawned task does, when nothing can go on, or at a limit.
    /// </summary>
    public static Simulator Run(int seed, Func<Simulator, Task> main, SimulationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        var before = SynchronizationContext.Current;
        var simulation = new Simulator(seed, options ?? new SimulationOptions());
        SynchronizationContext.SetSynchronizationContext(simulation.context);
        try
        {
            simulation.Loop(main);
            return simulation;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    /// <summary>A seed for a part of the simulation.</summary>
    public int NextSeed() => Random.Next();

    /// <summary>Waits in virtual time.</summary>
    public Task Delay(TimeSpan delay, CancellationToken cancellationToken = default) => Task.Delay(delay, Time, cancellationToken);

    /// <summary>
    /// Starts something in the background; its failure fails the run. It must end before the run does, other than by
    /// <paramref name="endless"/>.
    /// </summary>
    public Task Spawn(string name, Func<Task> work, bool endless = false)
    {
        var task = StartAsync(work);
        spawned.Add((endless ? "" : name, task));
        return task;
    }

    private static async Task StartAsync(Func<Task> work)
    {
        await Task.Yield();
        await work();
    }

    private void Loop(Func<Simulator, Task> main)
    {
        var task = StartAsync(() => main(this));
        while (!task.IsCompleted)
        {
            Check();
            if (context.Ready > 0)
                context.RunOne(Pick);
            else if (Time.NextDue is not { } due)
                throw Standstill();
            else if (due > options.Limit)
                throw Failure($"the virtual time limit {options.Limit} is reached");
            else
                Time.FireNext();
            if (++steps > options.MaxSteps)
                throw Failure($"{options.MaxSteps} steps are over");
            Inspect();
        }

        Check();
        if (task.Exception?.InnerException is { } e)
            throw Failure(e.Message, e);
        if (task.IsCanceled)
            throw Failure("the main task was cancelled");
        if (spawned.FirstOrDefault(s => s.Name.Length > 0 && !s.Task.IsCompleted) is { Name: { } name })
            throw Failure($"'{name}' still runs at the end");
    }

    private void Inspect()
    {
        try
        {
            AfterStep?.Invoke();
        }
        catch (Exception e)
        {
            throw Failure(e.Message, e);
        }
    }

    private int Pick(int count) => options.Shuffle && count > 1 ? scheduler.Next(count) : 0;

    private void Check()
    {
        if (foreign is { } what)
            throw Failure($"work left the simulation's thread and came back: {what}");
        // Once per step: what has ended well is not looked at again.
        for (var i = spawned.Count - 1; i >= 0; i--)
        {
            var (name, task) = spawned[i];
            if (task.IsFaulted)
                throw Failure($"'{name}' failed: {task.Exception.InnerException!.Message}", task.Exception.InnerException);
            if (task.IsCompleted)
                spawned.RemoveAt(i);
        }
    }

    private SimulationException Standstill()
    {
        // Work that has left the thread may be on its way back, or wait for a thread of the pool: that is then the cause.
        using var turn = new ManualResetEventSlim();
        ThreadPool.UnsafeQueueUserWorkItem(static gate => gate.Set(), turn, preferLocal: true);
        turn.Wait(TimeSpan.FromSeconds(30));
        for (var i = 0; i < 20 && foreign is null; i++)
            Thread.Sleep(5);
        Check();
        return Failure("nothing can go on: no continuation is ready and no timer is armed");
    }

    private void CheckThread()
    {
        if (!context.IsOwnThread)
            foreign ??= "a timer was set from another thread";
    }

    private SimulationException Failure(string what, Exception? inner = null) =>
        new(
            string.Create(
                CultureInfo.InvariantCulture,
                $"seed {Seed}, at {Time.Elapsed} after {steps} steps: {what}\n--- the trace ends with\n{Trace.Tail()}"),
            inner);
}
