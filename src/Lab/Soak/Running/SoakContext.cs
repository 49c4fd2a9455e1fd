using Vnetcni.Lab.Demo;
using Vnetcni.Lab.Soak.Figures;
using Vnetcni.Lab.Soak.Truth;

namespace Vnetcni.Lab.Soak.Running;

/// <summary>What every part of a running soak shares.</summary>
internal sealed class SoakContext(SoakOptions options, DemoLab lab, PodObjects pods) : IDisposable
{
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private readonly CancellationTokenSource _broken = new();
    private readonly Lock _gate = new();

    /// <summary>What is asked for.</summary>
    public SoakOptions Options { get; } = options;

    /// <summary>What runs.</summary>
    public DemoLab Lab { get; } = lab;

    /// <summary>Pod objects in the API.</summary>
    public PodObjects Pods { get; } = pods;

    /// <summary>Who holds what.</summary>
    public TruthMap Truth { get; } = new();

    /// <summary>ARM's addresses.</summary>
    public ArmView Arm { get; } = new();

    /// <summary>Counts and times.</summary>
    public CallLog Calls { get; } = new();

    /// <summary>Memory and descriptors.</summary>
    public Growth Growth { get; } = new();

    /// <summary>The first violation; null while all is well.</summary>
    public SoakViolation? Violation { get; private set; }

    /// <summary>Fires at the first violation.</summary>
    public CancellationToken Broken => _broken.Token;

    /// <summary>Time since the start.</summary>
    public TimeSpan Now => TimeProvider.System.GetElapsedTime(_start);

    /// <summary>Time from the start to a timestamp.</summary>
    public TimeSpan At(long timestamp) => TimeProvider.System.GetElapsedTime(_start, timestamp);

    /// <summary>Records a violation, if it is one, and ends the run; only the first counts.</summary>
    public void Report(SoakViolation? violation)
    {
        if (violation is null)
            return;
        lock (_gate)
        {
            if (Violation is not null)
                return;
            Violation = violation;
        }

        _broken.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose() => _broken.Dispose();
}
