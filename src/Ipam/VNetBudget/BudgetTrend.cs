using System.Collections.Immutable;
using System.Globalization;

namespace Vnetcni.Ipam.VNetBudget;

/// <summary>How the use of a budget changed lately, and when it runs out if that goes on.</summary>
/// <param name="Samples">Times and counts, oldest first.</param>
public sealed record BudgetTrend(ImmutableArray<(DateTimeOffset At, int Used)> Samples)
{
    /// <summary>How far it looks back.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>Nothing is said of a shorter time.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Spacing = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>Nothing is known.</summary>
    public static BudgetTrend Empty { get; } = new([]);

    /// <summary>The trend with one count more; one that comes within a minute replaces the last. A clock that went back begins anew.</summary>
    public BudgetTrend With(DateTimeOffset now, int used)
    {
        if (Samples is [.., var last] && now < last.At)
            return new BudgetTrend([(now, used)]);
        var kept = Samples.Where(s => now - s.At <= Window);
        if (Samples.Length > 1 && now - Samples[^2].At < Spacing)
            kept = kept.Where(s => s.At != Samples[^1].At);
        return new BudgetTrend([.. kept, (now, used)]);
    }

    /// <summary>When <paramref name="free"/> addresses are spent, in words; null while too little is known.</summary>
    public string? Runway(int free)
    {
        if (free <= 0)
            return "none left";
        if (Samples is not [var first, .., var last] || last.At - first.At < Shortest)
            return null;
        var grown = last.Used - first.Used;
        var time = last.At - first.At;
        if (grown <= 0)
            return "no growth";
        var perHour = grown / time.TotalHours;
        var hours = free / perHour;
        var rate = Text($"{Round(perHour)} addresses an hour");
        if (hours > Longest.TotalHours)
            return Text($"more than {Longest.TotalDays:0} days at {rate}");
        return hours switch
        {
            < 1 => Text($"about {Math.Max(1, Round(hours * 60))} min at {rate}"),
            < 48 => Text($"about {Math.Round(hours)} h at {rate}"),
            _ => Text($"about {Math.Round(hours / 24)} days at {rate}"),
        };
    }

    // Two digits: more would pretend to know the future.
    private static double Round(double value) => value < 10 ? Math.Round(value, 1) : value < 100 ? Math.Round(value) : Math.Round(value / 10) * 10;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
