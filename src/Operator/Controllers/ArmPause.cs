using Vnetcni.Operator.Azure.Errors;

namespace Vnetcni.Operator.Controllers;

/// <summary>When ARM throttles, nobody asks it anything until the time that it named is over: 429s of one spread over all otherwise.</summary>
internal sealed class ArmPause(TimeProvider time)
{
    private static readonly TimeSpan Unnamed = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private readonly Lock gate = new();
    private readonly long origin = time.GetTimestamp();
    private TimeSpan until;

    /// <summary>How long the pause lasts yet; zero when there is none.</summary>
    public TimeSpan Left
    {
        get
        {
            lock (gate)
            {
                var left = until - time.GetElapsedTime(origin);
                return left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Begins or prolongs the pause when the error is throttling.</summary>
    public void Note(ArmError error)
    {
        if (error.Cause != ArmCause.Throttled)
            return;
        var wait = error.RetryAfter is { Ticks: > 0 } named ? named : Unnamed;
        lock (gate)
        {
            var end = time.GetElapsedTime(origin) + (wait < Longest ? wait : Longest);
            if (end > until)
                until = end;
        }
    }
}
