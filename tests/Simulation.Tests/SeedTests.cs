using System.Globalization;
using Xunit;

namespace Vnetcni.Simulation.Tests;

public sealed class SeedTests
{
    private const int Seeds = 24;

    public static TheoryData<int> Chosen()
    {
        var asked = Environment.GetEnvironmentVariable(SimRun.SeedVariable);
        return int.TryParse(asked, CultureInfo.InvariantCulture, out var seed) ? [seed] : [.. Enumerable.Range(100, Seeds)];
    }

    [Theory]
    [MemberData(nameof(Chosen))]
    public void Every_seed_keeps_the_invariants_and_heals(int seed) => SimRun.Seed(seed);
}
