namespace Vnetcni.Operator.Azure.Scheduling;

/// <summary>
/// Stops calls after many failures in a row, and lets one through now and then to see whether ARM is well again. A failure is no answer
/// or a 5xx; a refusal is an answer.
/// </summary>
internal sealed class CircuitBreaker
{
    /// <summary>Failures in a row that open it. With three of ten calls failing by chance that is one in two million.</summary>
    public const int Threshold = 12;

    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private int _failures;
    private TimeSpan _open;
    private TimeSpan _until;
    private bool _trying;

    /// <summary>Whether calls are stopped, but for one that tries.</summary>
    public bool IsOpen => _failures >= Threshold;

    /// <summary>How long no call goes; zero when this one may.</summary>
    public TimeSpan WaitFor(TimeSpan now) => !IsOpen ? TimeSpan.Zero
        : now < _until ? _until - now
        : _trying ? First
        : TimeSpan.Zero;

    /// <summary>A call goes.</summary>
    public void Begin() => _trying = IsOpen;

    /// <summary>A call ended without a word on ARM's health: it was cancelled.</summary>
    public void Forget() => _trying = false;

    /// <summary>A call has come back.</summary>
    public void End(bool failed, TimeSpan now)
    {
        _trying = false;
        if (!failed)
        {
            (_failures, _open) = (0, TimeSpan.Zero);
            return;
        }

        if (++_failures < Threshold || now < _until)
            return;
        _open = _open == TimeSpan.Zero ? First : _open * 2 < Longest ? _open * 2 : Longest;
        _until = now + _open;
    }
}
