using System.Globalization;
using Vnetcni.Simulation.Tests.Runs;
using Vnetcni.Simulation.Tests.World;
using Xunit;

namespace Vnetcni.Simulation.Tests;

public sealed class SeedTests
{
    private const int FreshSeeds = 300;

    [Fact]
    public void Fresh_seeds_keep_every_invariant_and_heal() => SeedBatch.Run(
        "fresh", SeedChoice.Fresh(FreshSeeds), seed => SimRun.Seed(seed, test: nameof(Fresh_seeds_keep_every_invariant_and_heal)));

    [Fact]
    public void Seeds_that_failed_once_pass() => SeedBatch.Run(
        "regressions",
        [.. Regressions.Keys.Where(static seed => SeedChoice.Asked is not { } asked || asked == seed)],
        seed => SimRun.Seed(
            seed, Regressions[seed] ? SimOptions.OfStandalone(seed) : SimOptions.Of(seed), test: nameof(Seeds_that_failed_once_pass)));

    // One seed a line, and "standalone" when it is from before nodes had kinds; what it found follows after a #.
    private static SortedDictionary<int, bool> Regressions { get; } = new(
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "regressions.txt"))
            .Select(static line => line.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(static words => words.Length > 0)
            .ToDictionary(static words => int.Parse(words[0], CultureInfo.InvariantCulture), static words => words is [_, "standalone"]));
}
