using System.Globalization;

namespace Vnetcni.Lab.ApiServer.Tables;

/// <summary>Ages as people read them; the same thresholds as k8s.io/apimachinery/pkg/util/duration.</summary>
internal static class HumanDuration
{
    /// <summary>Such as <c>34s</c>, <c>5m10s</c>, <c>3d4h</c>; a future of more than a second is <c>&lt;invalid&gt;</c>.</summary>
    public static string Format(TimeSpan span)
    {
        var seconds = (long)span.TotalSeconds;
        if (seconds < -1)
            return "<invalid>";
        if (seconds < 0)
            return "0s";
        if (seconds < 120)
            return Text(seconds, "s");
        var minutes = seconds / 60;
        if (minutes < 10)
            return Pair(minutes, "m", seconds % 60, "s");
        if (minutes < 180)
            return Text(minutes, "m");
        var hours = minutes / 60;
        if (hours < 8)
            return Pair(hours, "h", minutes % 60, "m");
        if (hours < 48)
            return Text(hours, "h");
        var days = hours / 24;
        if (hours < 24 * 8)
            return Pair(days, "d", hours % 24, "h");
        if (hours < 24 * 365 * 2)
            return Text(days, "d");
        return hours < 24 * 365 * 8 ? Pair(days / 365, "y", days % 365, "d") : Text(days / 365, "y");
    }

    /// <summary>Time since a timestamp of an object; <c>&lt;unknown&gt;</c> when there is none, <c>&lt;invalid&gt;</c> when it is no time.</summary>
    public static string Since(string? timestamp, DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(timestamp))
            return "<unknown>";
        return DateTimeOffset.TryParse(timestamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? Format(now - time)
            : "<invalid>";
    }

    private static string Text(long number, string unit) => number.ToString(CultureInfo.InvariantCulture) + unit;

    private static string Pair(long big, string bigUnit, long small, string smallUnit) =>
        small == 0 ? Text(big, bigUnit) : Text(big, bigUnit) + Text(small, smallUnit);
}
