namespace Vnetcni.Lab.Soak.Plan;

/// <summary>A stretch of the soak with one cooldown.</summary>
/// <param name="Number">0 or 1.</param>
/// <param name="Cooldown">The class's <c>reuseCooldown</c>.</param>
/// <param name="Length">How long pods come and go.</param>
/// <param name="PodsPerSecond">Most pods a second on a machine; null for as fast as it goes.</param>
/// <param name="KillOperators">Whether operators are killed too.</param>
internal sealed record SoakPart(int Number, TimeSpan Cooldown, TimeSpan Length, double? PodsPerSecond, bool KillOperators)
{
    /// <summary>The rest that the second part proves.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    // Long enough for the first addresses to come back, short enough to leave the time to full speed.
    private static readonly TimeSpan ShortestRestPart = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan LongestRestPart = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan ShortestFirstPart = TimeSpan.FromSeconds(15);

    /// <summary>
    /// The parts of a soak: most of the time without a rest and at full speed, then one with a rest of 30 s. There the pace is bound:
    /// 4 pods/s × 30 s keep 120 addresses of a machine's 250 at rest, so that no limit allows a shorter one.
    /// </summary>
    public static IReadOnlyList<SoakPart> Of(TimeSpan length)
    {
        var rest = Clamp(length * 0.3, ShortestRestPart, LongestRestPart);
        var first = length - rest > ShortestFirstPart ? length - rest : ShortestFirstPart;
        return
        [
            new SoakPart(0, TimeSpan.Zero, first, null, KillOperators: true),
            new SoakPart(1, Rest, rest, 4, KillOperators: false),
        ];
    }

    private static TimeSpan Clamp(TimeSpan value, TimeSpan low, TimeSpan high) => value < low ? low : value > high ? high : value;
}
