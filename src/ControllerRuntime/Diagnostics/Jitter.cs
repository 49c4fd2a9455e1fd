namespace Vnetcni.ControllerRuntime.Diagnostics;

/// <summary>
/// Where all randomness of the runtime comes from: one seed, one sequence. Safe for concurrent use.
/// </summary>
/// <param name="seed">A host passes a random one; a simulation passes its own and gets the same run again.</param>
public sealed class Jitter(int seed)
{
    private readonly Lock gate = new();
    private readonly Random random = new(seed);

    /// <summary>A number in [0, 1).</summary>
    public double Next()
    {
        lock (gate)
            return random.NextDouble();
    }

    /// <summary>
    /// <paramref name="value"/> lengthened by up to <paramref name="fraction"/> of itself, in whole milliseconds: that is
    /// what timers count.
    /// </summary>
    public TimeSpan Lengthen(TimeSpan value, double fraction) => Whole(value + (value * (Next() * fraction)));

    /// <summary><paramref name="value"/> ± up to <paramref name="fraction"/> of itself, in whole milliseconds.</summary>
    public TimeSpan Spread(TimeSpan value, double fraction) => Whole(value + (value * (((Next() * 2) - 1) * fraction)));

    private static TimeSpan Whole(TimeSpan value) => TimeSpan.FromMilliseconds(Math.Ceiling(value.TotalMilliseconds));
}
