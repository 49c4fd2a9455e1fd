using System.Globalization;

namespace Vnetcni.Simulation.Tests.Runs;

/// <summary>
/// Which seeds a run takes: one that was asked for, or so many in a row from a base. The base is fresh unless it is given, so that
/// every run of CI looks where none has looked before; it is printed, and with it the run can be repeated.
/// </summary>
internal static class SeedChoice
{
    /// <summary>Environment variable: the one seed to run.</summary>
    public const string SeedVariable = "SIMULATION_SEED";

    /// <summary>Environment variable: how many seeds.</summary>
    public const string CountVariable = "SIMULATION_SEEDS";

    /// <summary>Environment variable: the first of them.</summary>
    public const string BaseVariable = "SIMULATION_BASE";

    private const int SeedsPerSecond = 1_000;

    /// <summary>The seed that was asked for.</summary>
    public static int? Asked => Number(SeedVariable);

    /// <summary>The first seed of this run.</summary>
    public static int Base { get; } = Number(BaseVariable) ?? (int)(DateTimeOffset.UtcNow.ToUnixTimeSeconds() % (int.MaxValue / SeedsPerSecond)) * SeedsPerSecond;

    /// <summary>Fresh seeds, so many unless another number was asked for.</summary>
    public static IReadOnlyList<int> Fresh(int count) => From(Base, Number(CountVariable) ?? count);

    /// <summary>So many in a row, or the one that was asked for.</summary>
    public static IReadOnlyList<int> From(int first, int count) =>
        Asked is { } seed ? [seed] : [.. Enumerable.Range(first, count)];

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;
}
