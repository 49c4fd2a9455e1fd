namespace Vnetcni.ControllerRuntime.Diagnostics;

/// <summary>A delay that doubles with every failure up to a cap.</summary>
/// <param name="First">The delay after the first failure.</param>
/// <param name="Cap">The longest delay.</param>
public readonly record struct Backoff(TimeSpan First, TimeSpan Cap)
{
    /// <summary>The delay after <paramref name="failures"/> failures in a row; zero for none.</summary>
    public TimeSpan After(int failures)
    {
        if (failures <= 0)
            return TimeSpan.Zero;
        // Beyond 2^40 any sensible cap has long been reached, and the product must not overflow.
        var factor = Math.Pow(2, Math.Min(failures - 1, 40));
        return First.Ticks * factor >= Cap.Ticks ? Cap : First * factor;
    }
}
