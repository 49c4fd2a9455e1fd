using Vnetcni.Operator.Azure.Errors;

namespace Vnetcni.Operator.Controllers;

/// <summary>
/// When ARM throttles, nobody asks it anything in that subscription until the time that it named is over: 429s of one spread over all
/// otherwise. ARM counts each subscription's calls apart: the others go on.
/// </summary>
internal sealed class ArmPause(TimeProvider time)
{
    private const int MostSubscriptions = 1_000;
    private static readonly TimeSpan Unnamed = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private readonly Dictionary<string, TimeSpan> until = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock gate = new();
    private readonly long origin = time.GetTimestamp();

    /// <summary>How long the pause of a subscription lasts yet; zero when there is none.</summary>
    public TimeSpan Left(string subscription)
    {
        lock (gate)
        {
            if (!until.TryGetValue(subscription, out var end))
                return TimeSpan.Zero;
            var left = end - time.GetElapsedTime(origin);
            if (left > TimeSpan.Zero)
                return left;
            until.Remove(subscription);
            return TimeSpan.Zero;
        }
    }

    /// <summary>Begins or prolongs the pause of a subscription when the error is throttling.</summary>
    public void Note(string subscription, ArmError error)
    {
        if (error.Cause != ArmCause.Throttled)
            return;
        var wait = error.RetryAfter is { Ticks: > 0 } named ? named : Unnamed;
        lock (gate)
        {
            var end = time.GetElapsedTime(origin) + (wait < Longest ? wait : Longest);
            // Ids come from outside: a pause that is lost costs another 429.
            if (until.Count == MostSubscriptions && !until.ContainsKey(subscription))
                until.Clear();
            if (!until.TryGetValue(subscription, out var known) || end > known)
                until[subscription] = end;
        }
    }
}
