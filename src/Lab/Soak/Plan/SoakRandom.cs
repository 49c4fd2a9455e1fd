namespace Vnetcni.Lab.Soak.Plan;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014): small, seedable, and the same on every runtime version.</summary>
internal sealed class SoakRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high], both within reach.</summary>
    public int Between(int low, int high) => low + (int)(Fraction() * (high - low + 1));

    /// <summary>Uniform in [low, high).</summary>
    public TimeSpan Between(TimeSpan low, TimeSpan high) => low + ((high - low) * Fraction());

    /// <summary>True with this probability.</summary>
    public bool Chance(double probability) => Fraction() < probability;

    /// <summary>One of the items.</summary>
    public T OneOf<T>(IReadOnlyList<T> items) => items[Between(0, items.Count - 1)];

    /// <summary>A generator for one purpose, named by numbers, so that one kind of draw does not shift the others.</summary>
    public static SoakRandom For(ulong seed, params ReadOnlySpan<int> purpose)
    {
        var state = seed;
        foreach (var number in purpose)
            state = new SoakRandom(state ^ (uint)number).Next();
        return new SoakRandom(state);
    }
}
