using Vnetcni.Lab.Soak.Figures;
using Vnetcni.Lab.Soak.Truth;

namespace Vnetcni.Lab.Churn;

/// <summary>What the workers, the killer and the watch share.</summary>
internal sealed class ChurnState(ChurnOptions options, string socket) : IDisposable
{
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private readonly ManualResetEventSlim _ended = new();
    private readonly Lock _gate = new();
    private long _pods;

    /// <summary>What is asked for.</summary>
    public ChurnOptions Options { get; } = options;

    /// <summary>The agent's socket.</summary>
    public string Socket { get; } = socket;

    /// <summary>Who holds what.</summary>
    public TruthMap Truth { get; } = new();

    /// <summary>Counts and times.</summary>
    public CallLog Calls { get; } = new();

    /// <summary>Time since the start.</summary>
    public TimeSpan Now => TimeProvider.System.GetElapsedTime(_start);

    /// <summary>Pods that have come and gone.</summary>
    public long Pods => Interlocked.Read(ref _pods);

    /// <summary>Between 0 and 1: the part of the run that is over.</summary>
    public double Progress => Math.Max((double)Pods / Options.Count, Now / Options.Length);

    /// <summary>Whether the workers are to stop.</summary>
    public bool Ending => _ended.IsSet;

    /// <summary>The first violation; null while all is well.</summary>
    public SoakViolation? Violation { get; private set; }

    /// <summary>A pod has gone.</summary>
    public void PodGone() => Interlocked.Increment(ref _pods);

    /// <summary>Records a violation, if it is one, and ends the run; only the first counts.</summary>
    public void Report(SoakViolation? violation)
    {
        if (violation is null)
            return;
        lock (_gate)
            Violation ??= violation;
        End();
    }

    /// <summary>The workers are to stop.</summary>
    public void End() => _ended.Set();

    /// <summary>Blocks the calling worker for a moment.</summary>
    public void Pause(TimeSpan span)
    {
        if (!_ended.Wait(span))
            return;
        // While ending too, an agent that is away is not asked without a pause.
        Thread.Yield();
    }

    /// <inheritdoc/>
    public void Dispose() => _ended.Dispose();
}
