using System.Globalization;

namespace Vnetcni.Scale;

/// <summary>Says which bounds a result misses, with the numbers.</summary>
internal static class Bounds
{
    public static IReadOnlyList<string> Missed(ScaleCase load, ScaleResult result)
    {
        var missed = new List<string>();
        Hold(result.ArmViolations == 0, $"{result.ArmViolations} broken invariants of ARM");
        if (load.MostTimesFloor is { } times)
            Hold(result.TimesFloor <= times, $"{result.TimesFloor:F2} times the floor, at most {times}");
        if (load.MostPutsPerInterface is { } puts)
            Hold(result.PutsPerInterface <= puts, $"{result.PutsPerInterface:F2} PUTs per interface, at most {puts}");
        if (load.MostThrottledFirst is { } first)
        {
            Hold(result.ThrottledFirstMinute <= first, $"{result.ThrottledFirstMinute} answers 429 in the first minute, at most {first}");
            Hold(result.ThrottledLater == 0, $"{result.ThrottledLater} answers 429 after the first minute, none allowed");
        }

        if (result.Churn is { } churn)
        {
            Hold(churn.FreeP99Milliseconds <= 50, $"99 of 100 pods that found a free address had it within {churn.FreeP99Milliseconds:F0} ms, at most 50");
            Hold(load.BurstPods == 0 || churn.Waited > 0, $"no pod waited for a PUT: that bound was not measured");
            Hold(churn.WaitedP99Seconds <= 45, $"99 of 100 pods for which addresses were added waited {churn.WaitedP99Seconds:F1} s, at most 45");
            Hold(churn.MostWritesInAMinute <= 150, $"{churn.MostWritesInAMinute} PUTs in a minute, at most 150");
        }

        if (load.MostMegabytes is { } megabytes && result.Takeover is { } takeover)
            Hold(takeover.PeakMegabytes <= megabytes, $"{takeover.PeakMegabytes:F0} MB, at most {megabytes}");
        return missed;

        void Hold(bool holds, FormattableString what)
        {
            if (!holds)
                missed.Add(what.ToString(CultureInfo.InvariantCulture));
        }
    }
}
