using Xunit;

namespace Vnetcni.Simulation.Tests;

public sealed class SeedTests
{
    public static TheoryData<int> Seeds() => SimRun.SeedsFrom(100, 24);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_seed_keeps_the_invariants_and_heals(int seed) => SimRun.Seed(seed);
}
