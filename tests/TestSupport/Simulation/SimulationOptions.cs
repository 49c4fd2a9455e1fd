namespace Vnetcni.TestSupport.Simulation;

/// <summary>How a simulation runs.</summary>
public sealed record SimulationOptions
{
    /// <summary>The virtual wall clock at the start.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Virtual time after which a run that has not ended fails.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Steps (continuations and timers) after which a run that has not ended fails.</summary>
    public long MaxSteps { get; init; } = 50_000_000;

    /// <summary>Whether the seed chooses among continuations that are ready; otherwise first come, first served.</summary>
    public bool Shuffle { get; init; } = true;
}
